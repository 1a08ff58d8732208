"""Which differences are studied, and together with which."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT, Factor
from whydrop.explain.sources import values
from whydrop.explain.sources.grouping import paths_of, require_difference, selected

GOOD = {"lr": 1, "wd": 1, "o": {"name": "sgd", "momentum": 0.9, "eps": 1}, "log": {"a": 1, "b": 1}}
BAD = {"lr": 2, "wd": 2, "o": {"name": "adam", "betas": [1], "eps": 2}, "log": {"a": 2, "b": 2}}
FACTORS = values.factors(GOOD, BAD)


def names(factors: tuple[Factor, ...]) -> list[str]:
    return [factor.name for factor in factors]


def test_without_choices_all_differences_are_studied_in_their_order() -> None:
    assert selected(FACTORS) == FACTORS
    assert names(FACTORS) == ["lr", "wd", "o", "o.eps", "log.a", "log.b"]


def test_only_named_factors_are_studied_and_a_section_names_all_below_it() -> None:
    assert names(selected(FACTORS, only=["log", "--lr"])) == ["lr", "log.a", "log.b"]


def test_a_name_of_a_group_means_the_group_and_not_the_section() -> None:
    assert names(selected(FACTORS, only=["o"])) == ["o"]


def test_left_out_factors_stay_as_in_good_in_the_arm_with_all_on() -> None:
    chosen = selected(FACTORS, without=["log", "wd"])
    full = (1 << len(chosen)) - 1
    arm = values.mixed(GOOD, BAD, paths_of(full, chosen))
    assert arm == {"lr": 2, "wd": 1, "o": BAD["o"], "log": GOOD["log"]}


def test_one_parameter_can_leave_the_group_of_its_choice() -> None:
    (group,) = selected(FACTORS, only=["o"], without=["o.betas"])
    assert names(group.parts) == ["o.name", "o.momentum"]
    assert group.on == {"o.name": "adam"}
    (leaf,) = selected(FACTORS, only=["o.name"])
    assert (leaf.name, leaf.parts) == ("o.name", ())


def test_a_group_switches_its_leaves_together_and_stands_at_the_first() -> None:
    chosen = selected(FACTORS, groups=["wd, log.b", ["lr", "o"]])
    assert names(chosen) == ["lr+o", "wd+log.b", "o.eps", "log.a"]
    assert chosen[1].off == {"wd": 1, "log.b": 1}
    assert names(chosen[0].parts) == ["lr", "o.name", "o.momentum", "o.betas"]


def test_a_group_of_what_good_does_not_have_is_absent_there() -> None:
    (factor,) = selected(values.factors({}, {"a": 1, "b": 2}), groups=["a,b"])
    assert (factor.off, factor.on) == (ABSENT, {"a": 1, "b": 2})


def test_a_name_may_hold_commas() -> None:
    factors = values.factors({}, {"a,b": 1, "c": 1, "a": 1})
    assert names(selected(factors, groups=["a,b,c"])) == ["a,b+c", "a"]


@pytest.mark.parametrize("option", ["only", "without", "groups"])
def test_an_unknown_name_is_answered_with_the_nearest(option: str) -> None:
    with pytest.raises(UsageError, match=r"no difference is named 'o\.epz'") as caught:
        selected(FACTORS, **{option: ["o.epz,lr" if option == "groups" else "o.epz"]})  # type: ignore[arg-type]
    assert caught.value.do == "use 'o.eps'"


@pytest.mark.parametrize("names", ["lr", "lr,lr", ",", "o.name,o.betas"])
def test_a_group_of_less_than_two_factors_is_refused(names: str) -> None:
    with pytest.raises(UsageError, match="not two studied factors"):
        selected(FACTORS, groups=[names])


def test_two_groups_with_a_factor_in_common_are_one() -> None:
    assert names(selected(FACTORS, groups=["lr,wd", "wd,o.eps"])) == [
        "lr+wd+o.eps",
        "o",
        "log.a",
        "log.b",
    ]


def test_leaving_out_everything_is_refused() -> None:
    with pytest.raises(UsageError, match="no difference is left"):
        selected(FACTORS, only=["lr"], without=["lr"])


def test_equal_inputs_are_refused_by_both_names() -> None:
    with pytest.raises(UsageError, match="no difference") as caught:
        require_difference((), "a.yaml", "b.yaml")
    assert caught.value.where == "a.yaml and b.yaml"
