"""Two command lines: where their factors stand, how arms are put together, what is refused."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT
from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import same, words_of


def arm(good: str, bad: str, *on: str) -> str:
    pair = ArgumentPair.read(good, bad)
    paths = {factor.path for factor in pair.factors if factor.name in on}
    assert len(paths) == len(on)
    return " ".join(pair.line(paths).argv)


def test_a_factor_tells_its_place_in_both_lines() -> None:
    factors = ArgumentPair.read("A=1 t --lr 1 x", "A=1 t y --amp --lr 2").factors
    assert {f.name: f.source for f in factors} == {
        "lr": "good word 3, bad word 5",
        "argument 1": "good word 5, bad word 3",
        "amp": "bad word 4",
    }


def test_what_is_on_is_replaced_where_good_has_it() -> None:
    good, bad = "t --a 1 x --b=2 k=3", "t k=4 --b 3 y --a 9"
    assert arm(good, bad, "b") == "t --a 1 x --b 3 k=3"
    assert arm(good, bad, "k", "a") == "t --a 9 x --b=2 k=4"


def test_what_only_bad_has_goes_after_what_it_follows_there() -> None:
    good, bad = "python t.py --a 1 x --c", "python -O t.py --new --a 1 --more 2 x end --c"
    assert arm(good, bad, "O") == "python -O t.py --a 1 x --c"
    assert arm(good, bad, "new") == "python t.py --new --a 1 x --c"
    assert arm(good, bad, "more") == "python t.py --a 1 --more 2 x --c"
    assert arm(good, bad, "argument 2") == "python t.py --a 1 x end --c"


def test_positional_arguments_keep_their_order_when_options_moved() -> None:
    good, bad = "t x --a=1", "t --a=1 w x"
    assert arm(good, bad, "argument 1") == "t w x --a=1"


def test_a_list_of_overrides_stays_behind_one_option_word() -> None:
    good, bad = "t --set a=1 b=2 --lr 1", "t --lr 1 --set c=3 a=1"
    assert arm(good, bad, "c") == "t --set c=3 a=1 b=2 --lr 1"
    assert arm(good, bad, "b") == "t --set a=1 --lr 1"
    assert arm("t", "t --set a=1 b=2", "b") == "t --set b=2"
    assert arm("t --set a=1 b=2", "t --set a=1 --lr 1", "lr") == "t --set a=1 b=2 --lr 1"


def test_an_environment_factor_changes_the_environment_alone() -> None:
    pair = ArgumentPair.read("A=1 B=1 t", "A=2 t")
    lines = {factor.name: pair.line({factor.path}) for factor in pair.factors}
    assert lines["A"].env == {"A": "2", "B": "1"}
    assert lines["B"].env == {"A": "1"}
    assert lines["A"].argv == ("t",)


def test_hostile_words_pass_unchanged() -> None:
    word = "=cmd()\x1b[2J<script>\u202e"
    (factor,) = ArgumentPair.read("t", f"t --note '{word}'").factors
    assert (factor.off, factor.on) == (ABSENT, word)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("9007199254740993", "9007199254740992"),
        ("1e999", "1e998"),
        ("1e9999999999999999999", "1.0"),
    ],
)
def test_numbers_that_no_float_tells_apart_are_two(left: str, right: str) -> None:
    assert not same(left, right)
    assert same(left, left)


def test_another_program_or_script_is_noted() -> None:
    assert "different programs" in ArgumentPair.read("a x", "b x").notes[0]
    assert "different scripts" in ArgumentPair.read("python a.py", "python b.py").notes[0]


def test_a_seed_that_is_fixed_is_noted() -> None:
    assert "--seed 3" in ArgumentPair.read("t --seed 3", "t --seed 3 --lr 1").notes[0]
    assert ArgumentPair.read("t --seed {seed}", "t --seed {seed} --lr 1").notes == ()


@pytest.mark.parametrize(
    "command",
    ["a && b", "a | tee log", "a; b", "cd x; a", "a > log", "a 2>&1", "a 2> log", "a &", "a || b"],
)
def test_an_operator_of_the_shell_is_refused(command: str) -> None:
    with pytest.raises(UsageError, match="needs a shell") as caught:
        words_of(command, "--good")
    assert caught.value.where == f"--good: {command}"


@pytest.mark.parametrize("command", ["a 'x && y'", 'a "b;" c', r"a \; b", "a x=1;2", "a --f=|"])
def test_a_quoted_operator_is_a_word(command: str) -> None:
    assert len(words_of(command, "--good")) >= 2


@pytest.mark.parametrize("command", ["", "  ", "A=1", "A=1 B='x y'"])
def test_a_command_without_a_program_is_refused(command: str) -> None:
    with pytest.raises(UsageError, match="names no program"):
        words_of(command, "--bad")


@pytest.mark.parametrize("command", ["a 'b", 'a "b', "a \\"])
def test_quotes_that_do_not_close_are_refused(command: str) -> None:
    with pytest.raises(UsageError, match="cannot be split into words: no "):
        words_of(command, "--bad")


def test_a_null_byte_is_refused() -> None:
    with pytest.raises(UsageError, match="null byte"):
        words_of("a b\0c", "--good")
