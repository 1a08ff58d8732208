"""The `watch` command: a running study, from another terminal."""

import click


@click.command(
    epilog="""\b
Example:
  whydrop watch whydrop-studies/train-2026-03-01-101500"""
)
@click.argument("study", type=click.Path(exists=True, file_okay=False))
def command(study: str) -> int:
    """Follow a running study from another terminal; Ctrl-C ends the watching only."""
    from whydrop.cli.conduct import STOPPED_EARLY
    from whydrop.cli.show import Page, answer_shown
    from whydrop.explain.conduct import answer_of
    from whydrop.explain.follow import follow
    from whydrop.journal.record import Record
    from whydrop.report.progress import Progress

    with Record.open(study) as record:
        with Progress(Page(stderr=True)) as progress:
            follow(record, progress)
        answer, finished = answer_of(record)
    answer_shown(answer, output="text")
    if finished:
        return 0
    click.echo(f"nobody runs this study now: go on by `whydrop resume {study}`", err=True)
    return STOPPED_EARLY
