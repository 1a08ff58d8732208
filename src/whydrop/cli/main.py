"""The `whydrop` command: finds the subcommand, turns errors into text and an exit status."""

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from whydrop import __version__
from whydrop.core.errors import UsageError, WhydropError
from whydrop.report.visible import visible

# Each is a module of its own beside this one, loaded only when it is called for.
COMMANDS = {
    "demo": "See all of it on embedded data, in two minutes.",
    "explain": "Find which differences cost how many points.",
    "diff": "Show what differs between two runs; free, no training.",
    "noise": "Measure how much the metric moves by chance.",
    "compare": "Tell whether one run is worse than another, or equal.",
    "train": "Train a model as a recipe says.",
    "resume": "Go on with a study that stopped.",
    "watch": "Follow a running study from another terminal.",
    "report": "Show or write the report of a study.",
    "rerun": "Run one trial of a study again, with its log.",
    "preview": "Show what an augmentation does to your images.",
}
INTERRUPTED = 130


class Commands(click.Group):
    """The subcommands, imported one at a time so that help stays instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"whydrop.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            raise UsageError(
                f"there is no command {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
                where="whydrop",
                do="see `whydrop --help`",
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    epilog="""\b
Examples:
  whydrop demo
  whydrop explain --good "python train.py" --bad "python train.py --mixup 1 --wd 5e-4" \\
                  --metric "val_acc: {}"

Exit status: 0 done, 1 a gate failed, 2 the request or its input is wrong, 3 a study stopped
early and can be resumed, 130 interrupted.""",
)
@click.version_option(__version__, prog_name="whydrop")
def whydrop() -> None:
    """Why is my classifier's accuracy lower than it should be? An experiment instead of a guess."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; errors go to standard error in three parts."""
    try:
        done: Any = whydrop.main(
            list(arguments), prog_name="whydrop", standalone_mode=False, obj=("whydrop", *arguments)
        )
        sys.stdout.flush()
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "whydrop"
        _tell(UsageError(_uncapitalised(error), where=path, do=f"see `{path} --help`"))
        return UsageError.exit_status
    except WhydropError as error:
        _tell(error)
        return error.exit_status
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not complain about it while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return done if isinstance(done, int) else 0


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def _tell(error: WhydropError) -> None:
    lines = f"whydrop: {error}".splitlines()
    click.echo("\n".join(map(visible, lines)), err=True)


def _uncapitalised(error: click.UsageError) -> str:
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]
