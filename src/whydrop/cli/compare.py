"""The `compare` command: is one run worse than another, or equal?"""

from typing import Any

import click

from whydrop.cli.options import study_options
from whydrop.cli.sides import pair
from whydrop.core.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  whydrop compare --good "python train.py" --bad "python train.py --amp" \\
                  --metric "val_acc: {}" --within 0.5
  whydrop compare --run "python train.py --config {config}" main.yaml branch.yaml \\
                  --metric metrics.json:top1 --fail-if-worse 0.5

Exit status with --fail-if-worse: 0 a larger drop is ruled out, 1 a larger drop is shown, 3 the
budget ended before either."""
)
@click.argument("words", nargs=-1, metavar="[FUNCTION] [GOOD BAD]")
@click.option("--good", metavar="COMMAND", help="The run to compare with.")
@click.option("--bad", metavar="COMMAND", help="The run that may be worse.")
@click.option(
    "--within",
    type=click.FloatRange(0, min_open=True),
    metavar="POINTS",
    help="Differences up to this are equal.  [default: 1 % of good's first result]",
)
@click.option(
    "--fail-if-worse",
    type=click.FloatRange(0),
    metavar="POINTS",
    help="A gate: exit status 1 when a drop of more than this is shown.",
)
@study_options(max_trials=100)
def command(
    words: tuple[str, ...],
    good: str | None,
    bad: str | None,
    run: str | None,
    within: float | None,
    fail_if_worse: float | None,
    **options: Any,
) -> int:
    """Tell whether one run is worse than another, better, or equal within some points.

    Trains both on shared seeds, for as many as it takes: looking often costs no certainty.
    """
    from whydrop.cli.conduct import start

    if within is not None and fail_if_worse is not None:
        raise UsageError(
            "--within and --fail-if-worse ask two different questions",
            where="whydrop compare",
            do="give one of them",
        )
    gate = fail_if_worse is not None
    sides = pair(words, good, bad, run)
    return start(
        "compare", sides, run=run, margin=fail_if_worse if gate else within, gate=gate, **options
    )
