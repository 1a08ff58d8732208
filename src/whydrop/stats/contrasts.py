"""Effects from outcomes: what one factor can still cost, given all runs."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whydrop.core.factor import Arm, members
from whydrop.stats.sequential import t_quantile

Floats = NDArray[np.float64]

FEWEST_DF = 4


def largest_drops(
    runs: Sequence[tuple[Arm, float]],
    k: int,
    terms: Sequence[tuple[Arm, bool]],
    alpha: float,
) -> Mapping[int, float]:
    """Return, for each factor outside the terms, the largest drop that is still possible.

    An additive least-squares fit of all runs on the proven terms and every other factor alone;
    one-sided upper limits, simultaneous over the factors (Bonferroni). A factor that seems to help
    counts as one that does nothing, so that luck does not make its limit too small. Hidden
    interactions are assumed away. Where the runs cannot tell the other factors apart, each is
    fitted by itself beside the proven terms, as if the rest did nothing.

    Args:
        runs: arm and score of each run that finished.
        k: number of factors.
        terms: proven causes as (mask, any_of): all, or any, of the mask on.
        alpha: chance that any limit is wrong.

    Returns:
        Factor -> limit, in the unit of the scores, above 0; empty while the runs are too few.
    """
    involved = 0
    for mask, _ in terms:
        involved |= mask
    others = [i for i in range(k) if not involved >> i & 1]
    arms = np.array([arm for arm, _ in runs], np.int64)
    y = np.array([score for _, score in runs])
    proven = [np.ones(len(runs))]
    for mask, any_of in terms:
        met = arms & mask
        proven.append((met != 0 if any_of else met == mask).astype(float))
    on = {i: (arms >> i & 1).astype(float) for i in others}
    joint = _upper(np.column_stack([*proven, *on.values()]), y, others, alpha / max(1, len(others)))
    if joint or not others:
        return joint
    limits: dict[int, float] = {}
    for i in others:
        limits |= _upper(np.column_stack([*proven, on[i]]), y, [i], alpha / len(others))
    return limits


def _upper(x: Floats, y: Floats, last: Sequence[int], level: float) -> dict[int, float]:
    """Return upper limits of the drops of the last columns; empty where they cannot be told."""
    df = len(y) - x.shape[1]
    if df < FEWEST_DF or np.linalg.matrix_rank(x) < x.shape[1]:
        return {}
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    variance = float(np.sum((y - x @ beta) ** 2)) / df
    se = np.sqrt(variance * np.diag(np.linalg.inv(x.T @ x)))
    bound = t_quantile(level, df)
    first = x.shape[1] - len(last)
    return {
        i: float(max(0.0, -beta[first + n]) + bound * se[first + n]) for n, i in enumerate(last)
    }


def joint_differences(rows: Sequence[Mapping[Arm, float]], group: Arm) -> list[float]:
    """Return score(context) - score(context with the whole group on), over rows and contexts.

    A context is any arm of the row without any of the group, so that each score is used once.
    """
    found = []
    for row in rows:
        for arm, score in row.items():
            together = row.get(arm | group, np.nan)
            if not arm & group and not np.isnan(score - together):
                found.append(score - together)
    return found


def interaction_differences(rows: Sequence[Mapping[Arm, float]], pair: Arm) -> list[float]:
    """Return score(both) - score(one) - score(other) + score(neither), over rows and contexts."""
    one, other = (1 << i for i in members(pair))
    found = []
    for row in rows:
        for arm in row:
            if not arm & pair:
                four = [row.get(a, np.nan) for a in (arm | pair, arm | one, arm | other, arm)]
                value = four[0] - four[1] - four[2] + four[3]
                if not np.isnan(value):
                    found.append(float(value))
    return found
