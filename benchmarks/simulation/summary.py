"""Summary: the repetitions of a case or of an attack as one row of numbers. Shares are 0 to 1."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attack import Struck
from case import Case, Judged
from scipy.stats import binomtest

Row = dict[str, Any]
FALSE = 0.01  # in every case, false names are at most this
COVERAGE = 0.95


def case_row(judged: Sequence[Judged]) -> Row:
    """Return what was measured of a case."""
    scores = [one.score for one in judged]
    trials = [score.trials for score in scores]
    said = [score.explained for score in scores if score.explained is not None]
    return {
        "exact": _share(score.exact for score in scores),
        "some": _share(score.some for score in scores),
        "false": _share(score.false for score in scores),
        "explained": len(said) / len(scores),
        "explained_true": _share(said),
        "not_reproduced": _share(score.not_reproduced for score in scores),
        **_coverage("effects", [hit for score in scores for hit in score.effects]),
        **_coverage("groups", [hit for score in scores for hit in score.groups]),
        **_coverage("gap", [score.gap for score in scores]),
        **_coverage("recovered", [score.recovered for score in scores]),
        **_coverage("limits", [score.limits for score in scores]),
        "trials": round(float(np.mean(trials)), 2),
        "trials_error": round(float(np.std(trials)) / math.sqrt(len(trials)), 2),
        "trials_p90": int(np.percentile(trials, 90)),
        "phases": [round(float(x), 1) for x in np.mean([s.phases for s in scores], axis=0)],
        "waves": round(float(np.mean([score.waves for score in scores])), 1),
        "pairs": _share(score.pairs for score in scores),
        "skewed": _share(hit for score in scores for hit in score.skewed),
        "crash_found": _share(score.crash_found for score in scores),
        "crash_false": _share(score.crash_false for score in scores),
        "learnt": _share(score.learnt for score in scores),
        "learnt_false": _share(score.learnt_false for score in scores),
        "untestable": _share(score.untestable for score in scores),
        "untestable_false": _share(score.untestable_false for score in scores),
        "stopped": dict(Counter(score.stopped for score in scores)),
        "seconds_each": _seconds(judged),
    }


def missed(case: Case, row: Mapping[str, Any]) -> list[str]:
    """Return which targets a row misses; "by chance" where its repetitions cannot tell."""
    target, n = case.target, row["repetitions"]
    found = []
    for key, least in (("exact", target.exact), ("some", target.some)):
        if least is not None and row[key] < least:
            high = wilson(round(row[key] * n), n)[1]
            found.append(f"{key} {100 * least:.0f}{_chance(high >= least)}")
    if target.trials is not None and row["trials"] > target.trials:
        low = row["trials"] - 1.96 * row["trials_error"]
        found.append(f"trials {target.trials:.0f}{_chance(low <= target.trials)}")
    if row["false"] > FALSE:
        low = wilson(round(row["false"] * n), n)[0]
        found.append(f"false {100 * FALSE:.0f}{_chance(low <= FALSE)}")
    for key in ("effects", "groups", "gap", "recovered", "limits"):
        hits, of = row[key], row[f"{key}_of"]
        if of and hits < COVERAGE:
            high = wilson(round(hits * of), of)[1]
            found.append(f"coverage of {key} {100 * COVERAGE:.0f}{_chance(high >= COVERAGE)}")
    return found


def _chance(possible: bool) -> str:
    return " (by chance)" if possible else ""


def attack_row(struck: Sequence[Struck]) -> Row:
    """Return how often the attempts of an attack were wrong, with a 95 % interval."""
    wrong = sum(one.false for one in struck)
    low, high = wilson(wrong, len(struck))
    return {
        "false": wrong / len(struck),
        "false_low": round(low, 5),
        "false_high": round(high, 5),
        "named": _share(one.named for one in struck),
        "trials": round(float(np.mean([one.trials for one in struck])), 1),
        "seconds_each": _seconds(struck),
    }


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share.

    Example:
        >>> low, high = wilson(90, 100)
        >>> round(low, 3), round(high, 3)
        (0.826, 0.945)
    """
    bounds = binomtest(hits, n).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


def _share(hits: Iterable[bool]) -> float | None:
    known = list(hits)
    return round(float(np.mean(known)), 5) if known else None


def _coverage(name: str, hits: Iterable[bool | None]) -> Row:
    known = [hit for hit in hits if hit is not None]
    return {name: _share(known), f"{name}_of": len(known)}


def _seconds(measured: Sequence[Judged] | Sequence[Struck]) -> float:
    return round(float(np.mean([one.seconds for one in measured])), 4)
