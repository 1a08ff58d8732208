"""Answers as JSON: the layout that ``docs/schema`` fixes, in the metric's shown unit.

Numbers that are not finite become null: a bound that is null is unknown. A level that a run does
not have at all is left out, because null is itself a level.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from whydrop.core.comparison import Comparison
from whydrop.core.effect import Effect
from whydrop.core.factor import ABSENT, names_of
from whydrop.core.metric import Metric
from whydrop.core.noise import Noise
from whydrop.core.result import Result
from whydrop.core.study import Study
from whydrop.report.sharing import redacted_command, redacted_mapping, shareable

EXPLAIN_SCHEMA = "whydrop.explain/1"
COMPARE_SCHEMA = "whydrop.compare/1"
NOISE_SCHEMA = "whydrop.noise/1"


def to_json(result: Result) -> str:
    """Return the JSON text that ``docs/schema/explain.json`` describes, ASCII only."""
    return text(document(result))


def text(value: Mapping[str, Any], *, indent: int | None = 1) -> str:
    """Return JSON text: ASCII only, so that no name in it can disturb a terminal."""
    return json.dumps(value, indent=indent, allow_nan=False) + "\n"


def document(result: Result, *, curves: bool = True) -> dict[str, Any]:
    """Return the JSON value of a result.

    Args:
        result: the answer of ``explain``.
        curves: whether outcomes carry the metric by epoch, most of the size.
    """
    result = shareable(result)
    return {
        "schema": EXPLAIN_SCHEMA,
        "verdict": result.verdict,
        "sentence": result.sentence,
        "metric": _metric(result.study.metric),
        "good": plain(result.good),
        "bad": plain(result.bad),
        "gap": plain(result.gap),
        "culprits": [_effect(effect) for effect in result.culprits],
        "factors": plain(result.factors),
        "interactions": [_effect(effect) for effect in result.interactions],
        "verification": plain(result.verification),
        "trials": plain(result.trials),
        "notes": list(result.notes),
        "outcomes": _outcomes(result.study, curves=curves),
        **_origin(result),
    }


def comparison_to_json(comparison: Comparison) -> str:
    """Return the answer of ``compare`` as JSON text."""
    judged = comparison.judgement
    return text(
        {
            "schema": COMPARE_SCHEMA,
            "verdict": comparison.verdict,
            "sentence": comparison.sentence,
            "metric": _metric(comparison.study.metric),
            "good": plain(comparison.good),
            "bad": plain(comparison.bad),
            "difference": {
                "effect": plain(judged.value),
                "low": plain(judged.low),
                "high": plain(judged.high),
                "confidence": judged.confidence,
                "pairs": judged.pairs,
            },
            "margin": plain(comparison.margin),
            "gate": judged.gate,
            "correlation": plain(comparison.correlation),
            "trials_needed": comparison.trials_needed,
            "trials": plain(comparison.trials),
            "notes": list(comparison.notes),
            "outcomes": _outcomes(comparison.study, curves=True),
            **_origin(comparison),
        }
    )


def noise_to_json(noise: Noise) -> str:
    """Return the answer of ``noise`` as JSON text."""
    return text(
        {
            "schema": NOISE_SCHEMA,
            "sentence": noise.sentence,
            "metric": _metric(noise.study.metric),
            "good": plain(noise.good),
            "spread": {
                "value": plain(noise.sigma),
                "low": plain(noise.low),
                "high": plain(noise.high),
                "confidence": noise.confidence,
                "seeds": noise.seeds,
                "outlier": noise.outlier,
            },
            "seed_use": noise.seed_use,
            "repeat_difference": plain(noise.repeat_difference),
            "trial_seconds": plain(noise.trial_seconds),
            "differences": noise.differences,
            "costs": [plain(cost) for cost in noise.costs],
            "budget": noise.budget,
            "smallest_provable": plain(noise.smallest_provable),
            "trials": plain(noise.trials),
            "notes": list(noise.notes),
            "outcomes": _outcomes(noise.study, curves=True),
            **_origin(noise),
        }
    )


def plain(value: Any) -> Any:
    """Return a value as JSON has it: rows as objects, other sequences as arrays."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: plain(each) for name, each in pairs if each is not ABSENT}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    return str(value)


def _metric(metric: Metric) -> dict[str, str]:
    return {"name": metric.name, "unit": metric.unit, "direction": metric.direction}


def _effect(effect: Effect) -> dict[str, Any]:
    row: dict[str, Any] = plain(effect)
    return {"factors": row.pop("factors"), "effect": row.pop("value"), **row}


def _outcomes(study: Study, *, curves: bool) -> list[dict[str, Any]]:
    scale = study.metric.scale
    rows = []
    for outcome in study.outcomes:
        trial = outcome.trial
        row = {
            "trial": trial.number,
            "on": list(names_of(trial.arm, study.factors)),
            "seed": trial.seed,
            "phase": trial.phase,
            "state": outcome.state,
            "value": None if outcome.value is None else outcome.value * scale,
            "seconds": round(outcome.seconds, 3),
            "message": outcome.message,
            "log": outcome.log,
        }
        if curves:
            row["curve"] = [plain(float(f"{value * scale:.6g}")) for value in outcome.curve]
        rows.append(row)
    return rows


def _origin(answer: Result | Comparison | Noise) -> dict[str, Any]:
    return {
        "plan": plain(redacted_mapping(answer.plan)),
        "versions": plain(answer.versions),
        "command": redacted_command(answer.command),
        "study": answer.folder,
    }
