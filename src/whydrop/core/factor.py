"""Factor: one way the good and the bad run differ."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal


class Absent(enum.Enum):
    """The level of something that one side does not have at all."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = Absent.ABSENT
Level = Any  # a JSON value or ABSENT
Arm = int  # bit i is set when factor i is on; 0 is the good run

FactorKind = Literal["argument", "config", "value", "group"]


@dataclass(frozen=True)
class Factor:
    """One difference with two levels: off as in the good run, on as in the bad one.

    Attributes:
        name: what the user calls it; unique in a study.
        off: its value in the good run, or ABSENT.
        on: its value in the bad run, or ABSENT.
        kind: what it was read from; "group" when several leaves switch together.
        source: the place of both values, such as ``good.yaml:3, bad.yaml:4``.
        parts: the leaves of a group, otherwise empty.
        path: where a leaf sits in its config, or how an argument is recognised; opaque
            to all but the source that made the factor.
    """

    name: str
    off: Level
    on: Level
    kind: FactorKind = "value"
    source: str = ""
    parts: tuple["Factor", ...] = ()
    path: tuple[str | int, ...] = ()

    @property
    def leaves(self) -> tuple["Factor", ...]:
        """The single differences that switch with this factor."""
        return self.parts or (self,)


def members(arm: Arm) -> tuple[int, ...]:
    """Return the positions of the factors that are on in an arm, ascending."""
    return tuple(i for i in range(arm.bit_length()) if arm >> i & 1)


def arm_of(positions: Sequence[int]) -> Arm:
    """Return the arm in which exactly these factors are on."""
    arm = 0
    for position in positions:
        arm |= 1 << position
    return arm


def names_of(arm: Arm, factors: Sequence[Factor]) -> tuple[str, ...]:
    """Return the names of the factors that are on in an arm, in study order."""
    return tuple(factors[i].name for i in members(arm))
