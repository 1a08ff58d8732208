"""``kill -9`` at random moments: is a trial ever lost or counted twice, is the answer the same?

    python benchmarks/kills.py [--instant 1000] [--processes 200] [--training 25] [--seed 0]

Three parts, each until it has made so many kills (0 leaves a part, and its result, as it is):
    instant    the coordinator is killed; its trials are simulated inside it.
    processes  trials are processes of the local executor and end at once. In every other study
               the coordinator is killed, in the rest any process below it.
    training   as processes, but every trial trains on scikit-learn's digits.

Every life of a study is a new coordinator, forked from this warmed process and resuming from the
folder alone. It tells a file beside the study of each trial it starts and of each outcome whose
``append`` has returned. After every kill: each outcome so told is in the journal, as it was told
and once, and no such trial is ever started again. At the end of a study in which only
coordinators were killed, outcomes, decisions and answer equal those of the undisturbed study.
A killed trial is itself an outcome ("crashed"), so there only the factors named are compared.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from program_at_once import simulated
from whydrop.core.errors import WhydropError
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.design import Design
from whydrop.explain.designer import Standing
from whydrop.explain.executor import Executor, Limits
from whydrop.explain.executors.local import LocalExecutor
from whydrop.explain.replay import replay, require_unchanged
from whydrop.explain.run import run
from whydrop.explain.settings import Settings
from whydrop.explain.subjects.function import FunctionSubject
from whydrop.journal.record import STUDY_FILE, Header, Record
from whydrop.journal.store import Journal

ORPHANS_GONE_S = 10.0
CLEAR_ERROR = 2


@dataclass(frozen=True)
class Program:
    """A function ``train(config, seed)`` in a file of this folder, and its two configs."""

    target: str
    good: Mapping[str, Any]
    bad: Mapping[str, Any]

    def subject(self, only: Sequence[str] = ()) -> FunctionSubject:
        target = str(Path(__file__).resolve().with_name(self.target))
        return FunctionSubject.of(target, self.good, self.bad, "top1", only=only)


AT_ONCE = Program(
    "program_at_once.py:simulated",
    good={"a": False, "b": False, "c": False, "d": False},
    bad={"a": True, "b": True, "c": True, "d": True},
)
THAT_TRAINS = Program(
    "program_that_trains.py:trained",
    good={"wrong_labels": 0.0, "width": 64, "lr": 0.01},
    bad={"wrong_labels": 0.5, "width": 56, "lr": 0.009},
)


class Inside:
    """An executor that simulates trials inside the coordinator, each when it is awaited."""

    places = 1

    def __init__(self, subject: FunctionSubject) -> None:
        self._subject = subject
        self._queue: list[Trial] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()

    def submit(self, trial: Trial) -> None:
        self._queue.append(trial)

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
        trial = self._queue.pop(random.randrange(len(self._queue)))  # finishing in any order
        time.sleep(random.expovariate(1 / 0.003))  # as long as the writing: kills meet both
        task = self._subject.task(trial, Path())
        try:
            return Outcome.measured(trial, simulated(task.config, task.seed)["top1"])
        except RuntimeError as error:
            return Outcome.failed(trial, "crashed", str(error))

    def cancel(self) -> None:
        self._queue.clear()


# -- one life of a study ---------------------------------------------------------------------


class Notes:
    """Tells a file, at once, which trials start and which outcomes have been acknowledged."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def wave_started(self, trials: Sequence[Trial], places: int) -> None:
        self._write(*(f"started {trial.number}" for trial in trials))

    def outcome(self, outcome: Outcome) -> None:
        self._write(f"kept {outcome.trial.number} {outcome.state} {outcome.value!r}")

    def standing(self, standing: Standing, study: Study) -> None:
        pass

    def _write(self, *lines: str) -> None:
        os.write(self._file, "".join(f"{line}\n" for line in lines).encode())


@dataclass(frozen=True)
class Plan:
    """How to run one study, again and again, until it is finished."""

    program: Program
    folder: Path
    seed: int
    inside: bool
    only: tuple[str, ...] = ()  # factors; all by default

    @property
    def notes(self) -> Path:
        return self.folder.with_suffix(".notes")

    @property
    def subject(self) -> FunctionSubject:
        return self.program.subject(self.only)

    @property
    def design(self) -> Design:
        settings = Settings(seed=self.seed, min_effect=1.0, max_trials=100)
        return Design(len(self.subject.factors), settings)

    def executor(self) -> Executor:
        if self.inside:
            return Inside(self.subject)
        return LocalExecutor(self.subject, self.folder, 2, Limits(threads=1))

    def live(self) -> None:
        """Be a coordinator: begin the study or take it up, and run it to its end."""
        subject = self.subject
        header = Header(subject.factors, subject.metric, subject.identity())
        begun = (self.folder / STUDY_FILE).exists()
        with Journal.open(self.folder) if begun else Journal.create(self.folder, header) as journal:
            require_unchanged(subject, journal)
            run(self.design, self.executor(), journal, watch=Notes(self.notes))


