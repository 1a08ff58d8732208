"""Retries: how often other libraries draw a rectangle again because it does not fit."""

from collections.abc import Sequence

import numpy as np

POINTS = 1000  # a side of the grid of areas and ratios; the share is then exact to 0.001


def share_too_large(scale: Sequence[float], ratio: Sequence[float]) -> float:
    """Return the share of rectangles that are longer than a square image.

    Args:
        scale: ends of the share of the area, uniform.
        ratio: ends of one side over the other, its logarithm uniform.

    Example:
        >>> round(share_too_large((0.08, 1.0), (3 / 4, 4 / 3)), 2)
        0.14
    """
    middles = (np.arange(POINTS) + 0.5) / POINTS
    area = scale[0] + (scale[1] - scale[0]) * middles
    log = np.log(ratio[0]) + (np.log(ratio[1]) - np.log(ratio[0])) * middles
    return float((area[:, None] * np.exp(np.abs(log)) > 1).mean())
