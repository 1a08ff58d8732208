"""Mirrored pairs: exact for factors that do nothing, unbiased for causes that add up."""

import math

import numpy as np
import pytest

from whydrop.explain import mirror
from whydrop.explain.mirror import MirrorAttempt
from whydrop.stats.explanations import Explanations, Terms

K = 5
BAD = (1 << K) - 1
EFFECTS = (4.0, 3.0, -2.0, 0.0, 0.0)  # points lost by each factor
HARMLESS = 3


def screened(seed: int, effects=EFFECTS):
    """Return scores of both ends and of some arms, as a screen leaves them."""
    rng = np.random.default_rng(seed)
    scores: dict[int, list[float]] = {}
    for arm in [0, BAD] * 3 + [int(a) for a in rng.integers(1, BAD, 8)]:
        drop = sum(e for i, e in enumerate(effects) if arm >> i & 1)
        scores.setdefault(arm, []).append(80 - drop + float(rng.standard_normal()))
    return scores


def free(arm: int) -> bool:
    return True


def begun(seed: int = 0, *, scores=None, allowed=free, known=0) -> MirrorAttempt:
    beliefs = Explanations(Terms.of(K), scores or screened(seed))
    random = np.random.default_rng(seed)
    frozen = mirror.freeze(beliefs, named=known, level=0.05, random=random, allowed=free)
    return MirrorAttempt(
        frozen, beliefs, known=known, last=False, min_effect=0.5, random=random, allowed=allowed
    )


def rows_of(rng, pairs: int, effects=EFFECTS) -> list[dict[int, float]]:
    """Return so many mirrored pairs of random arms with their scores, no arm twice."""
    rows: list[dict[int, float]] = []
    for arm in rng.permutation(1 << (K - 1))[:pairs]:
        first = int(arm) if rng.random() < 0.5 else BAD & ~int(arm)
        rows.append(
            {
                a: 80
                - sum(e for i, e in enumerate(effects) if a >> i & 1)
                + float(rng.standard_normal())
                for a in (first, BAD & ~first)
            }
        )
    return rows


def together(scores, rows) -> dict[int, list[float]]:
    """Return the scores with those of the rows that did not fail."""
    merged = {arm: list(values) for arm, values in scores.items()}
    for row in rows:
        for arm, score in row.items():
            if not math.isnan(score):
                merged.setdefault(arm, []).append(score)
    return merged


def told(rows, scores, *, allowed=free) -> MirrorAttempt:
    """Return an attempt that has seen these pairs; scores are all but theirs."""
    attempt = begun(0, scores=scores, allowed=allowed)
    attempt.rows(2 * len(rows), 100)
    attempt.add(rows, together(scores, rows))
    return attempt


@pytest.mark.parametrize("turned", [0, 3, 7])
@pytest.mark.parametrize("factor", range(K))
def test_turning_over_a_coin_turns_over_its_unit_and_no_other_of_that_factor(turned, factor):
    scores = screened(1)
    rows = rows_of(np.random.default_rng(2), 8)
    # The same scores, had the coin of this factor fallen the other way in one pair.
    other = list(rows)
    other[turned] = {arm ^ 1 << factor: score for arm, score in rows[turned].items()}
    before = told(rows, scores).naming.units[factor]
    after = told(other, scores).naming.units[factor]
    expected = [-unit if n == turned else unit for n, unit in enumerate(before)]
    assert after == pytest.approx(expected, abs=1e-8)
    assert abs(before[turned]) > 1e-3


def test_units_are_unbiased_for_causes_that_add_up():
    scores = screened(3)
    rng = np.random.default_rng(6)
    means = []
    for _ in range(60):
        units = told(rows_of(rng, 8), scores).naming.units
        means.append([math.fsum(units[i]) / len(units[i]) for i in range(K)])
    found, error = np.mean(means, axis=0), np.std(means, axis=0, ddof=1) / math.sqrt(len(means))
    assert np.all(np.abs(found - EFFECTS) < 4 * error)
    assert np.all(error < 0.5)


def test_predicting_the_other_factors_takes_their_effects_off_the_noise():
    scores = screened(3)
    rows = rows_of(np.random.default_rng(9), 12)
    units = told(rows, scores).naming.units[HARMLESS]
    raw = [
        (1 if first >> HARMLESS & 1 else -1) * (row[second] - row[first])
        for row in rows
        for first, second in [tuple(row)]
    ]
    assert np.std(units) < 0.7 * np.std(raw)


def test_pairs_are_mirror_images_that_may_run():
    forbidden = {0b00001, 0b11100, 0b10101}
    attempt = begun(4, allowed=lambda arm: arm not in forbidden)
    pairs = attempt.rows(20, 100)
    assert pairs
    for first, second in pairs:
        assert first ^ second == BAD
        assert not {first, second} & forbidden


def test_a_world_without_a_pair_that_may_run_gets_none():
    assert begun(4, allowed=lambda arm: arm == 0).rows(4, 100) == []


def test_units_whose_turned_pair_could_not_run_are_left_out():
    scores = screened(1)
    rows = rows_of(np.random.default_rng(2), 6)
    arm = next(iter(rows[0]))
    attempt = told(rows, scores, allowed=lambda a: a != arm ^ 1)
    # For factor 0 that pair had no fair coin; for factor 1 it had.
    usable = sum(arm ^ 1 not in {a ^ 1 for a in row} for row in rows)
    assert len(attempt.naming.units[0]) == usable < len(rows)
    assert len(attempt.naming.units[1]) == sum(arm ^ 1 not in {a ^ 2 for a in row} for row in rows)


def test_pairs_with_a_failure_are_left_out():
    rows = rows_of(np.random.default_rng(2), 6)
    rows[2][next(iter(rows[2]))] = math.nan
    attempt = told(rows, screened(1))
    assert all(len(units) == 5 for units in attempt.naming.units.values())


def test_seeds_for_the_share_are_no_pairs_though_two_arms_are_left_of_them():
    # With every factor named, the share has only two arms: good and bad. No coin was tossed.
    scores, rows = screened(1), rows_of(np.random.default_rng(2), 8)
    attempt = told(rows, scores)
    attempt.naming.named[:] = range(K)
    attempt.share.named = BAD
    assert attempt.rows(4, 100)[0] == (0, BAD)
    units = {factor: len(values) for factor, values in attempt.naming.units.items()}
    attempt.add([{0: 80.0, BAD: 36.0}], together(scores, rows))
    assert {factor: len(values) for factor, values in attempt.naming.units.items()} == units
    assert attempt.share.gap() == [44.0]


def test_the_plan_covers_all_factors_not_yet_named_and_no_more_than_its_level():
    attempt = begun(0, known=0b00001)
    assert set(attempt.naming.contrasts) == {1, 2, 3, 4}
    assert attempt.frozen.suspects == BAD
    assert attempt.frozen.level == attempt.naming.level == 0.05
    assert all(c.contexts == () and abs(c.sign) == 1 for c in attempt.naming.contrasts.values())
    assert attempt.named == 0b00001


def test_no_more_pairs_are_asked_for_than_the_budget_has():
    assert len(begun(0).rows(2, 6)) == 3
