"""The weights of mixing: Beta(alpha, alpha), as a function of uniform numbers."""

import math
from functools import lru_cache

import numpy as np

from whydrop.augment.op import Floats

_CLOSE = 1e-14  # relative change of x at which Newton's method has arrived
_MOST_STEPS = 100


def symmetric_beta(u: Floats, alpha: float) -> Floats:
    """Return the numbers that Beta(alpha, alpha) exceeds with probability 1 - u.

    The same with and without SciPy to 1e-12, alpha from 0.01 to 100; without it a call takes a
    few times as long. Alpha 1 gives u itself.

    Args:
        u: float64 in (0, 1), of any shape.
        alpha: above 0.

    Example:
        >>> symmetric_beta(np.array([0.25, 0.5]), 1.0)
        array([0.25, 0.5 ])
    """
    if alpha == 1.0:
        return u
    try:
        from scipy.special import betaincinv
    except ImportError:
        return symmetric_beta_by_newton(u, alpha)
    return np.asarray(betaincinv(alpha, alpha, u), dtype=np.float64)


def symmetric_beta_by_newton(u: Floats, alpha: float) -> Floats:
    """Return what ``symmetric_beta`` returns, by NumPy alone.

    Newton's method for ln F over ln x on the lower half; the upper half is its mirror image.
    ln F is convex there for alpha below 1 and concave above, so that the steps only ever go down
    from the start, or only up.

    Source: Abramowitz and Stegun (1964), 26.5.4 and 15.3.3:
    F(x) = (x (1 - x))^alpha S(x) / (alpha B(alpha, alpha)), S(x) = 2F1(1, 2 alpha; alpha + 1; x).
    """
    coefficients = _series(alpha)
    scale = math.log(alpha) + 2 * math.lgamma(alpha) - math.lgamma(2 * alpha)  # ln(alpha B)
    log_p = np.log(np.minimum(u, 1 - u))
    # F is x^alpha / (alpha B) near 0, and 1/2 in the middle: no solution is beyond either.
    log_x = np.minimum((log_p + scale) / alpha, math.log(0.5))
    for _ in range(_MOST_STEPS):
        x = np.exp(log_x)
        series = np.zeros_like(x)
        for coefficient in coefficients:  # Horner's rule, the highest power first
            series *= 2 * x
            series += coefficient
        log_cdf = alpha * (log_x + np.log1p(-x)) + np.log(series) - scale
        # the slope of ln F over ln x is alpha / ((1 - x) S)
        step = (log_p - log_cdf) * (1 - x) * series / alpha
        log_x = np.minimum(log_x + step, math.log(0.5))
        if np.all(np.abs(step) * x < _CLOSE):
            break
    x = np.exp(log_x)
    return np.where(u < 0.5, x, 1 - x)


@lru_cache(maxsize=32)
def _series(alpha: float) -> tuple[float, ...]:
    """Return the coefficients of S in powers of 2x, the highest first, for x up to 1/2."""
    terms, total = [1.0], 1.0
    while terms[-1] > 1e-17 * total:
        k = len(terms) - 1
        terms.append(terms[-1] * (2 * alpha + k) / (alpha + 1 + k) / 2)
        total += terms[-1]
    return tuple(reversed(terms))
