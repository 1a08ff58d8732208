"""The sentence of an answer, for answers made by hand."""

import math
from dataclasses import replace

import pytest

from whydrop.core.effect import Effect
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.result import (
    ArmRow,
    FactorRow,
    GapRow,
    Result,
    TrialsRow,
    VerificationRow,
)
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.wording import sentence_of

NAMES = ("lr", "wd", "crop", "flip")
LR = Effect(("lr",), -3.1, -4.0, -2.2)
TOGETHER = Effect(("lr", "wd"), -4.0, -5.0, -3.0)
HELPS = Effect(("crop",), 1.0, 0.5, 1.5)


def row(name: str, culprits, limit, suspect) -> FactorRow:
    effect = next((e for e in culprits if name in e.factors), None)
    verdict = "no effect shown" if effect is None else "culprit" if effect.value < 0 else "helps"
    bounds = (None,) * 3 if effect is None else (effect.value, effect.low, effect.high)
    limit = limit if effect is None else None
    return FactorRow(name, "value", 0, 1, "", *bounds, verdict, limit, suspect=name in suspect)


def said(
    *culprits: Effect,
    verdict="explained",
    gap=(-4.3, -5.0, -3.6),
    share=0.95,
    limit: float | None = 0.4,
    suspect=(),
    stopped="settled",
    unit="points",
    either=(),
    outcomes=(),
    fresh: float | None = None,
) -> str:
    study = Study(tuple(Factor(name, 0, 1) for name in NAMES), Metric("acc", unit=unit), outcomes)
    seen = (
        VerificationRow(share * -gap[0], 3.3, 5.0, 8, share, -gap[0] if fresh is None else fresh)
        if culprits
        else None
    )
    result = Result(
        verdict=verdict,
        sentence="",
        study=study,
        good=ArmRow(90.0, 89.0, 91.0, 3),
        bad=ArmRow(86.0, 85.0, 87.0, 3),
        gap=GapRow(*gap),
        culprits=culprits,
        factors=tuple(row(name, culprits, limit, suspect) for name in NAMES),
        interactions=(),
        verification=seen,
        trials=TrialsRow(30, 0, 60.0),
    )
    answer = sentence_of(result, stopped, 0.5, either)
    assert answer == replace(result, sentence=answer.sentence)
    return answer.sentence


def test_one_culprit():
    assert said(LR) == (
        "4.08 of the 4.30 points on fresh seeds were lost to `lr` (3.10 ± 0.90). "
        "Three other differences cost at most 0.4 points each."
    )


def test_culprits_are_listed_and_groups_act_together():
    flip = Effect(("flip",), -0.5, -0.7, -0.3)
    text = said(TOGETHER, flip)
    assert "lost to `lr` and `wd` together (4.0 ± 1.0) and `flip` (0.50 ± 0.20)." in text
    assert "The other difference costs at most 0.4 points." in text


def test_a_group_of_which_one_is_enough():
    text = said(TOGETHER, either=[("lr", "wd")])
    assert "lost to either of `lr` and `wd` (4.0 ± 1.0)." in text
    assert "together" not in text


def test_what_was_seen_beside_one_other_difference_only_is_told_with_it():
    wd, flip = (
        Effect((name,), -4.0, -5.0, -3.0, contexts=((other,),))
        for name, other in (("wd", "flip"), ("flip", "wd"))
    )
    text = said(wd, flip)
    assert "lost to `wd` where `flip` is as in bad (4.0 ± 1.0) and `flip` where `wd`" in text
    assert "Their costs overlap" in text  # 8 points of 4.3
    for contexts in ((), ((),), (("lr", "wd", "crop"),), (("lr",), ("wd",))):
        assert "where" not in said(replace(flip, contexts=contexts))
    assert "overlap" not in said(LR, Effect(("flip",), -2.0, -3.0, -1.0))


def test_what_helps_has_a_sentence_of_its_own():
    assert "lost to `lr` (3.10 ± 0.90). `crop` (1.00 ± 0.50) helps." in said(LR, HELPS)
    wd = Effect(("wd",), 2.0, 1.0, 3.0)
    assert "`crop` (1.00 ± 0.50) and `wd` (2.0 ± 1.0) help." in said(LR, HELPS, wd)


def test_a_part_of_the_drop_is_called_a_part():
    text = said(LR, verdict="partly explained", share=0.6)
    assert text.startswith("2.58 of the 4.30 points on fresh seeds were lost to `lr`")
    assert text.endswith("The rest is not explained yet.")


