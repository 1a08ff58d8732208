"""The `train` command: one training, as a recipe says."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whydrop.cli.options import output_options
from whydrop.report.amounts import count

if TYPE_CHECKING:
    from whydrop.training.history import History


@click.command(
    epilog="""\b
Examples:
  whydrop train recipe.yaml
  whydrop train recipe.yaml optimizer.lr=0.1 augment.Cutout.size=8 --seed 3
  whydrop train recipe.yaml --out run-1

The same line again goes on with what is in the folder of --out, also after Ctrl-C."""
)
@click.argument("recipe", type=click.Path())
@click.argument("changes", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--seed", type=click.IntRange(0), metavar="N", help="Of all chance.  [default: the recipe's]"
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    help="Folder for the recipe, the history and a checkpoint.",
)
@output_options
def command(
    recipe: str,
    changes: tuple[str, ...],
    seed: int | None,
    out: str | None,
    output: str,
    quiet: bool,
) -> int:
    """Train a model as a recipe says.

    A recipe is a YAML, JSON or TOML file that says all of a training: its data, model, optimiser,
    augmentation and so on. KEY=VALUE changes one value of it.
    """
    from whydrop.cli.show import reader_may_leave
    from whydrop.training.recipes.load import load_recipe

    read = load_recipe(recipe, changes)
    own_seed = read.train.seed if seed is None else seed
    from whydrop.training.recipes.run import HISTORY, history_json, run

    folder = Path(out) if out else None
    history = run(read, own_seed, out=folder, quiet=quiet)
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(history_json(history, read, own_seed))
        else:
            click.echo(_result(history, read.metrics.report))
            if folder is not None and not quiet:
                click.echo(f"written: {shlex.quote(str(folder / HISTORY))}")
    return 0


def _result(history: "History", report: str) -> str:
    """Return what a training came to, by the metric that its recipe reports."""
    from whydrop.training.table import cell

    metric, last = history.metric(report), history.rows[-1]
    text = f"{report} {cell(metric, last[report])} after {count(len(history), 'epoch')}"
    best = history.best(report)
    if best is None or best[report] == last[report]:
        return text
    return f"{text}; the best was {cell(metric, best[report])}, in epoch {int(best['epoch'])}"
