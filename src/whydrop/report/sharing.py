"""What may be shared: answers without the secrets that were on a command line or in a config."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from whydrop.core.redaction import redacted, redacted_factor, redacted_words
from whydrop.core.result import FactorRow, Result
from whydrop.core.trial import Outcome


def shareable(result: Result) -> Result:
    """Return a result in which no level, argument, setting or message shows a secret."""
    study = result.study
    return replace(
        result,
        study=replace(
            study,
            factors=tuple(map(redacted_factor, study.factors)),
            outcomes=tuple(map(_outcome, study.outcomes)),
        ),
        factors=tuple(map(_row, result.factors)),
        notes=tuple(map(_sentence, result.notes)),
        plan=redacted_mapping(result.plan),
        command=redacted_command(result.command),
    )


def redacted_command(command: str) -> str:
    """Return a command line without the values of options that look secret.

    A quoted command inside it is looked into as well.

    Example:
        >>> redacted_command("whydrop explain --good 'train.py --token abc' --alpha 0.1")
        "whydrop explain --good 'train.py --token (redacted)' --alpha 0.1"
    """
    try:
        words = shlex.split(command)
    except ValueError:  # quotes that do not close
        return " ".join(redacted_words(command.split()))
    inside = [redacted_command(word) if any(map(str.isspace, word)) else word for word in words]
    shown = redacted_words(inside)
    return command if shown == words else " ".join(map(_quoted, shown))


def redacted_mapping(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without secret values."""
    return {key: redacted(value, key) for key, value in values.items()}


def _quoted(word: str) -> str:
    return shlex.quote(word) if any(c.isspace() or c in "'\"\\$`" for c in word) else word


def _row(row: FactorRow) -> FactorRow:
    return replace(row, off=redacted(row.off, row.name), on=redacted(row.on, row.name))


def _outcome(outcome: Outcome) -> Outcome:
    return replace(outcome, message=_sentence(outcome.message)) if outcome.message else outcome


def _sentence(text: str) -> str:
    return " ".join(redacted_words(text.split(" ")))
