"""Variants: a good and a bad command, and the command of any arm between them."""

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from whydrop.core.config.file import ConfigFile
from whydrop.core.config.path import Path as Leaf
from whydrop.core.factor import Factor
from whydrop.core.redaction import redacted_words
from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import CommandLine
from whydrop.explain.sources.config_files import ConfigPair
from whydrop.explain.sources.values import flat

SEED, CONFIG, OUT = "{seed}", "{config}", "{out}"
_PLACEHOLDER = re.compile(r"\{(?:seed|config|out)\}")


@dataclass(frozen=True)
class Command:
    """A command as it is started."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


class Variants(Protocol):
    """Two variants of a program, and all between them."""

    @property
    def factors(self) -> tuple[Factor, ...]: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the plan must know."""
        ...

    @property
    def line(self) -> CommandLine:
        """The good run's command, placeholders and all."""
        ...

    @property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All the texts of good, and of bad, in which a placeholder may stand."""
        ...

    def command(self, on: Collection[Leaf], folder: Path, known: Mapping[str, str]) -> Command:
        """Return the command in which the leaves at these paths are as in bad.

        Args:
            on: paths of leaves.
            folder: gets the files that the command needs.
            known: what the placeholders stand for.
        """
        ...

    def identity(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Arguments:
    """Variants that differ in their command lines."""

    pair: ArgumentPair

    @property
    def factors(self) -> tuple[Factor, ...]:
        return self.pair.factors

    @property
    def notes(self) -> tuple[str, ...]:
        return self.pair.notes

    @property
    def line(self) -> CommandLine:
        return self.pair.good

    @property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return _words(self.pair.good), _words(self.pair.bad)

    def command(self, on: Collection[Leaf], folder: Path, known: Mapping[str, str]) -> Command:
        return _filled_line(self.pair.line(on), known)

    def identity(self) -> dict[str, Any]:
        return {
            f"{side}.{name}": level
            for side, line in (("good", self.pair.good), ("bad", self.pair.bad))
            for name, level in self.pair.levels(line).items()
        }


@dataclass(frozen=True)
class Configs:
    """Variants that differ in their config files, which may hold "{seed}" and "{out}" as texts.

    A text that is "{seed}" alone becomes a number.
    """

    line: CommandLine
    pair: ConfigPair

    @property
    def factors(self) -> tuple[Factor, ...]:
        return self.pair.factors

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    @property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        words = _words(self.line)
        return (*words, *_texts(self.pair.good)), (*words, *_texts(self.pair.bad))

    def command(self, on: Collection[Leaf], folder: Path, known: Mapping[str, str]) -> Command:
        def fill(text: str) -> Any:
            return int(known[SEED]) if text == SEED else filled(text, known)

        file = self.pair.write(on, folder, fill)
        return _filled_line(self.line, {**known, CONFIG: str(file)})

    def identity(self) -> dict[str, Any]:
        return {
            "command": shlex.join(redacted_words(_words(self.line))),
            **{
                f"{side}.{name}": level
                for side, config in (("good", self.pair.good), ("bad", self.pair.bad))
                for name, level in flat(config.document.data).items()
            },
        }


def filled(text: str, known: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced; other braces are left alone."""
    return _PLACEHOLDER.sub(lambda found: known.get(found[0], found[0]), text)


def _filled_line(line: CommandLine, known: Mapping[str, str]) -> Command:
    return Command(
        argv=tuple(filled(word, known) for word in line.argv),
        env={name: filled(text, known) for name, text in line.env.items()},
    )


def _words(line: CommandLine) -> tuple[str, ...]:
    return (*(f"{name}={text}" for name, text in line.env.items()), *line.argv)


def _texts(config: ConfigFile) -> Iterator[str]:
    waiting = [config.document.data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            yield value
