"""The `resume` command: a study goes on from its folder alone."""

import click

from whydrop.cli.options import duration, output_options


@click.command(
    epilog="""\b
Examples:
  whydrop resume whydrop-studies/train-2026-03-01-101500
  whydrop resume whydrop-studies/train-2026-03-01-101500 --max-trials 300 --jobs 4"""
)
@click.argument("study", type=click.Path(exists=True, file_okay=False))
@click.option("--max-trials", type=click.IntRange(2), metavar="N", help="Allow more trials in all.")
@click.option("--max-time", type=duration, metavar="TIME", help="Stop after this time: 30m, 2h.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Trials side by side.")
@output_options
def command(
    study: str,
    max_trials: int | None,
    max_time: float | None,
    jobs: int | None,
    output: str,
    quiet: bool,
) -> int:
    """Go on with a study that stopped, from its folder alone.

    Everything is as it was asked; changed inputs are refused by name. No finished trial runs
    again.
    """
    from dataclasses import replace
    from pathlib import Path

    from whydrop.cli.conduct import go_to_base, run_and_show
    from whydrop.explain.assemble import subject_of
    from whydrop.explain.conduct import asked_in, raise_budget
    from whydrop.journal.store import Journal

    with Journal.open(Path(study).absolute()) as journal:
        request = asked_in(journal)
        go_to_base(request)
        subject = subject_of(request)
        if max_trials is not None:
            raise_budget(journal, max_trials)
            request = asked_in(journal)
        request = replace(request, jobs=jobs or request.jobs, max_time_s=max_time)
        return run_and_show(request, subject, journal, output=output, quiet=quiet)
