"""Factors of two command lines, and the command line of any arm."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from whydrop.core.factor import ABSENT, Factor, Level
from whydrop.explain.sources.command_line import CommandLine, Given, Path, Unit, same
from whydrop.explain.sources.grammar import read_pair

_SEED_NAMES = ("seed", "random-seed", "random_seed", "manual-seed", "manual_seed")


@dataclass(frozen=True)
class ArgumentPair:
    """Two command lines as units, with one factor for each thing on which they differ."""

    good: CommandLine
    bad: CommandLine
    factors: tuple[Factor, ...]

    @classmethod
    def read(cls, good: str, bad: str) -> "ArgumentPair":
        """Compare two command lines as a person types them.

        The order of options, ``--key value`` against ``--key=value`` and the spelling of a number
        are no differences.

        Raises:
            UsageError: a line that cannot be split, names no program, or needs a shell.
        """
        lines = read_pair(good, bad)
        return cls(*lines, _factors(*lines))

    def line(self, on: Collection[Path]) -> CommandLine:
        """Return the command line in which the factors with these paths are as in bad.

        With none on it is good's, word for word. With all on it holds bad's pieces: positional
        arguments and the occurrences of one option in bad's order, while options that both lines
        share stay where good has them and are spelt as good spells them. Where the lines share
        the order and spelling of what they share, it is bad's, word for word.
        """
        twins = {unit.slot: unit for unit in self.bad.units}
        units: list[Unit] = []
        for unit in self.good.units:
            if unit.path not in on:
                units.append(unit)
            elif unit.slot in twins:
                units.append(_newer(unit, twins[unit.slot]))
        present = {unit.slot for unit in self.good.units}
        for place, unit in enumerate(self.bad.units):
            if unit.path in on and unit.slot not in present:
                units.insert(_position(unit, self.bad.units[:place], self.bad.units, units), unit)
        return CommandLine(tuple(units))

    def levels(self, line: CommandLine) -> dict[str, Level]:
        """Return all the pieces of one of the two lines by name."""
        names = _names({unit.path: None for side in (self.good, self.bad) for unit in side.units})
        units: dict[Path, list[Unit]] = defaultdict(list)
        for unit in line.units:
            units[unit.path].append(unit)
        return {names[path]: _level(found) for path, found in units.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """Return sentences that a reader of the plan must know."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        names = {factor.path for factor in self.factors}
        if ("program",) in names:
            yield "The two command lines start different programs; the program is a factor."
        elif ("script",) in names:
            yield "The two command lines run different scripts; the script is a factor."
        for unit in self.good.units:
            named = _plain_name(unit.path) in _SEED_NAMES
            if named and isinstance(unit.level, str) and "{seed}" not in unit.level:
                yield (
                    f"The seed is fixed by {' '.join(unit.words)}; put {{seed}} there, "
                    "or every trial repeats the same draws."
                )


def _newer(old: Unit, new: Unit) -> Unit:
    return old if same(old.level, new.level) and old.words[:-1] == new.words[:-1] else new


def _position(
    unit: Unit, before: tuple[Unit, ...], line: tuple[Unit, ...], units: list[Unit]
) -> int:
    """Return where a piece of bad's goes: after the piece that it follows in bad's line."""
    at = {each.slot: i for i, each in enumerate(units)}
    if unit.owner:
        # A second option word would make many programs forget the first one's list.
        kin = [i for i, each in enumerate(units) if each.owner == unit.owner]
        if kin:
            earlier = [at[b.slot] for b in before if b.owner == unit.owner and b.slot in at]
            return max(earlier) + 1 if earlier else kin[0]
    position = next((at[each.slot] + 1 for each in reversed(before) if each.slot in at), 0)
    if unit.ordered:
        lows = [at[each.slot] + 1 for each in before if each.ordered and each.slot in at]
        highs = [
            at[each.slot] for each in line[len(before) + 1 :] if each.ordered and each.slot in at
        ]
        position = min([max([position, *lows[-1:]]), *highs[:1]])
    while 0 < position < len(units) and units[position].owner:
        if units[position].owner != units[position - 1].owner:
            break
        position += 1
    return position


def _factors(good: CommandLine, bad: CommandLine) -> tuple[Factor, ...]:
    units: dict[Path, tuple[list[Unit], list[Unit]]] = defaultdict(lambda: ([], []))
    for side, line in enumerate((good, bad)):
        for unit in line.units:
            units[unit.path][side].append(unit)
    differing = {path: pair for path, pair in units.items() if not _equal(*pair)}
    names = _names(differing)
    return tuple(
        Factor(
            name=names[path],
            off=_level(off),
            on=_level(on),
            kind="argument",
            source=", ".join(
                f"{side} word {found[0].at}"
                for side, found in (("good", off), ("bad", on))
                if found
            ),
            path=path,
        )
        for path, (off, on) in differing.items()
    )


def _equal(off: list[Unit], on: list[Unit]) -> bool:
    pairs = zip(off, on, strict=False)
    return len(off) == len(on) and all(same(one.level, other.level) for one, other in pairs)


def _level(units: list[Unit]) -> Level:
    if not units:
        return ABSENT
    levels: list[Given] = [unit.level for unit in units]
    return levels[0] if len(levels) == 1 else levels


def _plain_name(path: Path) -> str:
    match path:
        case ("option", _, str(name)):
            return name.lstrip("-")
        case ("override", _, str(name), *_):
            return name
        case ("positional", int(number), *_):
            return f"argument {number}"
        case ("environment", str(name)):
            return name
    return str(path[0])


def _full_name(path: Path) -> str:
    match path:
        case ("option", _, str(name)):
            return name
        case ("override", _, str(name), str(owner)):
            return f"{owner} {name}"
        case ("override", _, str(name)):
            return f"{name}="
        case ("positional", int(number), "bad"):
            return f"argument {number} of bad"
        case ("environment", str(name)):
            return f"${name}"
    return _plain_name(path)


def _names(paths: Collection[Path]) -> dict[Path, str]:
    """Return the shortest name for each path that no other path has."""
    names: dict[Path, str] = {}
    for name_of in (_plain_name, _full_name, lambda path: f"{_full_name(path)} in part {path[1]}"):
        taken = defaultdict(list)
        for path in paths:
            taken[names.get(path) or name_of(path)].append(path)
        for name, same_name in taken.items():
            if len(same_name) == 1:
                names[same_name[0]] = name
    return names
