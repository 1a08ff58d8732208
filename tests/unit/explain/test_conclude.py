"""From a study to its answer: the words of every situation, at every moment."""

import io
import json
import math
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console
from tests.fixtures.planted import Loss, Planted, finished, study_of, waves

from whydrop.core.metric import Metric
from whydrop.explain.conclude import conclude
from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.explain.settings import Settings
from whydrop.report import html_page, terminal

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schema/explain.json").read_text())
LOWER_IS_BETTER = Metric("loss", minimize=True, unit="raw")
VERDICTS = {"explained", "partly explained", "not reproduced", "undecided"}

WORLDS = {
    "one": Planted(5, [Loss((2,), 8.0)]),
    "only": Planted(1, [Loss((0,), 8.0)]),
    "two": Planted(6, [Loss((1,), 5.0), Loss((4,), 4.0)], number=1),
    "and": Planted(5, [Loss((0, 3), 9.0)], number=1),
    "or": Planted(5, [Loss((1, 2), 9.0, any_of=True)], number=1),
    "helping": Planted(5, [Loss((0,), 14.0), Loss((3,), -7.0)], sd=0.6, number=1),
    "nothing": Planted(4, number=3),
    "better": Planted(4, [Loss((1,), -6.0)]),
    "failing": Planted(6, [Loss((1,), 8.0)], failing=0.3, number=2),
    "unseeded": Planted(3, [Loss((1,), 4.0)], sd=0.0),
    "broken": Planted(3, failing=1.0),
    "noisy": Planted(4, [Loss((1,), 1.0)], sd=6.0),
}


def answer(world: Planted, metric: Metric | None = None, **settings: object):
    design = finished(world, world.k, **settings)
    return conclude(study_of(design, metric), design)


@pytest.fixture(scope="module")
def answers():
    return {name: answer(world) for name, world in WORLDS.items()}


def rendered(result) -> str:
    file = io.StringIO()
    terminal.print_result(result, Console(file=file, width=100))
    return file.getvalue()


@pytest.mark.parametrize(
    ("world", "verdict", "culprits"),
    [
        ("one", "explained", [("f2",)]),
        ("only", "explained", [("f0",)]),
        ("two", "explained", [("f1",), ("f4",)]),
        ("and", "explained", [("f0", "f3")]),
        ("or", "explained", [("f1", "f2")]),
        ("nothing", "not reproduced", []),
        ("better", "not reproduced", []),
        ("unseeded", "undecided", []),
        ("broken", "undecided", []),
    ],
)
def test_a_clear_situation_gets_its_verdict_and_its_culprits(answers, world, verdict, culprits):
    result = answers[world]
    assert result.verdict == verdict
    assert sorted(effect.factors for effect in result.culprits) == culprits


@pytest.mark.parametrize("world", WORLDS)
def test_every_row_has_a_verdict_and_every_answer_a_sentence(answers, world):
    result = answers[world]
    assert result.verdict in VERDICTS
    assert [row.name for row in result.factors] == [f"f{i}" for i in range(WORLDS[world].k)]
    named = {name for effect in result.culprits for name in effect.factors}
    for row in result.factors:
        assert row.verdict in ("culprit", "helps", "no effect shown", "untestable")
        assert (row.verdict in ("culprit", "helps")) == (row.name in named)
        assert (row.effect is not None) == (row.name in named)
    assert not result.sentence[0].islower()
    assert result.sentence.endswith(".")
    assert "nan" not in result.sentence and "inf" not in result.sentence


@pytest.mark.parametrize("world", WORLDS)
def test_every_answer_fits_the_schema_and_can_be_shown(answers, world):
    result = answers[world]
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(result.to_json()))
    assert "</html>" in html_page.render(result)
    assert result.factors[0].name in rendered(result)


@pytest.mark.parametrize("world", ["one", "two", "and", "or", "helping"])
def test_an_effect_is_negative_when_it_costs_and_inside_its_bounds(answers, world):
    for effect in answers[world].culprits:
        assert effect.low <= effect.value <= effect.high
    for row in answers[world].factors:
        if row.verdict == "culprit":
            assert row.effect < 0 and row.high <= 0
        if row.verdict == "helps":
            assert row.effect > 0 and row.low >= 0


