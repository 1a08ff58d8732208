"""The report on whydrop's own design as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from attack import Attack
from case import Case
from cells import IN_WORDS, Cell
from summary import missed
from tables import situation

Row = Mapping[str, Any]
HEAD_LINES = 2  # of a table

INTRODUCTION = """# whydrop's design, simulated

The class that users run, in worlds with a planted truth: which factors bear it is drawn anew in
each of the repetitions. Unless a row says otherwise, 5 % of the trials crash and 5 % give NaN, a
study has at most 150 trials, two at a time, and `min_effect` is half of the gap. "Noise" is the
standard deviation of the good run over seeds.

Exact: the named set is the planted one (with nothing to find: "not reproduced"; with tiny factors:
the large one, and no harmless one). False: a harmless factor is named, or one with the wrong sign.
Coverage is given for: the effects of single factors / of factors together / the gap / the points
recovered / the largest effects still possible, all of a study at once. "Explained" is true when
undoing the named factors leaves less than half of the gap. Targets are in brackets: exact and
named at least, trials at most; false names at most 1 %, coverage at least 95 %. "By chance" marks
a miss that this number of repetitions cannot tell from the target (95 %).
"""
HEADINGS = {
    "A": "## Cells with targets\n\n"
    "A star marks worlds of the kind that the design's constants were chosen on.",
    "B": "## Causes that add up\n\n"
    "Only the starred rows are of the kind that the constants were chosen on.",
    "C": "## The guarantee under attack\n\n"
    "Verification is told to test harmless factors, with all of alpha (nominal 5 %) in one "
    "attempt. The screen's beliefs have harmless factors and culprits exchanged. In the last two "
    "worlds one factor leaves the mean as it is and changes the shape of the noise: no longer "
    "harmless in the sense that the guarantee needs, and shown to say where it ends.",
    "D": "## Branches\n\nCrashes, combinations that cannot run, suspicion, batches, a screen that "
    "is wrong (only the fold-over can help), and seeds that collapse.",
}


def report(lines: Sequence[tuple[Case | Attack, Row]], *, engine: str) -> str:
    """Return all tables; rows that were measured with other code than the present are marked."""
    cases = [(work, row) for work, row in lines if isinstance(work, Case)]
    tables = {
        "A": _cases([line for line in cases if line[0].part == "A"], engine),
        "B": _cases([line for line in cases if line[0].part == "B"], engine),
        "C": _attacks([(w, row) for w, row in lines if isinstance(w, Attack)], engine),
        "D": _branches([line for line in cases if line[0].part == "D"], engine),
    }
    parts = [INTRODUCTION]
    for part, table in tables.items():
        if len(table) > HEAD_LINES:
            parts += [HEADINGS[part], "", *table, ""]
    if any(row["engine"] != engine for _, row in lines):
        parts.append("† measured with an earlier version of the code.")
    return "\n".join(parts).rstrip() + "\n"


def _cases(lines: Sequence[tuple[Case, Row]], engine: str) -> list[str]:
    table = _head(
        *("situation", "truth", "reps", "exact %", "one named %", "false %"),
        *("coverage % of effects / groups / gap / recovered / limits", "explained % (true %)"),
        *("gap + screen + verify", "trials", "p90", "waves", "s a study", "missed"),
    )
    for case, row in lines:
        table.append(
            _line(
                _where(case.cell),
                IN_WORDS[case.cell.truth] + ("\\*" if case.tuned else ""),
                _repetitions(row, engine),
                _percent(row["exact"]) + _bracket(case.target.exact, 100),
                _percent(row["some"]) + _bracket(case.target.some, 100),
                _percent(row["false"]),
                " / ".join(
                    _percent(row[key])
                    for key in ("effects", "groups", "gap", "recovered", "limits")
                ),
                f"{_percent(row['explained'])} ({_percent(row['explained_true'])})",
                " + ".join(f"{x:.1f}" for x in row["phases"]),
                f"{row['trials']:.1f}" + _bracket(case.target.trials),
                row["trials_p90"],
                row["waves"],
                f"{row['seconds_each']:.2f}",
                ", ".join(missed(case, row)) or "-",
            )
        )
    return table


def _attacks(lines: Sequence[tuple[Attack, Row]], engine: str) -> list[str]:
    table = _head(
        *("world", "what verification tests", "reps", "any harmless factor named, %"),
        *("95 % interval", "any factor named, %", "trials"),
    )
    for attack, row in lines:
        table.append(
            _line(
                f"{IN_WORDS[attack.cell.truth]}; {_where(attack.cell)}",
                attack.kind,
                _repetitions(row, engine),
                f"{100 * row['false']:.2f}",
                f"{100 * row['false_low']:.2f} to {100 * row['false_high']:.2f}",
                _percent(row["named"]),
                f"{row['trials']:.0f}",
            )
        )
    return table


def _branches(lines: Sequence[tuple[Case, Row]], engine: str) -> list[str]:
    table = _head(
        *("branch", "truth", "reps", "exact %", "false %", "explained % (true %)", "trials"),
        *("waves", "crashing factors named % (others %)"),
        *("what cannot run is known % (more than that %)", "rightly untestable % (others %)"),
        *("intervals said to be unsafe %", "coverage % of effects / limits"),
        "ended for want of",
    )
    for case, row in lines:
        cell = case.cell
        table.append(
            _line(
                _branch(case),
                IN_WORDS[cell.truth],
                _repetitions(row, engine),
                _percent(row["exact"]),
                _percent(row["false"]),
                f"{_percent(row['explained'])} ({_percent(row['explained_true'])})",
                f"{row['trials']:.1f}",
                row["waves"],
                _pair(row, "crash", "crash_found", bool(cell.crashing)),
                _pair(row, "learnt", "learnt", bool(cell.needs)),
                _pair(row, "untestable", "untestable", _tied(cell)),
                _percent(row["skewed"]),
                f"{_percent(row['effects'])} / {_percent(row['limits'])}",
                ", ".join(f"{why} {n}" for why, n in sorted(row["stopped"].items())),
            )
        )
    return table


def _pair(row: Row, name: str, found: str, applies: bool) -> str:
    right = _percent(row[found]) if applies else "-"
    return f"{right} ({_percent(row[f'{name}_false'])})"


def _tied(cell: Cell) -> bool:
    return any((j, i) in cell.needs for i, j in cell.needs)


def _branch(case: Case) -> str:
    cell, parts = case.cell, []
    if cell.needs:
        who = "the culprit" if any(0 in pair for pair in cell.needs) else "a harmless factor"
        how = "and another only run together" if _tied(cell) else "needs another one on"
        parts.append(f"{who} {how}, {'told' if case.declared else 'not told'}")
    if case.suspicion:
        parts.append(f"the {case.suspicion} factor is suspected beforehand (4 times)")
    if case.misled:
        parts.append(f"the screen is wrong, at most {case.max_trials} trials")
    if case.wave != 2 or not parts:
        parts.append(f"{case.wave} at a time")
    return f"{'; '.join(parts)}; {_where(cell)}"


def _where(cell: Cell) -> str:
    return situation(vars(cell)).replace("gap / seed noise", "gap / noise")


def _repetitions(row: Row, engine: str) -> str:
    return f"{row['repetitions']}{'' if row['engine'] == engine else ' †'}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}".removesuffix(".0")


def _bracket(target: float | None, scale: float = 1) -> str:
    return "" if target is None else f" ({scale * target:.0f})"


def _head(*names: str) -> list[str]:
    return [_line(*names), "|" + "---|" * len(names)]


def _line(*entries: object) -> str:
    return "|" + "|".join(map(str, entries)) + "|"
