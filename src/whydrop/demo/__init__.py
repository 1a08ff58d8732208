"""The demonstration: a small real training, a good and a bad setting, and what is planted."""

from typing import Any, Final

PROGRAM: Final = "whydrop.demo.digits:train"
METRIC: Final = "accuracy"

GOOD: Final[dict[str, Any]] = {
    "flip": 0.0,
    "eval_mode": True,
    "test_order": "shuffled",
    "loss": "cross_entropy",
    "adam_eps": 1e-8,
    "conv_bias": False,
    "init": "default",
    "order_seed": 0,
}
BAD: Final[dict[str, Any]] = {
    "flip": 0.3,
    "eval_mode": False,
    "test_order": "by class",
    "loss": "nll of log_softmax",
    "adam_eps": 1e-7,
    "conv_bias": True,
    "init": "kaiming_uniform",
    "order_seed": 1,
}

# What lowers the accuracy, as benchmarks/demo_truth.py establishes: mirrored digits alone; and
# batches of a single class where BatchNorm takes its statistics from the batch, which cost
# nothing one without the other.
PLANTED: Final = frozenset({"flip", "eval_mode", "test_order"})