def test_the_effects_are_the_planted_ones(answers):
    for world in ("one", "two", "and", "or", "helping"):
        planted = {
            tuple(f"f{i}" for i in loss.factors): -loss.points for loss in WORLDS[world].losses
        }
        for effect in answers[world].culprits:
            assert effect.low <= planted[effect.factors] <= effect.high


def test_one_culprit_is_told_in_a_sentence(answers):
    assert " lost to `f2` (" in answers["one"].sentence
    assert "together" not in answers["one"].sentence
    assert "Four other differences cost at most " in answers["one"].sentence


def test_a_pair_that_acts_only_together_is_told_so(answers):
    result = answers["and"]
    assert "`f0` and `f3` together" in result.sentence
    notes = {row.name: row.note for row in result.factors}
    assert notes["f0"] == "only together with f3: undoing one of them is enough"
    assert notes["f3"] == "only together with f0: undoing one of them is enough"


def test_a_pair_of_which_either_is_enough_is_told_so(answers):
    assert " lost to either of `f1` and `f2` (" in answers["or"].sentence
    assert "together" not in answers["or"].sentence
    notes = {row.name: row.note for row in answers["or"].factors}
    assert notes["f1"] == "f2 alone is enough too: undo all of them"
    assert notes["f2"] == "f1 alone is enough too: undo all of them"


def test_an_interaction_is_what_the_pair_does_beyond_the_sum(answers):
    (effect,) = answers["or"].interactions
    assert effect.factors == ("f1", "f2")
    assert effect.low <= 9.0 <= effect.high  # both lose 9, where the sum of each alone is 18
    assert answers["one"].interactions == ()


def test_a_factor_that_helps_is_told_apart_from_the_culprits(answers):
    result = answers["helping"]
    verdicts = {row.name: row.verdict for row in result.factors}
    assert (verdicts["f0"], verdicts["f3"]) == ("culprit", "helps")
    assert "`f3` (" in result.sentence and ") helps." in result.sentence
    assert [effect.factors for effect in result.culprits] == [("f0",), ("f3",)]


def test_a_drop_that_is_not_there_is_told_with_its_bound(answers):
    assert answers["nothing"].sentence.startswith("Good and bad do not differ by more than 1.00")


def test_runs_without_chance_and_runs_that_fail_are_told_apart(answers):
    assert answers["unseeded"].sentence.startswith("Nothing can be said of chance")
    assert any("ignores its seed" in note for note in answers["unseeded"].notes)
    assert answers["broken"].sentence.startswith("Good and bad fail every time")


def test_a_budget_that_is_too_small_leaves_the_study_undecided():
    result = answer(WORLDS["noisy"], max_trials=20)
    assert result.verdict == "undecided"
    assert result.sentence.endswith("that may be chance.")
    assert result.plan["stopped"] == "budget"
    drop = answer(WORLDS["and"], max_trials=14)
    assert drop.verdict == "undecided"
    assert "no difference is proven" in drop.sentence


def test_the_gap_is_bad_less_good(answers):
    for world in ("one", "and"):
        gap = answers[world].gap
        assert gap.low < -WORLDS[world].drop(31) < gap.high < 0
        assert answers[world].good.value > answers[world].bad.value


def test_undoing_the_named_factors_gives_back_what_was_planted(answers):
    seen = answers["one"].verification
    assert seen.low < 8.0 < seen.high
    assert seen.share == pytest.approx(1.0, abs=0.5)
    assert seen.trials > 0


def test_the_trials_are_counted(answers):
    for result in answers.values():
        trials = result.trials
        assert trials.total == len(result.study.outcomes) == sum(trials.by_phase.values())
        assert trials.failed == sum(o.state != "ok" for o in result.study.outcomes)
        assert trials.seconds == pytest.approx(2.0 * (trials.total - trials.failed))


