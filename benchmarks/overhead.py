"""What whydrop itself costs: beside a training, beside a program, and before it says anything.

    python benchmarks/overhead.py [--out benchmarks/results/overhead.json]

Prints a table, writes the same as JSON, and exits with 1 if a promise is broken. Needs torch.
Run it on a machine that does nothing else, or before all else by ``chrt -f 1``; the load that it
found and its priority are in the result.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import whydrop
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.executor import Limits
from whydrop.explain.executors.local import LocalExecutor
from whydrop.explain.executors.process_tree import descendants
from whydrop.explain.subject import CallTask, Ended, ProcessTask

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "keras", "tensorflow", "sklearn", "numpy", "scipy", "pandas", "matplotlib")

# The training times itself, so that what is left of a trial's time is ours.
MODULE = """
import time
import torch

def instant(config, seed):
    return {"seconds": 0.0}

def training(config, seed):
    began = time.perf_counter()
    model = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 2))
    data, labels = torch.randn(256, 64), torch.randint(2, (256,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    while time.perf_counter() - began < config["seconds"]:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(data), labels).backward()
        optimizer.step()
    return {"seconds": time.perf_counter() - began}
"""

# A training by a recipe, that tells how long its fit took.
RECIPE_MODULE = """
import time
from whydrop.training import Learner
from whydrop.training.recipes.train import prepare, train as by_recipe

fit, seconds = Learner.fit, []

def timed(learner, epochs):
    began = time.perf_counter()
    history = fit(learner, epochs)
    seconds.append(time.perf_counter() - began)
    return history

Learner.fit = timed

def train(config, seed):
    by_recipe(config, seed)
    return {"seconds": seconds.pop()}

train.prepare = prepare
"""
RECIPE = {
    "schema": "whydrop.recipe/1",
    "data": {"name": "digits"},
    "model": {"name": "mlp"},
    "optimizer": {"name": "sgd", "lr": 0.1},
    "train": {"epochs": 2},
}
IMAGES = 9000  # 32 x 32 x 3 bytes each: 28 MB


@dataclass(frozen=True)
class Row:
    """One figure: its name, value, unit, and the promise it must keep, if there is one."""

    name: str
    value: float
    unit: str
    promise: float | None = None
    detail: str = ""

    @property
    def kept(self) -> bool:
        return self.promise is None or self.value <= self.promise


@dataclass(frozen=True)
class Fixed:
    """A subject whose trials are all the same; the metric is the seconds a call returned."""

    todo: ProcessTask | CallTask

    @property
    def factors(self) -> tuple[Factor, ...]:
        return ()

    @property
    def metric(self) -> Metric:
        return Metric("seconds", minimize=True)

    def task(self, trial: Trial, folder: Path) -> ProcessTask | CallTask:
        return self.todo

    def outcome(self, trial: Trial, folder: Path, ended: Ended) -> Outcome:
        return Outcome.measured(trial, ended.returned["seconds"] if ended.returned else 0.0)

    def identity(self) -> dict[str, str]:
        return {}

    def by_hand(self, trial: Trial, folder: Path) -> str:
        return ""


@contextmanager
def executing(
    task: ProcessTask | CallTask, *, jobs: int = 1, limits: Limits | None = None
) -> Iterator[LocalExecutor]:
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalExecutor(Fixed(task), Path(folder), jobs, limits or Limits()) as executor,
    ):
        yield executor


def one_after_another(task: ProcessTask | CallTask, count: int) -> tuple[list[float], float]:
    """Return the seconds from the submission of each trial to its outcome, less its training;
    and the processor seconds of one trial with all that watches it, training included.
    """
    costs = []
    with executing(task) as executor:
        for number in range(count + 1):
            if number == 1:  # the first one waits for the server
                server = descendants(os.getpid())[0]  # parents come first
                used = _processor_seconds(server, with_children=True)
            began = time.perf_counter()
            executor.submit(Trial(number, arm=0, seed=number, phase="noise"))
            outcome = executor.next_outcome()
            assert outcome is not None
            assert outcome.value is not None, outcome.message
            costs.append(time.perf_counter() - began - outcome.value)
        used = _processor_seconds(server, with_children=True) - used
    return costs[1:], used / count


def warm_calls(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder, "overhead_training.py")
        module.write_text(MODULE)
        instant, processor = one_after_another(CallTask(f"{module}:instant", {}, 0), count)
        task = CallTask(f"{module}:training", {"seconds": 0.2}, 0)
        training, _ = one_after_another(task, count // 2)
    return [
        Row("warm function trial, processor time", processor, "s", None, "whatever the load"),
        Row("warm function trial, instant", *_middle(instant), 0.05, _spread(instant)),
        Row("warm function trial, 0.2 s of torch", *_middle(training), 0.05, _spread(training)),
    ]


def recipes(count: int) -> list[Row]:
    import numpy as np

    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        module, file = Path(folder, "overhead_recipe.py"), Path(folder, "images.npz")
        module.write_text(RECIPE_MODULE)
        images = rng.integers(0, 256, (IMAGES, 3, 32, 32), dtype=np.uint8)
        np.savez_compressed(file, x=images, y=np.arange(IMAGES) % 10)
        arrays = {"name": "npz", "path": str(file), "inputs": "x", "labels": "y", "fraction": 0.1}
        rows = []
        for name, data in (("digits", RECIPE["data"]), ("28 MB of images", arrays)):
            recipe = RECIPE | {"data": data}
            costs, _ = one_after_another(
                CallTask(f"{module}:train", recipe, 0, ahead=(recipe,)), count
            )
            rows.append(Row(f"warm recipe trial, {name}", *_middle(costs), 0.05, _spread(costs)))
    return rows


def programs(count: int) -> list[Row]:
    """Compare ``python -c pass`` as a trial with the same as a bare subprocess, in turn."""
    command = (sys.executable, "-c", "pass")
    bare, trials = [], []
    with executing(ProcessTask(command)) as executor:
        for number in range(count + 1):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
            bare.append(time.perf_counter() - began)
            began = time.perf_counter()
            executor.submit(Trial(number, arm=0, seed=number, phase="noise"))
            executor.next_outcome()
            trials.append(time.perf_counter() - began)
    differences = [ours - theirs for ours, theirs in zip(trials[1:], bare[1:], strict=True)]
    return [
        Row("python -c pass, bare", *_middle(bare[1:]), None, _spread(bare[1:])),
        Row("the same as a trial, beyond that", *_middle(differences), 0.05, _spread(differences)),
    ]


def while_trials_run(seconds: float) -> list[Row]:
    """Measure the processor time of coordinator and supervisors while two trials sleep."""
    task = ProcessTask((sys.executable, "-S", "-c", f"import time; time.sleep({seconds})"))
    limits = Limits(timeout_s=600.0, memory_mib=10_000)
    with executing(task, jobs=2, limits=limits) as executor:
        began, used = time.perf_counter(), time.process_time()
        for number in (1, 2):
            executor.submit(Trial(number, arm=0, seed=number, phase="noise"))
        time.sleep(seconds / 2)
        below = descendants(os.getpid())  # a server, two supervisors, two trials
        early = [_processor_seconds(pid) for pid in below]
        time.sleep(seconds / 4)
        late = [_processor_seconds(pid) for pid in below]
        while executor.next_outcome() is not None:
            pass
        coordinator = (time.process_time() - used) / (time.perf_counter() - began)
    ours = sum(late) - sum(early)  # the trials sleep
    return [
        Row("coordinator, processor share", coordinator, "of one core", 0.02),
        Row(
            "supervisor that watches memory, processor share",
            ours / 2 / (seconds / 4),
            "of one core",
            0.02,
            "for each trial",
        ),
    ]


def start_up(count: int) -> list[Row]:
    """Time the import and the help text, and show what they load."""
    rows = []
    nothing = _wall([sys.executable, "-c", "pass"], count)
    rows.append(Row("python itself", *_middle(nothing), None, _spread(nothing)))
    cases = {"import whydrop": "import whydrop"}
    if (ROOT / "src/whydrop/cli/main.py").exists():
        cases["whydrop --help"] = (
            "import sys; sys.argv = ['whydrop', '--help']\n"
            "from whydrop.cli.main import main\n"
            "try: main()\n"
            "except SystemExit as end: assert not end.code, end.code"
        )
    for name, code in cases.items():
        walls = _wall([sys.executable, "-c", code], count)
        rows.append(Row(name, *_middle(walls), 0.25, _spread(walls)))
        show = (
            f"{code}\nimport sys; print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True)
        loaded = json.loads(done.stderr.strip().splitlines()[-1].replace("'", '"'))
        detail = ", ".join(loaded) or f"none of {', '.join(HEAVY)}"
        rows.append(Row(f"{name}: heavy modules loaded", len(loaded), "", 0, detail))
    return rows


def _wall(command: Sequence[str], count: int) -> list[float]:
    walls = []
    for _ in range(count):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        walls.append(time.perf_counter() - began)
    return walls


def _middle(values: Sequence[float]) -> tuple[float, str]:
    return statistics.median(values), "s"


def _spread(values: Sequence[float]) -> str:
    deciles = statistics.quantiles(values, n=10)
    return f"median of {len(values)}; 10 % to 90 %: {deciles[0]:.3f} to {deciles[-1]:.3f}"


def _processor_seconds(pid: int, *, with_children: bool = False) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # user and system time, then those of children that have ended
    return sum(map(int, fields[11 : 15 if with_children else 13])) / os.sysconf("SC_CLK_TCK")


def machine() -> dict[str, Any]:
    import torch

    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "load": os.getloadavg()[0],
        "priority": "realtime" if os.sched_getscheduler(0) == os.SCHED_FIFO else "ordinary",
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "versions": {
            "whydrop": whydrop.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/overhead.json")
    parser.add_argument("--count", type=int, default=40, help="trials of each kind")
    options = parser.parse_args()
    about = machine()
    measures: list[Callable[[], list[Row]]] = [
        lambda: start_up(options.count // 2),
        lambda: warm_calls(options.count),
        lambda: recipes(options.count // 2),
        lambda: programs(options.count),
        lambda: while_trials_run(8.0),
    ]
    rows = []
    for measure in measures:
        for row in measure():
            rows.append(row)
            promise = "" if row.promise is None else f"<= {row.promise:g}"
            mark = "" if row.promise is None else ("kept" if row.kept else "BROKEN")
            print(
                f"{row.name:<48}{row.value:>8.3f} {row.unit:<12}{promise:<8}{mark:<8}{row.detail}"
            )
    result = about | {"rows": [asdict(row) | {"kept": row.kept} for row in rows]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    conditions = f"load {about['load']:.1f}, priority {about['priority']}"
    print(f"{about['machine']}; {conditions}; {about['versions']}; kept in {options.out}")
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
