"""What the rules of albumentations read alike from the values that ``A.to_dict`` writes."""

from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]  # of one transform
Ends = tuple[float, float]  # of a range


def chance(t: Config) -> float:
    """Return the probability of a transform."""
    return float(t["p"])


def ends_of(values: Any) -> Ends:
    """Return the two ends of a range."""
    return float(values[0]), float(values[1])


def joined(*texts: str) -> str:
    """Return texts as one, without those that are empty."""
    return "; ".join(text for text in texts if text)