def test_a_metric_to_be_minimised_gives_the_same_answer():
    world = WORLDS["one"]
    design = finished(world, world.k)
    up = conclude(study_of(design), design)
    down = conclude(study_of(design, LOWER_IS_BETTER), design)
    assert (down.verdict, down.culprits, down.factors) == (up.verdict, up.culprits, up.factors)
    assert down.sentence == up.sentence
    assert down.bad.value == pytest.approx(-up.bad.value)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(down.to_json()))


def test_shares_are_told_in_points():
    result = answer(WORLDS["one"], Metric("top1", unit="points"))
    assert " points" in result.sentence
    assert result.culprits[0].value == pytest.approx(-8.0, abs=2.5)


@pytest.mark.parametrize("world", ["two", "or", "failing"])
def test_an_answer_can_be_had_at_every_moment_of_a_study(world):
    planted = WORLDS[world]
    design = Design(planted.k, Settings(min_effect=1.0))
    seen = [conclude(study_of(design), design)]
    for _ in waves(design, planted):
        result = conclude(study_of(design), design)
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(result.to_json()))
        assert design.standing().trials_left >= 0
        seen.append(result)
    assert seen[0].sentence == "Too few trials have finished to say anything."
    assert {result.verdict for result in seen} <= VERDICTS
    # What is named stays named.
    counts = [len(result.culprits) > 0 for result in seen]
    assert counts == sorted(counts)
    assert seen[-1].plan["stopped"] == design.stopped
    assert all(result.plan["stopped"] == "unfinished" for result in seen[:-1])
    html_page.render(seen[len(seen) // 2])
    rendered(seen[len(seen) // 2])


def test_a_factor_that_cannot_be_switched_by_itself_is_untestable():
    world = Planted(3, [Loss((2,), 8.0)])
    constraints = [Constraint(0b001, 0b010), Constraint(0b010, 0b001)]
    design = Design(3, Settings(min_effect=1.0), constraints)
    for _ in waves(design, world):
        pass
    rows = conclude(study_of(design), design).factors
    assert [row.verdict for row in rows] == ["untestable", "untestable", "culprit"]
    assert "could not be switched by itself" in rows[0].note


def test_what_failures_taught_is_told():
    world = Planted(4, [Loss((0, 2), 8.0)])
    design = finished(lambda ask: math.nan if ask.arm & 0b11 == 0b01 else world(ask), 4)
    result = conclude(study_of(design), design)
    assert result.factors[0].failures == sum(math.isnan(score) for _, score in design.history) > 0
    assert design.failures.learnt == [Constraint(0b01, 0b10)]
    assert result.notes == (
        "Learnt from failures: `f0` as in bad with `f1` as in good never runs.",
    )


def test_a_factor_that_often_crashes_is_noted():
    world = Planted(6, [Loss((2,), 4.0), Loss((3,), 4.0)])
    design = finished(
        lambda ask: math.nan if ask.arm & 4 and ask.seed % 2 == 0 else world(ask), 6, alpha=0.001
    )
    (crash,) = design.failures.crashes()
    notes = conclude(study_of(design), design).notes
    said = f"`f2` makes trials fail: {crash.failed_on} of {crash.trials_on} with it, 0 of "
    assert any(note.startswith(said) for note in notes)


def test_the_plan_tells_what_was_frozen_before_it_was_tested(answers):
    frozen = answers["and"].plan["frozen"]
    assert frozen
    for attempt in frozen:
        assert 0 < attempt["level"] < 0.05
        assert {c["direction"] for c in attempt["contrasts"]} <= {"hurts", "helps"}
        assert {c["factor"] for c in attempt["contrasts"]} <= set(attempt["suspects"])
    assert sum(attempt["level"] for attempt in frozen) <= 0.05


@pytest.mark.parametrize("number", range(4))
def test_an_effect_is_told_only_of_contexts_in_which_it_was_measured(number):
    world = Planted(5, [Loss((1, 2), 8.0, any_of=True)], number=number)

    def score(ask):
        return math.nan if ask.arm & 0b101 == 0b001 else world(ask)

    design = finished(score, 5, seed=number)
    for row in conclude(study_of(design), design).factors:
        for context in row.contexts:
            assert "f0" not in context or "f2" in context
            assert row.name != "f2" or "f0" not in context