def born(plan: Plan) -> int:
    """Fork a coordinator and return its process id."""
    child = os.fork()
    if child:
        return child
    try:
        random.seed()  # else every life would finish its trials in the same order
        os.setsid()
        plan.live()
    except WhydropError as error:
        print(f"{plan.folder.name}: {error}", file=sys.stderr, flush=True)
        os._exit(CLEAR_ERROR)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def ended(pid: int, timeout_s: float) -> int | None:
    """Return the wait status of a process if it ends in time."""
    end = time.monotonic() + timeout_s
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        left = end - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(left, 0.002))


def descendants(root: int) -> list[tuple[int, str]]:
    """Return process ids below a process, each with the moment it started (ids are reused)."""
    below: dict[int, list[tuple[int, str]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = stat.read_text().rpartition(")")[2].split()
            below.setdefault(int(after_name[1]), []).append((int(stat.parent.name), after_name[19]))
    found: list[tuple[int, str]] = []
    queue = [root]
    while queue:
        children = below.get(queue.pop(), [])
        found += children
        queue += [pid for pid, _ in children]
    return found


def alive(process: tuple[int, str]) -> bool:
    try:
        after_name = Path(f"/proc/{process[0]}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return after_name[19] == process[1] and after_name[0] != "Z"


# -- what must hold --------------------------------------------------------------------------


KILLS = ("coordinator_kills", "trial_or_supervisor_kills", "server_kills")
WRONG = (
    "lost",
    "changed",
    "counted_twice",
    "acknowledged_but_started_again",
    "unreadable",
    "orphans",
    "coordinators_that_failed",
    "different_studies",
    "different_answers",
)


class Tally(Counter[str]):
    """What a part saw; every count named in WRONG must stay zero."""

    @property
    def sound(self) -> bool:
        return not any(self[name] for name in WRONG)


def check(plan: Plan, tally: Tally) -> None:
    """Hold the journal against what its coordinators said they had kept."""
    kept: dict[int, str] = {}
    for line in plan.notes.read_text().splitlines() if plan.notes.exists() else ():
        word, number, told = [*line.split(" ", 2), ""][:3]
        if int(number) in kept:
            tally["acknowledged_but_started_again" if word == "started" else "counted_twice"] += 1
        elif word == "kept":
            kept[int(number)] = told
    if not kept and not (plan.folder / STUDY_FILE).exists():
        return
    try:
        with Record.open(plan.folder) as record:
            known = {o.trial.number: o for wave in record.waves() for o in wave.outcomes if o}
            outcomes = record.study().outcomes
    except WhydropError:
        traceback.print_exc()
        tally["unreadable"] += 1
        return
    tally["counted_twice"] += len(outcomes) - len(known)
    tally["acknowledged_outcomes_checked"] += len(kept)
    for number, told in kept.items():
        if number not in known:
            tally["lost"] += 1
        elif f"{known[number].state} {known[number].value!r}" != told:
            tally["changed"] += 1


def essence(plan: Plan) -> list[Any]:
    """Return all of a study but its clock: trials, outcomes and decisions."""
    with Record.open(plan.folder) as record:
        outcomes = [replace(o, seconds=0.0, message="") for o in record.study().outcomes]
        return [outcomes, record.waves()[-1].number, record.decisions()]


def answer(plan: Plan) -> tuple[Any, str]:
    """Return what a study says: the factors it names, and why it ended."""
    design = plan.design
    with Record.open(plan.folder) as record:
        replay(design, record)
    return design.named, design.stopped


# -- the parts -------------------------------------------------------------------------------


def disturb(plan: Plan, tally: Tally, chance: random.Random, *, of: str, typical_s: float) -> None:
    """Run a study whose coordinator, or what is below it, is killed until it is finished."""
    for life in itertools.count():
        coordinator = born(plan)
        # Short enough to die in a replay too; longer with every life, or it would not get on.
        status = ended(coordinator, chance.uniform(0.0, typical_s * (1 + life / 10)))
        if status is None and of == "processes":
            status = kill_below(coordinator, tally, chance, typical_s)
        if status is None:
            below = [] if plan.inside else descendants(coordinator)
            os.kill(coordinator, signal.SIGKILL)
            os.waitpid(coordinator, 0)
            tally["coordinator_kills"] += 1
            end = time.monotonic() + ORPHANS_GONE_S
            while (left := [p for p in below if alive(p)]) and time.monotonic() < end:
                time.sleep(0.01)
            tally["orphans"] += len(left)
        check(plan, tally)
        exit_status = None if status is None else os.waitstatus_to_exitcode(status)
        if exit_status == CLEAR_ERROR and of == "processes":
            tally["ended_by_a_clear_error_and_resumed"] += 1  # the import itself was killed
        elif exit_status is not None:
            tally["coordinators_that_failed"] += exit_status != 0
            tally["studies"] += 1
            return


def kill_below(coordinator: int, tally: Tally, chance: random.Random, typical_s: float) -> int:
    """Kill processes below a coordinator until it ends by itself; return its status."""
    while True:
        server, *others = descendants(coordinator) or [(0, "")]
        # The fork server comes first and alone; more often than it, a trial or its supervisor.
        aimed_at_trials = chance.random() < 0.9
        if others:
            with contextlib.suppress(ProcessLookupError):
                victim = chance.choice(others) if aimed_at_trials else server
                os.kill(victim[0], signal.SIGKILL)
                tally["trial_or_supervisor_kills" if aimed_at_trials else "server_kills"] += 1
        status = ended(coordinator, chance.uniform(0.0, typical_s / 4))
        if status is not None:
            return status


def part(program: Program, kills: int, seed: int, *, inside: bool, workplace: Path) -> Tally:
    """Disturb studies until there were so many kills."""
    tally = Tally(dict.fromkeys(WRONG, 0))
    chance = random.Random(seed)
    workplace.mkdir()
    calm: dict[int, tuple[Plan, float]] = {}
    while sum(tally[name] for name in KILLS) < kills:
        number = tally["studies"]
        study_seed = number // 2 % 10
        if study_seed not in calm:
            undisturbed = Plan(program, workplace / f"calm-{study_seed}", study_seed, inside)
            began = time.monotonic()
            os.waitpid(born(undisturbed), 0)
            calm[study_seed] = undisturbed, time.monotonic() - began
        undisturbed, wall_s = calm[study_seed]
        plan = Plan(program, workplace / str(number), study_seed, inside)
        of = "coordinator" if inside or number % 2 == 0 else "processes"
        disturb(plan, tally, chance, of=of, typical_s=wall_s / (2 if inside else 4))
        with Record.open(plan.folder) as record:
            tally["trials"] += len(record.study().outcomes)
        if of == "coordinator":
            tally["different_studies"] += essence(plan) != essence(undisturbed)
            tally["different_answers"] += answer(plan) != answer(undisturbed)
        else:
            tally["studies_with_killed_trials"] += 1
            tally["of_these_with_the_same_answer"] += answer(plan) == answer(undisturbed)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instant", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=200)
    parser.add_argument("--training", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/kills.json")
    options = parser.parse_args()
    found = json.loads(options.out.read_text()) if options.out.exists() else {}
    parts = {
        "instant": (AT_ONCE, options.instant),
        "processes": (AT_ONCE, options.processes),
        "training": (THAT_TRAINS, options.training),
    }
    with tempfile.TemporaryDirectory(prefix="whydrop-kills-") as parent:
        Plan(AT_ONCE, Path(parent, "warm"), 99, True).live()  # imports all that a life needs
        for name, (program, kills) in parts.items():
            if not kills:
                continue
            began = time.monotonic()
            inside = name == "instant"
            tally = part(program, kills, options.seed, inside=inside, workplace=Path(parent, name))
            found[name] = {
                "sound": tally.sound,
                **tally,
                "wall_s": round(time.monotonic() - began),
                "command": f"python benchmarks/kills.py --{name} {kills} --seed {options.seed}",
                "date": time.strftime("%Y-%m-%d"),
                "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
            }
            print(name, json.dumps(found[name]), flush=True)
            options.out.write_text(json.dumps(found, indent=2) + "\n")
    sys.exit(not all(part["sound"] for part in found.values()))


if __name__ == "__main__":
    main()
