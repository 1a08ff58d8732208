"""What a study costs, before it runs: expected trials, and the smallest drop a budget can prove.

The formulas are fits to simulated studies of one culprit with level noise, in units of the noise:
``gap`` is the drop over the standard deviation between seeds.
"""

import math

from whydrop.stats.sequential import needed_differences

MOST = 1e4  # standard deviations: more than any drop


def expected_trials(k: int, gap: float, *, alpha: float = 0.05) -> float:
    """Return the trials that a study of k factors is expected to take.

    Args:
        k: factors, at least 1.
        gap: the drop, in standard deviations between seeds, above 0.
        alpha: chance of naming a harmless factor.

    Example:
        >>> [round(expected_trials(10, gap)) for gap in (2, 4, 8)]
        [67, 33, 25]
    """
    pair_sd = math.sqrt(2)  # of a difference of two trials
    checks = 2 * needed_differences(gap, pair_sd, alpha)
    screen = min((2.5 + 1.4 * math.log2(k)) * (0.6 + 6.4 / gap**2), 3 * k + 12) if k > 1 else 0.0
    verification = 18 * (2 / 3 + 16 / 3 / gap**2)
    return checks + screen + verification


def smallest_provable(k: int, max_trials: int, *, alpha: float = 0.05) -> float:
    """Return the smallest drop, in standard deviations, that is expected to fit a budget.

    Example:
        >>> round(smallest_provable(10, 150), 1), round(smallest_provable(10, 40), 1)
        (1.2, 3.2)
    """
    low, high = 0.0, MOST
    if expected_trials(k, high, alpha=alpha) > max_trials:
        return math.inf
    while high - low > 1e-3 * high:
        middle = math.sqrt(low * high) if low else high / 2
        fits = expected_trials(k, middle, alpha=alpha) <= max_trials
        low, high = (low, middle) if fits else (middle, high)
    return high
