"""What named factors do together."""

from dataclasses import replace

from tests.fixtures.results import by_hand

from whydrop.core.effect import Effect
from whydrop.report.joint import together


def test_a_pair_that_hurts_only_together_is_told_from_one_where_either_hurts():
    result = by_hand()
    (pair,) = result.interactions
    assert together(pair, result) == (
        "only together: crop and cutout cost 1.2 ± 0.5; undoing either is enough"
    )
    either = replace(pair, value=1.1, low=0.5, high=1.7)
    assert together(either, result) == (
        "either alone is enough to hurt: crop or cutout costs 1.2 ± 0.5; undo both"
    )
    unsure = replace(pair, high=0.1)
    assert together(unsure, result) == ("crop and cutout: whether they act together is not shown")


def test_factors_proven_one_by_one_are_compared_with_the_sum_of_each_alone():
    result = by_hand()
    more = Effect(("output", "crop"), -0.8, -1.1, -0.5)
    assert together(more, result) == (
        "together output and crop cost 0.8 ± 0.3 more than the sum of each alone"
    )
    less = Effect(("output", "crop"), 0.8, 0.5, 1.1)
    assert together(less, result).endswith("cost 0.8 ± 0.3 less than the sum of each alone")


def test_three_that_hurt_only_together_are_undone_by_any_one():
    result = by_hand()
    trio = Effect(("output", "crop", "cutout"), -2.0, -3.0, -1.0)
    sentence = together(trio, replace(result, culprits=(trio,)))
    assert sentence == (
        "only together: output, crop and cutout cost 2.0 ± 1.0; undoing any one is enough"
    )
