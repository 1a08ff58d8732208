"""Measured rows as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cells import IN_WORDS

Row = dict[str, Any]


def baseline_table(rows: Sequence[Row]) -> str:
    """Return Markdown: for each situation a line a truth and a column a procedure."""
    parts = [
        "Each entry: exact % / false naming % / mean trials (90th percentile). "
        f"{rows[0]['repetitions']} repetitions an entry. 5 % of the trials crash and 5 % give NaN; "
        "they count and are made again. All of these look only for harm: none can be exact where "
        "one factor helps. With one large and many tiny effects, the large one must be named."
    ]
    for where, group in groupby(rows, situation):
        found = list(group)
        names = list(dict.fromkeys(row["procedure"] for row in found))
        parts += ["", f"**{where}**", "", *_head("truth", *names)]
        for truth, of_truth in groupby(found, lambda row: row["truth"]):
            parts.append(_line(IN_WORDS[truth], *map(_entry, of_truth)))
    return "\n".join(parts) + "\n"


def peer_table(rows: Sequence[Row]) -> str:
    """Return Markdown: a line for each tool and seed noise, with coverage."""
    parts = [
        "Two culprits of 3 and 2 points and a pair that costs 3 points together, of six factors; "
        f"{rows[0]['repetitions']} repetitions; no failed trials. In brackets: with tentative "
        "sets or suspects counted as named.",
        "",
        *_head(
            "seed noise, points",
            "procedure",
            "trials at most",
            "exact %",
            "false naming %",
            "culprits found %",
            "coverage of culprits' intervals %",
            "of other intervals %",
            "mean trials (p90)",
        ),
    ]
    parts += [
        _line(
            f"{row['sigma']:g}",
            row["procedure"],
            row["budget"],
            _with_suspects(row, "exact"),
            _with_suspects(row, "false"),
            _percent(row, "found"),
            _percent(row, "covered"),
            _percent(row, "also_covered"),
            f"{row['trials_mean']:.0f} ({row['trials_p90']})",
        )
        for row in rows
    ]
    return "\n".join(parts) + "\n"


def assumption_list(assumptions: Mapping[str, str]) -> str:
    """Return Markdown: what each procedure must assume to be right."""
    lines = [f"- {name}: {assumed}" for name, assumed in assumptions.items()]
    return "\n".join(["What each needs to be right:", "", *lines]) + "\n"


def situation(cell: Mapping[str, Any]) -> str:
    """Return in words what a cell's worlds have in common, their truth apart."""
    parts = [f"k = {cell['k']}", f"gap / seed noise = {cell['gap'] / cell['sigma']:g}"]
    if cell["noise_at_bad"] != 1:
        parts.append(f"noise grows {cell['noise_at_bad']:g}-fold towards bad")
    if cell["rho"]:
        parts.append(f"same-seed correlation {cell['rho']:g}")
    parts += _unusual(cell)
    return ", ".join(parts)


def _unusual(cell: Mapping[str, Any]) -> Iterator[str]:
    if (failing := cell.get("crash", 0.05) + cell.get("nan", 0.05)) != 0.1:
        yield f"{100 * failing:.0f} % of trials fail"
    if (shape := cell.get("noise", "normal")) != "normal":
        yield f"{shape} noise"
    if cell.get("noise_when_on"):
        yield f"{cell['noise_when_on']} noise with one harmless factor on"
    if cell.get("step"):
        yield f"scores rounded to {cell['step']:g} (seed noise {cell['sigma']:g})"
    if cell.get("crashing"):
        yield "one harmless factor crashes 60 % of its trials"


def _entry(row: Row) -> str:
    percents = f"{100 * row['exact']:.0f} / {100 * row['false']:.0f}"
    return f"{percents} / {row['trials_mean']:.0f} ({row['trials_p90']})"


def _percent(row: Row, key: str) -> str:
    return f"{100 * row[key]:.1f}" if key in row else "-"


def _with_suspects(row: Row, key: str) -> str:
    suspected = f"{key}_suspected"
    return _percent(row, key) + (f" ({_percent(row, suspected)})" if suspected in row else "")


def _head(*names: str) -> list[str]:
    return [_line(*names), "|" + "---|" * len(names)]


def _line(*entries: object) -> str:
    return "|" + "|".join(map(str, entries)) + "|"
