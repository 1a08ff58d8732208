"""The `demo` command: all of it on embedded data."""

from typing import Any

import click

from whydrop.cli.options import (
    budget_option,
    folder_options,
    jobs_option,
    output_options,
    seed_option,
)


@click.command(
    epilog="""\b
Example:
  whydrop demo --jobs 4"""
)
@jobs_option(2)
@budget_option(150)
@seed_option
@folder_options("demo")
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
