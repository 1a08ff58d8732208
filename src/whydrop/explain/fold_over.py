"""The fold-over fallback: a fixed additive screen for when the adaptive one named nothing.

A two-level orthogonal array and its mirror image free every main effect from all two-factor
interactions, at the price of a fixed number of trials.

Source: Box and Hunter (1961), Technometrics 3, 311-351.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from whydrop.core.factor import Arm, arm_of
from whydrop.stats.sequential import t_quantile


def arms(k: int, random: np.random.Generator) -> tuple[Arm, ...]:
    """Return the arms of the design: 2 x 8, 16, 32, ... rows with more columns than factors."""
    n = 8
    while n < k + 1:
        n *= 2
    columns = 1 + random.permutation(n - 1)[:k]
    # Sylvester's Hadamard matrix: the sign is the parity of the bits that row and column share.
    rows = np.arange(n)[:, None] & columns[None, :]
    on = np.bitwise_count(rows) % 2 == 0
    both = np.concatenate([on, ~on])
    return tuple(int(a) for a in both @ (1 << np.arange(k, dtype=np.int64)))


def large_effects(k: int, runs: Sequence[tuple[Arm, float]], alpha: float) -> Mapping[int, float]:
    """Return factor -> t for the main effects beyond alpha / k in an additive fit of the runs."""
    n = len(runs)
    if n <= k + 2:
        return {}
    on = np.array([[arm >> i & 1 for i in range(k)] for arm, _ in runs], float)
    x = np.column_stack([np.ones(n), on])
    y = np.array([score for _, score in runs])
    if np.linalg.matrix_rank(x) < k + 1:
        return {}
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    df = n - k - 1
    variance = float(np.sum((y - x @ beta) ** 2)) / df
    se = np.sqrt(variance * np.diag(np.linalg.inv(x.T @ x)))[1:]
    t = beta[1:] / np.maximum(se, 1e-12)
    bound = t_quantile(alpha / (2 * k), df)
    return {i: float(t[i]) for i in range(k) if abs(t[i]) > bound}


def suspects(effects: Mapping[int, float], most: int) -> Arm:
    """Return the factors with the largest effects, at most so many."""
    return arm_of(sorted(effects, key=lambda i: -abs(effects[i]))[:most])
