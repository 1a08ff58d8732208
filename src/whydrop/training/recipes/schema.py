"""Recipe: all that sets a training, as frozen plain values with their defaults."""

from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from whydrop.training.recipes.data_sections import AnyData
from whydrop.training.recipes.model_sections import AnyModel
from whydrop.training.recipes.optimizer_sections import (
    AnyOptimizer,
    AnySchedule,
    Constant,
    Loss,
    Penalty,
)
from whydrop.training.recipes.section import (
    BelowOne,
    Count,
    Eps,
    Measured,
    Ops,
    Positive,
    Section,
    Seed,
    Share,
)

LAYERS = "all, last, or from NAME, the name of a layer"


class BatchNorm(Section):
    """BatchNorm of the whole network; null leaves what the network has.

    Attributes:
        momentum: share of a new batch in the running averages, or "cumulative" for their plain
            mean. Keras's 0.99 is 0.01 here.
        eps: added to each variance.
        frozen: running averages are used in training too, and stay as they are.
        evaluation: "running" averages; those of the training samples "reestimated" before each
            validation; or the statistics of each validation "batch" itself.
    """

    momentum: Share | Literal["cumulative"] | None = None
    eps: Eps | None = None
    frozen: bool = False
    evaluation: Literal["running", "reestimated", "batch"] = "running"


class Augment(Section):
    """What training images or skeletons go through: the form of ``whydrop.augment.to_json``.

    Attributes:
        ops: in order, each with its name under ``op`` and its fields.
        order: "safe", or "as given" to repeat published code.
        target: "pairs" or "soft", what mixed labels are given as.
        smoothing: of soft labels.
    """

    ops: Ops = ()
    order: Literal["safe", "as given"] = "safe"
    target: Literal["pairs", "soft"] = "pairs"
    smoothing: BelowOne = 0.0


class Metrics(Section):
    """What is told of the validation samples, as shares.

    Attributes:
        report: the accuracy that this program reports; ``explain`` studies it.
        also: told beside it.
    """

    report: Measured = "top1"
    also: Annotated[tuple[Measured, ...], Strict(False)] = ()


class Train(Section):
    """How long, in what portions.

    Attributes:
        layers: "all", "last", or "from NAME": see whydrop.training.trainable.
        clip_norm: gradients of all weights together are shortened to this length where they are
            longer, as by ``torch.nn.utils.clip_grad_norm_``; null leaves them.
        dtype: of the calculation; the 16-bit ones are mixed with float32.
        seed: of all chance, unless another is given.
    """

    epochs: Count
    batch_size: Count = 128
    drop_last: bool = False
    layers: Annotated[str, Field(pattern=r"^(all|last|from [\w.]+)$", description=LAYERS)] = "all"
    clip_norm: Positive | None = None
    dtype: Literal["float32", "float64", "bfloat16", "float16"] = "float32"
    seed: Seed = 0


class Recipe(Section):
    """All that sets a training.

    Attributes:
        output: what the model returns, "logits" or, by a softmax at its end, probabilities.
        initialisation: see whydrop.training.initialisers.

    Raises:
        ValidationError: an unknown key, a value of the wrong kind, or a combination that makes
            no sense. ``whydrop.training.recipes.load`` says it in words.
    """

    schema_: Literal["whydrop.recipe/1"] = Field(alias="schema")
    data: AnyData
    model: AnyModel
    output: Literal["logits", "softmax"] = "logits"
    initialisation: Literal["torch", "keras", "kaiming_normal"] = "torch"
    batchnorm: BatchNorm = BatchNorm()
    loss: Loss = Loss()
    penalty: Penalty = Penalty()
    optimizer: AnyOptimizer
    schedule: AnySchedule = Constant(name="constant")
    augment: Augment = Augment()
    metrics: Metrics = Metrics()
    train: Train

    def plain(self) -> dict[str, Any]:
        """Return the recipe as JSON-like values, with every default."""
        return self.model_dump(mode="json", by_alias=True)
