"""Next step: what to do with an answer, which depends on why its study stopped."""

import math
import shlex

from whydrop.core.result import Result
from whydrop.core.trial import Trial
from whydrop.report.factor_rows import with_verdict
from whydrop.report.names import listing
from whydrop.report.visible import visible


def next_step(result: Result) -> str:
    """Return what to do next, which depends on why the study stopped."""
    culprits = with_verdict(result, "culprit")
    failed = [o.trial for o in result.study.outcomes if o.state != "ok"]
    stopped = result.plan.get("stopped", "budget")
    if stopped == "failing" and failed:
        worked = {o.trial.arm for o in result.study.outcomes if o.state == "ok"}
        trial = ([each for each in failed if each.arm not in worked] or failed)[0]
        return f"{_failing(trial, result)}; mend that, and begin a new study"
    if failed and math.isnan(result.gap.effect):
        return _failing(failed[0], result)
    if result.verdict == "explained" and culprits:
        return f"undo {listing(culprits)} in the bad run"
    if result.verdict == "not reproduced":
        return "look at what these settings do not hold: data, code, how the metric is taken"
    if stopped == "no noise":
        return "let chance in: pass the seed on, or measure on more data; then begin a new study"
    if stopped == "gap":
        return (
            "make chance smaller, by longer trials or more test data, and begin a new study: "
            "this drop is too small beside it"
        )
    if stopped == "unfinished":
        return f"go on by {_again('resume', result)}"
    if stopped == "budget":
        budget = result.plan.get("max_trials")
        spent = max(result.trials.total, budget if isinstance(budget, int) else 0)
        return f"go on by {_again('resume', result, max_trials=spent + max(50, spent // 2))}"
    if culprits:
        return f"undo {listing(culprits)} in the bad run, and explain what is left in a new study"
    return "begin a new study with less chance in a trial: longer training, or more test data"


def _failing(trial: Trial, result: Result) -> str:
    side = {0: "good fails", (1 << len(result.study.factors)) - 1: "bad fails"}
    why = side.get(trial.arm, "trials fail")
    return f"see why {why}: {_again('rerun', result, str(trial.number))}"


def _again(verb: str, result: Result, trial: str = "", max_trials: int = 0) -> str:
    """Return the command that takes a study up again; one begun in Python needs its call."""
    folder = visible(result.folder) or "STUDY"
    if result.folder and not result.command:
        if trial:
            return f"the log of trial {trial} in {folder}"
        more = f", max_trials={max_trials}" if max_trials else ""
        return f"the same call with study={folder!r}{more}"
    more = f" --max-trials {max_trials}" if max_trials else ""
    return f"`whydrop {verb} {shlex.quote(folder)}{f' {trial}' if trial else ''}{more}`"
