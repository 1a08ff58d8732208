"""Options that several commands share, and the values they take."""

import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_MEBIBYTES = {"": 1, "m": 1, "mib": 1, "mb": 1, "g": 1024, "gib": 1024, "gb": 1024}


def duration(text: str | float) -> float:
    """Return the seconds that 90s, 30m or 2h mean.

    Example:
        >>> duration("1.5h")
        5400.0
    """
    return _quantity(text, _SECONDS, "a duration; write 30m, 2h or 90s")


def mebibytes(text: str | float) -> int:
    """Return the MiB that 800M or 2G mean."""
    return math.ceil(_quantity(text, _MEBIBYTES, "a size; write 800M or 2G"))


def assignment(text: str) -> tuple[str, str]:
    """Return the two sides of NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} has no NAME=VALUE form")
    return name, value


def _quantity(text: str | float, units: dict[str, int], form: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", str(text).strip().lower())
    if not match or match[2] not in units or float(match[1]) == 0:
        raise click.BadParameter(f"{text!r} is not {form}")
    return float(match[1]) * units[match[2]]


def _all(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


run_options = _all(
    click.option(
        "--run",
        metavar="COMMAND",
        help="Command for config files, with {config} and maybe {seed} and {out} in it.",
    ),
    click.option(
        "--metric",
        metavar="WHERE",
        help='What a trial ends with: a pattern over its output ("val_acc: {}"), '
        "FILE:key/path, or a name in the returned dict.",
    ),
    click.option("--minimize", is_flag=True, help="Smaller is better, as for a loss."),
    click.option(
        "--env",
        multiple=True,
        type=assignment,
        metavar="NAME=VALUE",
        help="Environment variable of every trial.",
    ),
    click.option("--cwd", type=click.Path(exists=True, file_okay=False), help="Where trials run."),
)
"""What a trial is and what it ends with."""

factor_options = _all(
    click.option("--factor", multiple=True, metavar="NAME", help="Study only these differences."),
    click.option(
        "--without", multiple=True, metavar="NAME", help="Leave a difference as in the good run."
    ),
    click.option(
        "--group", multiple=True, metavar="A,B", help="Switch these differences together."
    ),
    click.option(
        "--forbid",
        multiple=True,
        metavar="A,!B",
        help="Never try this combination: A as in the bad run, B as in the good one.",
    ),
)
"""Which differences are studied."""


def jobs_option(default: int) -> Callable[[Command], Command]:
    return click.option(
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        default=default,
        show_default=True,
        help="Trials side by side.",
    )


place_options = _all(
    jobs_option(1),
    click.option(
        "--executor",
        type=click.Choice(["local"]),
        default="local",
        show_default=True,
        help="Where trials run.",
    ),
    click.option(
        "--timeout", type=duration, metavar="TIME", help="Time limit of one trial: 30m, 2h."
    ),
    click.option(
        "--memory", type=mebibytes, metavar="SIZE", help="Memory limit of one trial: 800M, 2G."
    ),
    click.option(
        "--threads",
        type=click.IntRange(1),
        metavar="N",
        help="Numeric threads of one trial; else shared.",
    ),
)
"""Where trials run and what one may use."""

output_options = _all(
    click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Of what goes to standard output.",
    ),
    click.option("--quiet", is_flag=True, help="Print only the answer."),
)
"""How the answer is shown."""


def budget_option(default: int) -> Callable[[Command], Command]:
    return click.option(
        "--max-trials",
        type=click.IntRange(2),
        metavar="N",
        default=default,
        show_default=True,
        help="Most trials, failures included.",
    )


seed_option = click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    default=0,
    help="Of the study.",
    show_default=True,
)


def folder_options(name: str) -> Callable[[Command], Command]:
    """Where a study is kept, under this name unless told otherwise, and whether it begins."""
    return _all(
        click.option(
            "--study",
            type=click.Path(file_okay=False),
            help=f"Folder to keep everything in.  [default: whydrop-studies/{name}-DATE]",
        ),
        click.option("--dry-run", is_flag=True, help="Print the plan; run and write nothing."),
    )


def study_options(max_trials: int) -> Callable[[Command], Command]:
    """Options of every command that runs trials, with its usual budget."""
    return _all(
        run_options,
        budget_option(max_trials),
        click.option(
            "--max-time", type=duration, metavar="TIME", help="Stop after this time: 30m, 2h."
        ),
        click.option(
            "--alpha",
            type=click.FloatRange(0, 0.5, min_open=True),
            metavar="CHANCE",
            default=0.05,
            show_default=True,
            help="Chance of a wrong answer that you accept.",
        ),
        seed_option,
        place_options,
        folder_options("NAME"),
        output_options,
    )
