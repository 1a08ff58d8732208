"""The `rerun` command: one trial again, with its log."""

import click

from whydrop.cli.options import duration


@click.command(
    epilog="""\b
Example:
  whydrop rerun whydrop-studies/train-2026-03-01-101500 17"""
)
@click.argument("study", type=click.Path(exists=True, file_okay=False))
@click.argument("trial", type=click.IntRange(1))
@click.option(
    "--timeout", type=duration, metavar="TIME", help="Time limit: 30m, 2h.  [default: the study's]"
)
def command(study: str, trial: int, timeout: float | None) -> int:
    """Run one trial of a study again, beside the study, and compare the results.

    The study itself is not changed.
    """
    import tempfile
    from dataclasses import replace
    from pathlib import Path

    from whydrop.cli.conduct import go_to_base
    from whydrop.core.factor import names_of
    from whydrop.explain.assemble import executor_of, subject_of
    from whydrop.explain.conduct import asked_in
    from whydrop.explain.replay import require_unchanged, rerun
    from whydrop.journal.record import Record

    with Record.open(Path(study).absolute()) as record:
        request = asked_in(record)
        go_to_base(request)
        if timeout is not None:
            request = replace(request, limits=replace(request.limits, timeout_s=timeout))
        subject = subject_of(request)
        require_unchanged(subject, record)
        which, _ = record.trial(trial)
        on = ", ".join(names_of(which.arm, record.header.factors)) or "nothing (the good run)"
        folder = Path(tempfile.mkdtemp(prefix=f"whydrop-rerun-{trial}-"))
        click.echo(f"trial {trial}: seed {which.seed}, on: {_safe(on)}")
        click.echo(f"by hand: {_safe(subject.by_hand(which, folder / 'by-hand'))}")
        recorded, again = rerun(record, trial, executor_of(request, subject, folder))
        metric = record.study().metric
    log = folder / again.log
    if log.is_file():
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            click.echo(f"  | {_safe(line)}")
    for name, outcome in (("recorded", recorded), ("new", again)):
        if outcome is None:
            shown = "not finished"
        elif outcome.value is None:
            shown = f"{outcome.state}: {_safe(outcome.message)}"
        else:
            shown = f"{outcome.value * metric.scale:.10g} in {outcome.seconds:.1f} s"
        click.echo(f"{name:9} {shown}")
    if recorded and recorded.value is not None and again.value is not None:
        click.echo("identical" if recorded.value == again.value else "different")
    click.echo(f"log: {log}")
    return 0


def _safe(text: str) -> str:
    from whydrop.report.visible import visible

    return visible(text)
