"""Names: factors, levels and arms by what they are called, in the room that there is."""

import json
from collections.abc import Mapping, Sequence

from whydrop.core.factor import ABSENT, Arm, Factor, Level, members, names_of
from whydrop.core.phrase import listed
from whydrop.core.redaction import REDACTED
from whydrop.report.visible import visible


def listing(names: Sequence[str], last: str = "and") -> str:
    """Return names as a phrase, safe to show: ``crop``, ``crop and cutout``, ``a, b or c``."""
    return listed([visible(name) for name in names], last)


def shortened(text: str, limit: int) -> str:
    """Return text of at most so many characters, its middle replaced by an ellipsis.

    Both ends are kept because long names and paths differ in either.
    """
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    tail = limit - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :]}"


def levels(off: Level, on: Level) -> tuple[str, str]:
    """Return both levels of a factor as text, told apart even where only their types differ.

    Example:
        >>> levels(0.1, None), levels(1, "1")
        (('0.1', 'null'), ('1', '"1"'))
    """
    shown = _level(off), _level(on)
    if shown[0] != shown[1] or off == REDACTED:
        return shown
    return _level(off, quote=True), _level(on, quote=True)


def _level(value: Level, *, quote: bool = False) -> str:
    if value is ABSENT:
        return "(absent)"
    if isinstance(value, str) and not quote and value and value == value.strip():
        return visible(value)
    if isinstance(value, Mapping) and value and not quote:
        # A group's parts: the section that they share is said by the name of the factor.
        last = ((str(key).rpartition(".")[2], part) for key, part in value.items())
        return ", ".join(f"{visible(key)}: {_level(part)}" for key, part in last)
    return visible(json.dumps(value, ensure_ascii=False, default=str))


def arm_words(arm: Arm, factors: Sequence[Factor]) -> str:
    """Return an arm by its shortest description: good, bad, what is on, or what is undone."""
    everything = (1 << len(factors)) - 1
    if arm == 0:
        return "good"
    if arm == everything:
        return "bad"
    on, undone = names_of(arm, factors), names_of(everything & ~arm, factors)
    if len(undone) < len(on):
        return f"bad without {listing(undone)}"
    return f"good with {listing(on)}"


def arm_numbers(arm: Arm, factors: Sequence[Factor]) -> str:
    """Return an arm by the numbers of its factors, counted from 1, where names are too long."""
    undone = ((1 << len(factors)) - 1) & ~arm
    shorter, run = (
        (undone, "bad without") if undone.bit_count() < arm.bit_count() else (arm, "good with")
    )
    return f"{run} {', '.join(f'#{i + 1}' for i in members(shorter))}"
