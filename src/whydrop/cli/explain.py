"""The `explain` command: which differences cost how many points."""

from typing import Any

import click

from whydrop.cli.options import factor_options, study_options
from whydrop.cli.sides import pair


@click.command(
    epilog="""\b
Examples:
  whydrop explain --good "python train.py" --bad "python train.py --mixup 1 --wd 5e-4" \\
                  --metric "val_acc: {}"
  whydrop explain --run "python train.py --config {config} --seed {seed}" good.yaml bad.yaml \\
                  --metric metrics.json:val/top1
  whydrop explain mypackage.train:train good.yaml bad.yaml --metric top1 --jobs 4

{seed}, {config} and {out} (a folder of the trial's own) may stand anywhere in a command."""
)
@click.argument("words", nargs=-1, metavar="[FUNCTION] [GOOD BAD]")
@click.option("--good", metavar="COMMAND", help="The run that is as it should be.")
@click.option("--bad", metavar="COMMAND", help="The run whose metric is lower.")
@factor_options
@click.option(
    "--min-effect",
    type=click.FloatRange(0, min_open=True),
    metavar="POINTS",
    help="Smallest drop worth explaining.  [default: 1 % of good's first result]",
)
@click.option(
    "--interactions",
    type=click.IntRange(1, 3),
    metavar="N",
    default=3,
    show_default=True,
    help="How many differences may hurt only together.",
)
@study_options(max_trials=150)
def command(
    words: tuple[str, ...], good: str | None, bad: str | None, run: str | None, **options: Any
) -> int:
    """Find which differences between two runs cost how many points.

    Runs a designed experiment over everything in which the good and the bad run differ, and
    names the culprits, with intervals that hold for all of them at once.
    """
    from whydrop.cli.conduct import start

    return start("explain", pair(words, good, bad, run), run=run, **options)
