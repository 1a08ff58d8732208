"""A simulated training for ``kills.py`` and ``write_failures.py``; it is over at once."""

import random
from collections.abc import Mapping
from typing import Any


def simulated(config: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Return points: `a` costs 4, `b` and `c` together 3, `d` nothing; some trials fail."""
    chance = random.Random(f"{seed} {sorted(config.items())}")
    if chance.random() < 0.05:
        raise RuntimeError("one trial in twenty crashes")
    if chance.random() < 0.05:
        return {"top1": float("nan")}
    lost = 4.0 * config["a"] + 3.0 * (config["b"] and config["c"])
    return {"top1": 90.0 - lost + chance.gauss(0.0, 0.7)}