@pytest.mark.parametrize(
    ("share", "opening"),
    [
        (1.2, "All of the 4.30 points on fresh seeds were lost to"),
        (1.0, "All of the 4.30 points on fresh seeds were lost to"),
        (math.nan, "Of the 4.30 points lost, some were lost to"),
    ],
)
def test_the_opening_never_claims_more_than_the_drop(share, opening):
    assert said(LR, share=share).startswith(opening.replace("some were lost to", "some were"))


def test_the_opening_is_told_of_the_seeds_on_which_the_effects_were_measured():
    text = said(LR, gap=(-2.4, -6.1, -0.6), share=0.87, fresh=3.6)
    assert text.startswith("3.13 of the 3.60 points on fresh seeds were lost to `lr` (3.10")


def test_an_unknown_half_width_is_left_out():
    assert "lost to `lr` (3.10)." in said(Effect(("lr",), -3.1, -math.inf, math.inf))


def test_a_lopsided_interval_is_told_by_its_bounds():
    assert "`lr` (4.7, 3.6 to 7.2)" in said(Effect(("lr",), -4.7, -7.2, -3.6))
    assert "`crop` (2.1, 0.6 to 6.9) helps" in said(LR, Effect(("crop",), 2.1, 0.6, 6.9))


def test_a_bound_above_zero_does_not_look_like_zero():
    assert "`lr` (2.10, 0.03 to 6.90)" in said(Effect(("lr",), -2.1, -6.9, -0.03))
    assert "`lr` (2.1, 0.0 to 6.9)" in said(Effect(("lr",), -2.1, -6.9, 0.0))


def test_what_others_may_cost_is_rounded_up_in_the_unit_of_the_metric():
    assert "cost at most 0.5 points each" in said(LR, limit=0.41)
    loss = Effect(("lr",), -0.05, -0.06, -0.04)
    text = said(loss, gap=(-0.05, -0.06, -0.04), limit=0.0123, unit="raw")
    assert "cost at most 0.013 each" in text


def test_a_drop_that_is_not_there():
    text = said(verdict="not reproduced", gap=(-0.1, -0.42, 0.22), stopped="gap")
    assert (
        text
        == "Good and bad do not differ by more than 0.50 points: the drop is at most 0.42 points."
    )


def test_undecided_because_of_chance_or_because_nothing_is_proven():
    text = said(verdict="undecided", gap=(-2.0, -5.0, 1.0), stopped="gap")
    assert text == "The drop is between -1.0 and 5.0 points, and that may be chance."
    text = said(verdict="undecided", gap=(-2.0, -math.inf, math.inf), stopped="")
    assert text == "Bad is 2.00 points below good so far, and that may be chance."
    text = said(verdict="undecided", suspect=("lr", "crop"), stopped="budget")
    assert text.startswith("4.30 points are lost, and no difference is proven")
    assert text.endswith("Most suspected: `lr` and `crop`.")


def test_before_anything_is_measured():
    nothing = (math.nan, -math.inf, math.inf)
    text = said(verdict="undecided", gap=nothing, stopped="")
    assert text == "Too few trials have finished to say anything."


def test_studies_that_cannot_be_made():
    assert said(verdict="undecided", stopped="no noise").startswith("Nothing can be said of chance")


@pytest.mark.parametrize(
    ("works", "who"), [((0,), "Bad fails"), ((15,), "Good fails"), ((), "Good and bad fail")]
)
def test_who_fails_every_time_is_said(works, who):
    outcomes = tuple(
        Outcome.measured(Trial(n, arm, 1, "gap"), 0.9)
        if arm in works
        else Outcome.failed(Trial(n, arm, 1, "gap"), "crashed", "exit status 1")
        for n, arm in enumerate((0, 15), 1)
    )
    text = said(verdict="undecided", stopped="failing", outcomes=outcomes)
    assert text == f"{who} every time, so there is no drop to explain."


@pytest.mark.parametrize(
    ("good", "same"), [((0.9, 0.9, 0.9), "numbers"), ((0.9, 0.91, 0.89), "difference")]
)
def test_what_is_the_same_on_every_seed_is_said(good, same):
    values = [(arm, seed, y - 0.05 * (arm > 0)) for seed, y in enumerate(good) for arm in (0, 15)]
    outcomes = tuple(
        Outcome(Trial(number, arm, seed, "gap"), "ok", value)
        for number, (arm, seed, value) in enumerate(values, start=1)
    )
    text = said(verdict="undecided", stopped="no noise", outcomes=outcomes)
    assert text.endswith(f"every seed gave exactly the same {same}.")


def test_a_metric_without_a_unit_has_none():
    assert "points" not in said(LR, unit="raw")
