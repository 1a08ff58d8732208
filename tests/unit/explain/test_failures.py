"""What failed trials say of arms and factors."""

import math

import pytest
from scipy import stats

from whydrop.explain.failures import GIVE_UP, Constraint, Failures, _fisher


def tally(k: int, failing: dict[int, int], passing: dict[int, int] | None = None) -> Failures:
    failures = Failures(k)
    for arm, count in {0: 3, (1 << k) - 1: 3, **(passing or {})}.items():
        for _ in range(count):
            failures.add(arm, 80.0)
    for arm, count in failing.items():
        for _ in range(count):
            failures.add(arm, math.nan)
    return failures


def test_an_arm_that_always_failed_is_given_up():
    failures = tally(3, {0b001: GIVE_UP - 1})
    assert failures.allowed(0b001)
    failures.add(0b001, math.nan)
    assert failures.impossible(0b001)
    assert not failures.allowed(0b001)


def test_one_success_makes_an_arm_possible():
    failures = tally(3, {0b001: GIVE_UP + 2}, {0b001: 1})
    assert not failures.impossible(0b001)
    assert failures.allowed(0b001)


def test_declared_constraints_rule_arms_out():
    failures = Failures(3, (Constraint(on=0b001, off=0b010),))
    assert [arm for arm in range(8) if not failures.allowed(arm)] == [0b001, 0b101]


def test_a_difference_that_needs_another_one_is_learnt():
    # Factor 0 runs only with factor 1: arms that tell this pair from any other.
    failures = tally(
        4,
        {0b0001: GIVE_UP, 0b0101: GIVE_UP, 0b1001: GIVE_UP},
        {0b0011: 1, 0b0100: 1, 0b1000: 1, 0b0111: 1, 0b1011: 1},
    )
    assert failures.learnt == [Constraint(on=0b0001, off=0b0010)]
    assert not failures.allowed(0b1101)


def test_what_the_bad_run_itself_does_is_no_reason_to_fail():
    # All arms with factors 0 and 1 both on fail, except the bad run.
    passing = dict.fromkeys((0b0001, 0b0010, 0b0101, 0b0110, 0b1001, 0b1010), 1)
    failures = tally(4, dict.fromkeys((0b0011, 0b0111, 0b1011), GIVE_UP), passing)
    assert all(failures.allowed(arm) for arm in (*passing, 0, 0b1111))
    assert not any(c.rules_out(0b1111) or c.rules_out(0) for c in failures.learnt)


def test_nothing_is_learnt_while_two_reasons_are_possible():
    failures = tally(4, {0b0001: GIVE_UP, 0b0101: GIVE_UP}, {0b0100: 1})
    assert failures.learnt == []
    assert failures.allowed(0b1101)


def test_failures_by_chance_are_no_constraint():
    failures = tally(4, {0b0001: 2, 0b0101: 2, 0b1001: 2, 0b0100: 1}, {0b0010: 2})
    assert failures.learnt == []
    assert all(failures.allowed(arm) for arm in range(16))


def test_a_constraint_never_rules_out_what_has_run():
    failures = tally(4, dict.fromkeys((1, 5, 9), GIVE_UP), {0b1101: 1, 0b0011: 1})
    assert not any(c.rules_out(arm) for c in failures.learnt for arm in failures.passed)


@pytest.mark.parametrize(
    "table", [(8, 2, 1, 9), (0, 5, 5, 0), (3, 0, 0, 3), (4, 6, 2, 9), (0, 3, 0, 3), (12, 1, 3, 20)]
)
def test_the_p_value_is_fishers(table):
    on, off = table[:2], table[2:]
    expected = stats.fisher_exact([on, off], alternative="greater").pvalue
    assert _fisher(*table) == pytest.approx(expected)


def test_a_factor_that_makes_trials_fail_is_found():
    failing = {0b001: 2, 0b011: 2, 0b101: 2, 0b111: 2}
    passing = {0b000: 6, 0b010: 6, 0b100: 6, 0b110: 6, 0b001: 1, 0b011: 1, 0b101: 1, 0b111: 1}
    (crash,) = tally(3, failing, passing).crashes()
    assert crash.factor == 0
    assert (crash.failed_on, crash.trials_on) == (6, 9)  # the bad run itself is left out
    assert (crash.failed_off, crash.trials_off) == (0, 18)


def test_a_few_failures_are_no_evidence_of_a_crash():
    assert tally(3, {0b001: 1, 0b101: 1}, {0b010: 3, 0b001: 2}).crashes() == ()
    assert Failures(3).crashes() == ()


def test_arms_that_cannot_run_do_not_count_against_a_factor():
    failures = tally(2, {0b01: 30}, {0b10: 3})
    assert failures.impossible(0b01)
    assert failures.crashes() == ()


def test_two_factors_that_were_on_in_the_same_arms_are_not_told_apart():
    # Whatever of factors 0 and 1 makes the runs fail, both were on whenever they did.
    together = {0b0011: 6, 0b0111: 6, 0b1011: 6}
    passing = dict.fromkeys((0b0100, 0b1000, 0b1100), 6)
    assert tally(4, together, {**passing, 0b0011: 1, 0b0111: 1, 0b1011: 1}).crashes() == ()
    # Arms with one of them alone decide it.
    apart = {**together, 0b0001: 5, 0b0101: 5}
    found = tally(4, apart, {**passing, 0b0011: 1, 0b0001: 1, 0b0010: 5, 0b0110: 5}).crashes()
    assert [crash.factor for crash in found] == [0]
