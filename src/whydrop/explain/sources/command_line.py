"""A command line as units, the pieces that a difference between two lines is made of."""

import re
import shlex
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from whydrop.core.errors import UsageError

Path = tuple[str | int, ...]  # a kind of piece, then what tells it from others of its kind
Slot = tuple[Path, int]  # a path and which of its occurrences
Given = bool | str | list[str]

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(inf|nan)", re.IGNORECASE)
_QUOTED = re.compile(r"""\\.|'[^']*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)
_OPERATOR = re.compile(r"(?<!\S)(?:\|\|?|&&?|;|\d*>>?(?:&\d)?|<)(?!\S)|;(?!\S)")


@dataclass(frozen=True)
class Unit:
    """One piece of a command line that is there or not as a whole.

    Attributes:
        slot: pieces of two lines with the same slot are levels of the same thing.
        words: as they were typed.
        level: True for a flag, False for its ``--no-`` form or a deletion, else its text.
        at: position of its first word in the line, from 1.
        owner: the option that stands once before a list of overrides, or empty.
        ordered: its place among the other ordered pieces means something.
    """

    slot: Slot
    words: tuple[str, ...]
    level: Given
    at: int
    owner: str = ""
    ordered: bool = False

    @property
    def path(self) -> Path:
        return self.slot[0]

    @property
    def is_environment(self) -> bool:
        return self.path[0] == "environment"


@dataclass(frozen=True)
class CommandLine:
    """Units in the order of the line; assignments to the environment come first."""

    units: tuple[Unit, ...]

    @property
    def env(self) -> dict[str, str]:
        return {str(unit.path[1]): str(unit.level) for unit in self.units if unit.is_environment}

    @property
    def argv(self) -> tuple[str, ...]:
        words: list[str] = []
        owner = ""
        for unit in self.units:
            if unit.is_environment:
                continue
            if unit.owner and unit.owner != owner:
                words.append(unit.owner)
            owner = unit.owner
            words.extend(unit.words)
        return tuple(words)


def words_of(command: str, name: str) -> list[str]:
    """Return the words of a command as a POSIX shell splits them, expanding nothing.

    Args:
        command: the text.
        name: what the user knows it by, such as ``--good``.

    Raises:
        UsageError: quotes that do not close, no program, or an operator of the shell.
    """
    where = f"{name}: {command:.200}"
    operator = _OPERATOR.search(_QUOTED.sub("_", command))
    if operator:
        raise UsageError(
            f"{operator.group()!r} needs a shell, and commands are started without one",
            where=where,
            do="give one program with its arguments, or wrap it all: sh -c '...'",
        )
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            f"the command cannot be split into words: {str(error).lower()}",
            where=where,
            do="close every quote, and put a backslash before a lone one",
        ) from None
    if all(ASSIGNMENT.fullmatch(word) for word in words):
        raise UsageError(
            "the command names no program",
            where=where,
            do='give the whole command, such as "python train.py --lr 0.1"',
        )
    if "\0" in command:
        raise UsageError("the command holds a null byte", where=where, do="remove it")
    return words


def same(left: Given, right: Given) -> bool:
    """Return whether two levels mean the same to any program.

    Example:
        >>> same("1e-1", "0.1"), same("1", "1.0"), same("007", "7")
        (True, False, False)
    """
    if isinstance(left, str) and isinstance(right, str):
        return left == right or _same_number(left, right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left is right


def _same_number(left: str, right: str) -> bool:
    if not (NUMBER.fullmatch(left) and NUMBER.fullmatch(right)):
        return False
    whole = [word.lstrip("+-").isdigit() for word in (left, right)]
    padded = any(re.match(r"[-+]?0\d", word) for word in (left, right))
    try:
        return whole[0] == whole[1] and not padded and Decimal(left) == Decimal(right)
    except InvalidOperation:  # an exponent beyond all bounds
        return False
