"""Differences: all in which a good and a bad run differ, found without running them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whydrop.core.factor import ABSENT, Factor, Level
from whydrop.core.redaction import redacted_factor, redacted_words
from whydrop.explain.sources import values
from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import words_of
from whydrop.explain.sources.config_files import ConfigPair


@dataclass(frozen=True)
class Differences:
    """What ``whydrop diff`` answers; secrets are taken out of all of it.

    Attributes:
        good, bad: what was compared, in words.
        factors: as a study would name and group them; ``source`` holds the line of both files,
            or the place in both commands. Parts of a group have their own.
        notes: sentences a reader must know.
    """

    good: str
    bad: str
    factors: tuple[Factor, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of_arguments(cls, good: str, bad: str) -> "Differences":
        """Compare two command lines.

        Raises:
            UsageError: a command that cannot be split.
        """
        pair = ArgumentPair.read(good, bad)
        one, other = (
            " ".join(redacted_words(words_of(line, name)))
            for line, name in ((good, "--good"), (bad, "--bad"))
        )
        return cls(one, other, tuple(map(redacted_factor, pair.factors)), pair.notes)

    @classmethod
    def of_configs(cls, good: str | Path, bad: str | Path) -> "Differences":
        """Compare two config files.

        Raises:
            UsageError: no such file or format.
            DataError: a file that does not hold a config.
        """
        pair = ConfigPair.read(Path(good), Path(bad))
        return cls(str(good), str(bad), tuple(map(redacted_factor, pair.factors)))

    @classmethod
    def of_values(cls, good: Mapping[str, Any], bad: Mapping[str, Any]) -> "Differences":
        """Compare two Python mappings.

        Raises:
            UsageError: a value that a study could not keep.
        """
        sides = values.checked(good, "good"), values.checked(bad, "bad")
        return cls("good", "bad", tuple(map(redacted_factor, values.factors(*sides))))

    def to_text(self) -> str:
        """Return one line a difference, those of a group indented below its name."""
        if not self.factors:
            return f"No difference between {self.good} and {self.bad}."
        rows = list(self._rows())
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = (
            f"{name:{widths[0]}}  {off:>{widths[1]}} -> {on:{widths[2]}}  {source}".rstrip()
            if off or on
            else name
            for name, off, on, source in rows
        )
        return "\n".join([*lines, *self.notes])

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        for factor in self.factors:
            if factor.parts:
                yield factor.name, "", "", ""
            for leaf in factor.leaves:
                name = f"  {leaf.name}" if factor.parts else leaf.name
                yield name, _shown(leaf.off), _shown(leaf.on), leaf.source

    def to_json(self) -> str:
        """Return the differences as JSON text."""
        data = {
            "good": self.good,
            "bad": self.bad,
            "factors": [_as_json(factor) for factor in self.factors],
            "notes": list(self.notes),
        }
        return json.dumps(data, indent=2, ensure_ascii=False)


def _shown(level: Level) -> str:
    if level is ABSENT:
        return "(absent)"
    return level if isinstance(level, str) else json.dumps(level, ensure_ascii=False)


def _as_json(factor: Factor) -> dict[str, Any]:
    """Return a factor as a mapping; an absent level has no key."""
    levels = {"off": factor.off, "on": factor.on}
    return {
        "name": factor.name,
        "kind": factor.kind,
        **{key: level for key, level in levels.items() if level is not ABSENT},
        "source": factor.source,
        "parts": [_as_json(part) for part in factor.parts],
    }
