"""What a journal holds, told again: to a design, to a subject, or as one trial to an executor."""

from dataclasses import replace

from whydrop.core.errors import JournalError, UsageError
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.core.trial import Outcome
from whydrop.explain.designer import Ask, Designer
from whydrop.explain.executor import Executor
from whydrop.explain.subject import Subject
from whydrop.journal.record import Record, Wave

BUDGET = "max_trials"  # the decision that raises the budget of a study


def replay(design: Designer, record: Record) -> Study:
    """Tell a fresh design every complete wave of a record, and return the record's study.

    A raised budget is told with the wave it followed, before that wave's scores: then a replay
    is the same whether the wave was complete when the budget was raised or not.

    Raises:
        JournalError: the design would have asked for other trials.
    """
    metric = record.study().metric
    raised = {d.wave: d.payload for d in record.decisions() if d.name == BUDGET}
    if 0 in raised:
        design.extend(raised[0])
    for wave in record.waves():
        asked = tuple(Ask(trial.arm, trial.seed, trial.phase) for trial in wave.trials)
        if design.done or tuple(design.propose()) != asked:
            version = record.header.versions.get("whydrop", "the version that began it")
            raise JournalError(
                f"wave {wave.number} of this study is not what this version of whydrop asks for",
                where=str(record.folder),
                do=f"go on with whydrop {version}, or begin another study with --study",
            )
        if wave.number in raised:
            design.extend(raised[wave.number])
        if wave.complete:
            metric = settled(metric, wave)
            design.tell(scores(metric, wave))
    return replace(record.study(), metric=metric)


def rerun(record: Record, number: int, executor: Executor) -> tuple[Outcome | None, Outcome]:
    """Run one trial of a study again and return the recorded outcome, if any, and the new one.

    Args:
        record: is only read.
        number: of the trial.
        executor: not entered yet; works in a folder of its own, not in the study's.
    """
    trial, recorded = record.trial(number)
    with executor:
        executor.submit(trial)
        again = executor.next_outcome()
    if again is None:
        raise RuntimeError(f"{executor!r} gave up waiting without being asked to")
    return recorded, again


def require_unchanged(subject: Subject, record: Record) -> None:
    """Check that a study to be resumed still is about the same thing.

    Raises:
        UsageError: it is not; names the first thing that changed, with both its values.
    """
    before = dict(record.header.identity)
    now = dict(subject.identity())
    for side, factors in ((before, record.header.factors), (now, subject.factors)):
        side.setdefault("factors", ", ".join(factor.name for factor in factors))
    for key in [*before, *(key for key in now if key not in before)]:
        if before.get(key) != now.get(key):
            was, is_now = (repr(side[key]) if key in side else "absent" for side in (before, now))
            raise UsageError(
                f"{key} has changed since this study began: it was {was} and is {is_now}",
                where=str(record.folder),
                do="put it back to resume, or begin another study with --study",
            )


def settled(metric: Metric, wave: Wave) -> Metric:
    """Return the metric with its unit decided by the first wave that has a value at all."""
    values = [known.value for known in wave.outcomes if known and known.value is not None]
    return metric.settled(values) if values else metric


def scores(metric: Metric, wave: Wave) -> list[float]:
    return [metric.score(known.value if known else None) for known in wave.outcomes]
