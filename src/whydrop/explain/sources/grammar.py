"""Reads two command lines together into units.

Only the program knows its own grammar. What the words of one line leave open is settled with the
help of the other, by these rules:

1. ``--key=value`` is an option with its value; so is ``-b128``, one letter and then digits.
2. A word that follows an option is a positional argument if the other line has the same word
   where it cannot belong to that option.
3. Otherwise an option takes the word after it as its value. After a number it takes further
   numbers, after another word further such words if their count differs between the lines; but
   no further word if it is also written ``--key=value``. The rest are positional arguments.
4. An option that also stands alone, or that only one line has before a word that is no number,
   is a flag if only then both lines have equally many positional arguments.
5. ``key=value``, ``+key=value`` and ``~key`` are overrides, known by their key. Options that are
   repeated with overrides (``-D a=1 -D b=2``) and those with a list (``--set a=1 b=2``) are one
   piece for each key.
6. ``--no-x`` is the other level of ``--x`` where both are used.
7. After ``--`` all words are positional, unless a long option follows in both lines: then ``--``
   divides a launcher from its program, and each has options of its own.

A wrong guess spoils the name of a factor at most, or puts two things in one: the words go back
to where they were found.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Literal

from whydrop.explain.sources.command_line import (
    NUMBER,
    CommandLine,
    Given,
    Path,
    Slot,
    Unit,
    words_of,
)
from whydrop.explain.sources.words import (
    INTERPRETER,
    Key,
    Line,
    Role,
    Word,
    divides,
    join_rest,
    lex,
)

Style = Literal["each", "list"]
_Runs = dict[Key, list[list[Word]]]  # for each option, the words after each occurrence

_NEGATION = re.compile(r"--no[-_](.+)", re.DOTALL)


def read_pair(good: str, bad: str) -> tuple[CommandLine, CommandLine]:
    """Return two command lines as units, each read with the help of the other.

    Raises:
        UsageError: see ``words_of``.
    """
    texts = words_of(good, "--good"), words_of(bad, "--bad")
    divided = all(divides(text) for text in texts)
    one, other = (lex(text, divided) for text in texts)
    if ("--" in texts[0]) != ("--" in texts[1]):
        join_rest(one)
        join_rest(other)
    _settle_by_the_other_line(one, other)
    _settle_counts(one, other)
    _settle_flags(one, other)
    styles = _settle_overrides(one, other)
    keys = {word.key for word in one + other if word.role == "option"}
    return _aligned(*(list(_units(line, styles, keys)) for line in (one, other)))


# What a word is


def _runs(line: Line, role: Role) -> _Runs:
    runs: _Runs = defaultdict(list)
    after: dict[Word, list[Word]] = {}
    for word in line:
        if word.role == "option" and word.inline is None:
            after[word] = []
            runs[word.key].append(after[word])
        elif word.holder is not None and word.role == role:
            after[word.holder].append(word)
    return runs


def _stand_alone(*lines: Line) -> set[Key]:
    """Return the options that somewhere have no word after them that could be theirs."""
    held = {word.holder for line in lines for word in line}
    return {
        word.key
        for line in lines
        for word in line
        if word.role == "option" and word.inline is None and word not in held
    }


def _release(line: Line, chosen: set[Word]) -> None:
    """Make chosen loose words positional, with all that follow them after the same option."""
    for runs in _runs(line, "loose").values():
        for run in runs:
            start = next((i for i, word in enumerate(run) if word in chosen), len(run))
            for word in run[start:]:
                word.role, word.holder = "positional", None


def _settle_by_the_other_line(one: Line, other: Line) -> None:
    """Apply rule 2."""
    alone = _stand_alone(one, other)
    moved: set[Word] = set()
    for line, mirror in ((one, other), (other, one)):
        runs, mirrored = _runs(line, "loose"), _runs(mirror, "loose")
        for word in line:
            if word.role != "loose":
                continue
            mine = _freedom(word, runs, mirrored, alone)
            twins = (twin for twin in mirror if twin.text == word.text)
            theirs = max((_freedom(twin, mirrored, runs, alone) for twin in twins), default=0)
            if mine and theirs and mine + theirs > 2:
                moved.add(word)
    _release(one, moved)
    _release(other, moved)


def _freedom(word: Word, own: _Runs, mirrored: _Runs, alone: set[Key]) -> int:
    """Return 2 for a likely positional argument, 1 for a possible one, 0 for a value."""
    if word.role != "loose" or word.holder is None:
        return 2 if word.role == "positional" else 0
    key = word.holder.key
    if any(twin.text == word.text for run in mirrored.get(key, ()) for twin in run):
        return 0
    if key in alone:
        return 2
    if any(run and run[0] is word for run in own[key]):
        return 0 if key in mirrored else 1
    return 0 if _is_number(word) else 2


def _settle_counts(one: Line, other: Line) -> None:
    """Apply rule 3."""
    sides = [_runs(line, "loose") for line in (one, other)]
    single = {word.key for word in one + other if word.inline is not None}
    for key in sides[0].keys() | sides[1].keys():
        runs = [[run for run in side.get(key, ()) if run] for side in sides]
        flat = [run for side in runs for run in side]
        further = {word for run in flat for word in run[1:]}
        numbers = any(_is_number(run[0]) for run in flat)
        if numbers:
            further -= {word for word in further if _is_number(word) and key not in single}
        elif key not in single and Counter(map(len, runs[0])) != Counter(map(len, runs[1])):
            further = {word for word in further if _is_number(word)}
        _release(one, further)
        _release(other, further)


def _is_number(word: Word) -> bool:
    return word.text == "{seed}" or NUMBER.fullmatch(word.text) is not None


def _settle_flags(one: Line, other: Line) -> None:
    """Apply rule 4."""
    sides = [_runs(line, "loose") for line in (one, other)]
    doubtful = _stand_alone(one, other)
    doubtful |= {
        key
        for key in sides[0].keys() ^ sides[1].keys()
        if not any(_is_number(run[0]) for side in sides for run in side.get(key, ()) if run)
    }
    for key in sorted(doubtful):
        counts = [sum(word.role == "positional" for word in line) for line in (one, other)]
        freed = [{word for run in side.get(key, ()) for word in run} for side in sides]
        if counts[0] != counts[1] and counts[0] + len(freed[0]) == counts[1] + len(freed[1]):
            _release(one, freed[0])
            _release(other, freed[1])


def _settle_overrides(one: Line, other: Line) -> dict[Key, Style]:
    """Apply rule 5 and return how each option with overrides of its own writes them."""
    styles: dict[Key, Style] = {}
    alone = _stand_alone(one, other)
    free = {word.key for word in one + other if word.role == "override" and not word.holder}
    sides = [_runs(line, "override") for line in (one, other)]
    for key in sides[0].keys() | sides[1].keys():
        runs = [side.get(key, []) for side in sides]
        held = [word for side in runs for run in side for word in run]
        if key in alone or any(word.key in free for word in held):
            for word in held:
                word.holder = None
        elif all(len(run) == 1 for side in runs for run in side) and max(map(len, runs)) > 1:
            styles[key] = "each"
        elif max(map(len, runs)) == 1 and max(len(run) for side in runs for run in side) > 1:
            styles[key] = "list"
        else:
            for word in held:
                word.role = "loose"
    return styles


# Units


def _units(line: Line, styles: dict[Key, Style], keys: set[Key]) -> Iterator[Unit]:
    values: dict[Word | None, list[str]] = defaultdict(list)
    for word in line:
        if word.role == "loose":
            values[word.holder].append(word.text)
    for word in line:
        match word.role:
            case "environment":
                yield Unit((("environment", word.key[1]), 0), word.words, word.text, word.at)
            case "option" if word.key not in styles:
                yield _option_unit(word, values[word], keys)
            case "override":
                yield _override_unit(word, styles)
            case "program" | "script" | "positional":
                yield Unit(((word.role,), 0), word.words, word.text, word.at, ordered=True)


def _option_unit(word: Word, values: list[str], keys: set[Key]) -> Unit:
    part, name = word.key
    level: Given = True
    if word.inline is not None and part != INTERPRETER:
        level = word.inline
    elif values:
        level = values[0] if len(values) == 1 else values
    negation = _NEGATION.fullmatch(name)
    if negation and (part, f"--{negation[1]}") in keys and level is True:
        name, level = f"--{negation[1]}", False
    elif part == INTERPRETER and word.inline:
        level = word.inline
    return Unit((("option", part, name), 0), (*word.words, *values), level, word.at)


def _override_unit(word: Word, styles: dict[Key, Style]) -> Unit:
    part, name = word.key
    level: Given = False if word.inline is None else word.inline
    if word.holder is None:
        return Unit((("override", part, name), 0), word.words, level, word.at)
    holder = word.holder
    slot: Slot = (("override", part, name, holder.text), 0)
    if styles[holder.key] == "list":
        return Unit(slot, word.words, level, word.at, owner=holder.text)
    return Unit(slot, (holder.text, *word.words), level, holder.at)


def _aligned(good: list[Unit], bad: list[Unit]) -> tuple[CommandLine, CommandLine]:
    """Give units of the two lines that are levels of one thing the same slot."""
    scripts = [[i for i, u in enumerate(side) if u.path == ("script",)] for side in (good, bad)]
    if all(scripts):
        _pair_positionals(good, bad, (0, 0), (scripts[0][0], scripts[1][0]))
        _pair_positionals(good, bad, (scripts[0][0], scripts[1][0]), (len(good), len(bad)))
    else:
        for side, at in zip((good, bad), scripts, strict=True):
            for i in at:
                side[i] = replace(side[i], slot=(("positional",), 0))
        _pair_positionals(good, bad, (0, 0), (len(good), len(bad)))
    _number_the_rest(good)
    _number_the_rest(bad, "bad")
    return CommandLine(_counted(good)), CommandLine(_counted(bad))


def _pair_positionals(
    good: list[Unit], bad: list[Unit], starts: tuple[int, int], ends: tuple[int, int]
) -> None:
    """Pair the positional units of two stretches by their text, and else in their order."""
    sides = (good, bad)
    places = [
        [i for i in range(start, end) if side[i].path == ("positional",)]
        for side, start, end in zip(sides, starts, ends, strict=True)
    ]
    texts = [[str(s[i].level) for i in at] for s, at in zip(sides, places, strict=True)]
    blocks = SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes()
    for _, good_start, good_end, bad_start, bad_end in blocks:
        for k in range(min(good_end - good_start, bad_end - bad_start)):
            i, j = places[0][good_start + k], places[1][bad_start + k]
            number = sum(unit.path[0] == "positional" for unit in good[: i + 1])
            good[i] = replace(good[i], slot=(("positional", number), 0))
            bad[j] = replace(bad[j], slot=(("positional", number), 0))


def _number_the_rest(side: list[Unit], *more: str) -> None:
    number = 0
    for i, unit in enumerate(side):
        number += unit.path[0] == "positional"
        if unit.path == ("positional",):
            side[i] = replace(unit, slot=(("positional", number, *more), 0))


def _counted(units: list[Unit]) -> tuple[Unit, ...]:
    seen: Counter[Path] = Counter()
    counted = []
    for unit in units:
        counted.append(replace(unit, slot=(unit.path, seen[unit.path])))
        seen[unit.path] += 1
    return tuple(counted)
