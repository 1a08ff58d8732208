"""The `diff` command: what differs, and nothing runs."""

import click

from whydrop.cli.options import output_options
from whydrop.cli.sides import pair


@click.command(
    epilog="""\b
Examples:
  whydrop diff good.yaml bad.yaml
  whydrop diff --good "python train.py" --bad "python train.py --mixup 1 --wd 5e-4"

These are the factors that `whydrop explain` would study, by the names it knows them by."""
)
@click.argument("words", nargs=-1, metavar="[GOOD BAD]")
@click.option("--good", metavar="COMMAND", help="The run that is as it should be.")
@click.option("--bad", metavar="COMMAND", help="The run whose metric is lower.")
@output_options
def command(
    words: tuple[str, ...], good: str | None, bad: str | None, output: str, quiet: bool
) -> int:
    """Show what differs between two config files or two command lines; runs nothing."""
    from whydrop.cli.show import factors_shown
    from whydrop.explain.api import diff

    sides = pair(words, good, bad, run="{config}")
    factors_shown(diff(sides.good, sides.bad or ""), output=output)
    return 0
