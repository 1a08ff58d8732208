"""Laws of command lines: what every arm of any two command lines is made of."""

import shlex
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import ASSIGNMENT, CommandLine, Unit, same

# Few words, so that two lines share many of them and every rule of the grammar meets the others.
# fmt: off
WORDS = st.sampled_from([
    "--lr", "--lr=1", "--lr=0.1", "--amp", "--no-amp", "--set", "--cfg", "-v", "-b8", "-b", "-D",
    "1", "1.0", "0.1", "1e-1", "data", "other", "-1", "lr=1", "lr=2", "a.b=1", "a.b=2", "+c=1",
    "~c", "--", "python", "train.py", "-m", "-u",
])
# fmt: on
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
LINES = st.tuples(
    st.lists(st.sampled_from(["LR=1", "LR=2", "X="]), max_size=2, unique=True),
    st.sampled_from(["train", "python", "uv"]),
    st.lists(WORDS | TEXT, max_size=12),
)
Line = tuple[list[str], str, list[str]]


def typed(line: Line) -> str:
    env, program, words = line
    return " ".join([*env, shlex.join([program, *words])])


def ordered(line: CommandLine) -> list[Unit]:
    return [unit for unit in line.units if unit.ordered]


@given(LINES, LINES)
@settings(max_examples=60, deadline=None)
def test_the_arm_with_nothing_on_is_good_word_for_word(good: Line, bad: Line) -> None:
    pair = ArgumentPair.read(typed(good), typed(bad))
    line = pair.line(())
    assert list(line.argv) == [good[1], *good[2]]
    assert line.env == dict(ASSIGNMENT.fullmatch(word).groups() for word in good[0])  # type: ignore[union-attr]


@given(LINES, LINES)
@settings(max_examples=60, deadline=None)
def test_the_arm_with_all_on_holds_the_pieces_of_bad(good: Line, bad: Line) -> None:
    pair = ArgumentPair.read(typed(good), typed(bad))
    line = pair.line({factor.path for factor in pair.factors})
    levels = {unit.slot: unit.level for unit in line.units}
    wanted = {unit.slot: unit.level for unit in pair.bad.units}
    assert levels.keys() == wanted.keys()
    assert all(same(levels[slot], wanted[slot]) for slot in wanted)
    assert [unit.slot for unit in ordered(line)] == [unit.slot for unit in ordered(pair.bad)]
    assert line.env == pair.bad.env


@given(LINES, st.lists(st.booleans(), min_size=12, max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_arm_with_all_on_is_bad_word_for_word_where_nothing_shared_moved(
    line: Line, kept: list[bool]
) -> None:
    env, program, words = line
    less = (env, program, [word for word, keep in zip(words, kept, strict=False) if keep])
    for good, bad in ((line, less), (less, line)):
        pair = ArgumentPair.read(typed(good), typed(bad))
        shared = {unit.slot for unit in pair.good.units} & {unit.slot for unit in pair.bad.units}
        orders = [
            [unit.slot for unit in side.units if unit.slot in shared]
            for side in (pair.good, pair.bad)
        ]
        spellings = [
            {unit.slot: unit.words for unit in side.units if unit.slot in shared}
            for side in (pair.good, pair.bad)
        ]
        changed = {f.path for f in pair.factors}
        steady = all(
            spellings[0][slot] == spellings[1][slot] for slot in shared if slot[0] not in changed
        )
        if orders[0] == orders[1] and steady:
            assert pair.line(changed).argv == pair.bad.argv


@given(LINES, LINES, st.integers(min_value=0))
@settings(max_examples=60, deadline=None)
def test_every_arm_holds_good_or_bad_pieces_and_nothing_else(
    good: Line, bad: Line, chosen: int
) -> None:
    pair = ArgumentPair.read(typed(good), typed(bad))
    on = {factor.path for i, factor in enumerate(pair.factors) if chosen >> i & 1}
    wanted = {unit.slot: unit.level for unit in pair.good.units if unit.path not in on}
    wanted |= {unit.slot: unit.level for unit in pair.bad.units if unit.path in on}
    found = {unit.slot: unit.level for unit in pair.line(on).units}
    assert found.keys() == wanted.keys()
    assert all(same(found[slot], wanted[slot]) for slot in wanted)


@given(LINES, LINES)
@settings(max_examples=60, deadline=None)
def test_names_are_unique(good: Line, bad: Line) -> None:
    names = Counter(factor.name for factor in ArgumentPair.read(typed(good), typed(bad)).factors)
    assert not [name for name, count in names.items() if count > 1]


@given(LINES)
@settings(max_examples=60, deadline=None)
def test_a_line_does_not_differ_from_itself(line: Line) -> None:
    assert ArgumentPair.read(typed(line), typed(line)).factors == ()
