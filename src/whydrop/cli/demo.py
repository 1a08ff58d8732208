"""The `demo` command: all of it on embedded data."""

from typing import Any

import click

from whydrop.cli.options import output_options


@click.command(
    epilog="""\b
Example:
  whydrop demo --jobs 4"""
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    default=2,
    show_default=True,
    help="Trials side by side.",
)
@click.option(
    "--max-trials",
    type=click.IntRange(2),
    metavar="N",
    default=150,
    show_default=True,
    help="Most trials, failures included.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    default=0,
    help="Of the study.",
    show_default=True,
)
@click.option(
    "--study",
    type=click.Path(file_okay=False),
    help="Folder to keep everything in.  [default: whydrop-studies/demo-DATE]",
)
@click.option("--dry-run", is_flag=True, help="Print the plan; run and write nothing.")
@output_options
def command(**options: Any) -> int:
    """See all of it on embedded data, in two minutes.

    A small net learns to read scanned digits, once with a good setting and once with a bad one
    that differs in eight things. One of them hurts alone, two hurt together, five are harmless.
    """
    from importlib.util import find_spec

    from whydrop.cli.conduct import start
    from whydrop.cli.sides import Sides
    from whydrop.core.errors import MissingExtra

    missing = [name for name in ("torch", "sklearn") if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"the demonstration needs {' and '.join(missing)}",
            where="whydrop demo",
            do='pip install "whydrop[demo]"',
        )
    from whydrop.demo import BAD, GOOD, METRIC, PROGRAM

    return start("explain", Sides(PROGRAM, GOOD, BAD), name="demo", metric=METRIC, **options)
