"""The `noise` command: how much the metric moves by chance."""

from typing import Any

import click

from whydrop.cli.options import study_options
from whydrop.cli.sides import single


@click.command(
    epilog="""\b
Examples:
  whydrop noise --good "python train.py --seed {seed}" --metric "val_acc: {}"
  whydrop noise --run "python train.py --config {config}" good.yaml --metric metrics.json:top1
  whydrop noise mypackage.train:train good.yaml --metric top1 --max-trials 20"""
)
@click.argument("words", nargs=-1, metavar="[FUNCTION] [GOOD]")
@click.option("--good", metavar="COMMAND", help="The run to repeat.")
@study_options(max_trials=12)
def command(words: tuple[str, ...], good: str | None, run: str | None, **options: Any) -> int:
    """Measure how much the metric of one run moves by chance.

    Trains it over fresh seeds and over some seeds twice, and says what a study would cost and
    which drop it could prove.
    """
    from whydrop.cli.conduct import start

    return start("noise", single(words, good, run), run=run, **options)
