"""The report as one HTML page, and as a piece of a notebook.

Pictures are SVG made here, by Jinja macros over percent positions, rather than by a vendored
plotting library: that saves half a megabyte a page, and the page is complete without its script,
prints, keeps its text size at any width, and gives every mark its own words for a keyboard and a
screen reader. The script only adds tooltips, arrow keys, sorting and copying.

The page is safe to open whoever wrote the study: everything is escaped by Jinja, made visible
first where it comes from a program, nothing is loaded, and the content security policy admits
only this very style and script, by their hashes.
"""

import base64
import hashlib
import json
import os
import shlex
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whydrop.core.errors import UsageError
from whydrop.core.phrase import number
from whydrop.core.result import Result
from whydrop.report import amounts, json_file
from whydrop.report.arms import interaction_picture, verification_picture
from whydrop.report.attempts import Attempt, attempts
from whydrop.report.curves import curve_picture
from whydrop.report.effects import axis_title, effect_rows, effects_axis
from whydrop.report.factor_rows import with_verdict
from whydrop.report.joint import recovered, together
from whydrop.report.names import arm_numbers, arm_words, listing, shortened
from whydrop.report.next_step import next_step
from whydrop.report.sharing import shareable
from whydrop.report.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment

EMBEDDED_LIMIT = 300_000  # characters; the whole page stays below 1 MB
MESSAGE_LIMIT = 300  # characters of why a trial failed; its log has the rest
NAMES_LIMIT = 56  # characters of an arm in the table of trials; then factors go by number
MINUS = "\N{MINUS SIGN}"
FAILURES = {
    "nan": "not a number",
    "crashed": "crashed",
    "timeout": "out of time",
    "memory": "out of memory",
    "no-metric": "no metric found",
}


def write_html(result: Result, path: str | Path) -> Path:
    """Write the report as one page that needs nothing else, and return its path.

    The page appears whole or not at all, also where an older one is replaced.

    Raises:
        UsageError: the file cannot be written.
    """
    target, page = Path(path), render(result)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(page, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(
            f"the report cannot be written: {error.strerror}",
            where=str(target),
            do="name a file in a folder that exists and is yours",
        ) from error
    return target


def render(result: Result) -> str:
    """Return the whole page as text."""
    result = shareable(result)
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            **_parts(result),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            data=_embedded(result),
        )
    )


def to_notebook(result: Result) -> str:
    """Return the sentence and the picture of effects, without a script, for a notebook cell."""
    result = shareable(result)
    return (
        _environment()
        .get_template("notebook.html.j2")
        .render(**_parts(result), style=_asset("page.css"))
    )


def _parts(result: Result) -> dict[str, Any]:
    axis, trials, tested = effects_axis(result), _trial_rows(result), attempts(result)
    pictures = [interaction_picture(result, effect) for effect in result.interactions]
    named = listing(with_verdict(result, "culprit", "helps"))
    return {
        "result": result,
        "metric": result.study.metric,
        "digits": amounts.shared_decimals(result),
        "effects": effect_rows(result, axis),
        "effects_axis": axis,
        "axis_title": axis_title(result.study.metric),
        "verification": verification_picture(result),
        "recovered": recovered(result),
        "curves": curve_picture(result),
        "interactions": [
            (together(effect, result), picture)
            for effect, picture in zip(result.interactions, pictures, strict=True)
        ],
        "trials": trials,
        "attempts": tested,
        "settings": _settings(result, tested),
        "numbered": any(trial["numbered"] for trial in trials)
        or any("#" in lane.name for picture in pictures if picture for lane in picture.lanes),
        "folder": shlex.quote(visible(result.folder)) if result.folder else "",
        "named": named if len(named) <= NAMES_LIMIT else "all that is named",
        "next_step": next_step(result),
    }


def _pieces(sentence: str) -> list[tuple[str, bool]]:
    """Return a sentence cut at its backticks: the text, and whether it stood between two."""
    parts = visible(sentence).split("`")
    return [(part, i % 2 == 1 and i + 1 < len(parts)) for i, part in enumerate(parts)]


def _trial_rows(result: Result) -> list[dict[str, Any]]:
    """Return one row a trial: what was on, what came of it, as text and as sortable numbers."""
    study, digits = result.study, max(2, amounts.shared_decimals(result))
    rows = []
    for outcome in study.outcomes:
        trial = outcome.trial
        value = None if outcome.value is None else outcome.value * study.metric.scale
        on = arm_words(trial.arm, study.factors)
        numbered = len(on) > NAMES_LIMIT
        if numbered:
            on = arm_numbers(trial.arm, study.factors)
        rows.append(
            {
                "number": trial.number,
                "phase": trial.phase,
                "on": on,
                "numbered": numbered,
                "seed": trial.seed,
                "value": value,
                "shown": FAILURES.get(outcome.state, outcome.state)
                if value is None
                else number(value, digits),
                "message": visible(shortened(outcome.message, MESSAGE_LIMIT)),
                "seconds": round(outcome.seconds, 2),
                "time": amounts.duration(outcome.seconds),
                "log": visible(outcome.log),
            }
        )
    return rows


def _settings(result: Result, tested: Sequence[Attempt]) -> dict[str, Any]:
    """Return the plan without what the table of tests shows; all of it where there is none."""
    told = dict(result.plan)
    if tested or not told.get("frozen"):
        told.pop("frozen", None)
    return told


def _setting(value: object) -> str:
    """Return a setting as text: words for words and for what is not set, JSON for the rest."""
    if value is None or value == () or value == []:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(value if isinstance(value, str) else json.dumps(json_file.plain(value)))


def _embedded(result: Result) -> str:
    """Return the result as JSON that no HTML parser can mistake for markup.

    Outcomes repeat the names of factors; where that makes them large, the table has them anyway.
    """
    document = json_file.document(result, curves=False)
    value = json_file.text(document, indent=None)
    if len(value) > EMBEDDED_LIMIT:
        del document["outcomes"]
        value = json_file.text(document, indent=None)
    return value.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("whydrop.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        visible=visible,
        minus=lambda value: str(value).replace("-", MINUS),
        number=number,
        signed=amounts.signed,
        interval=amounts.interval,
        bounds=amounts.bounds,
        duration=amounts.duration,
        capitalize_first=lambda value: value[:1].upper() + value[1:],
        setting=_setting,
        pieces=_pieces,
        count=amounts.count,
        asset=lambda value: Markup(value),  # noqa: S704  (our own style and script only)
    )
    return environment


@cache
def _asset(name: str) -> str:
    return files("whydrop.report").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(code: str) -> str:
    """Return the hash by which a content security policy admits a piece of code."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
