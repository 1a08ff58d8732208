"""Answers on a terminal: readable at 80 columns and without colour."""

import math
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from whydrop.core.comparison import Comparison
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.noise import Noise
from whydrop.core.phrase import number
from whydrop.core.redaction import redacted_factor
from whydrop.core.result import ArmRow, Result, TrialsRow
from whydrop.report import amounts
from whydrop.report.factor_rows import cautions, effect_of, measured_with, ordered, verdict_of
from whydrop.report.joint import recovered, together
from whydrop.report.names import arm_words, levels, listing, shortened
from whydrop.report.next_step import next_step
from whydrop.report.sharing import shareable
from whydrop.report.sheet import Sheet

STYLES = {
    "explained": "bold green",
    "partly explained": "bold yellow",
    "not reproduced": "bold cyan",
    "undecided": "bold yellow",
    "culprit": "bold red",
    "helps": "green",
    "passed": "bold green",
    "failed": "bold red",
    "open": "bold yellow",
}
ARM_LIMIT, MESSAGE_LIMIT = 56, 160  # characters of an arm and of why a trial of it failed
LEVEL_LIMIT = 24  # characters of a level in a table; the page shows it whole


def print_result(result: Result, console: Console) -> None:
    """Print the answer of ``explain``: sentence, table, how factors act together, what is next."""
    result = shareable(result)
    sheet, metric = Sheet(console), result.study.metric
    rows, digits = ordered(result.factors), amounts.shared_decimals(result)
    _headline(sheet, result.verdict, result.sentence)
    sheet.show(
        sheet.table(
            (
                (
                    row.name,
                    _change(row.off, row.on),
                    effect_of(row, digits),
                    (verdict_of(row, result), STYLES.get(row.verdict, "")),
                )
                for row in rows
            ),
            headers=("factor", "off → on", amounts.effect_heading(metric), "verdict"),
            folds=1,
        )
    )
    sheet.lines(together(effect, result) for effect in result.interactions)
    sheet.lines(
        f"{listing(effect.factors)}: {measured_with(effect.contexts, len(rows))}"
        for effect in result.culprits
        if effect.contexts not in ((), ((),))
    )
    sheet.lines(f"{row.name}: {said}" for row in rows for said in cautions(row, digits))
    gap = result.gap
    figures = [
        ("good", *_arm(result.good, metric)),
        ("bad", *_arm(result.bad, metric)),
        ("gap", amounts.signed(gap.effect, digits), amounts.interval(gap.low, gap.high, digits)),
    ]
    if result.verification is not None:
        figures.append(("verified", *recovered(result)))
    sheet.show(sheet.table(figures))
    sheet.lines(
        [
            _spent(result.trials),
            *_first_failure(result),
            *(f"note: {note}" for note in result.notes),
        ]
    )
    sheet.lines([f"next: {next_step(result)}"], "bold")


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the answer of ``compare``."""
    sheet, metric, judged = Sheet(console), comparison.study.metric, comparison.judgement
    digits = amounts.decimals(metric, judged.low, judged.high, judged.value)
    _headline(sheet, "", comparison.sentence)
    figures = [
        ("good", *_arm(comparison.good, metric)),
        ("bad", *_arm(comparison.bad, metric)),
        (
            "difference, minus is worse" if metric.minimize else "difference",
            amounts.signed(judged.value, digits),
            f"{amounts.interval(judged.low, judged.high, digits)}, "
            f"{amounts.count(judged.pairs, 'pair')}",
        ),
    ]
    if judged.gate is not None:
        unit = amounts.unit_name(metric).removesuffix("s" if comparison.margin == 1 else "")
        limit = f"a drop of more than {comparison.margin:g} {unit} fails"
        figures.append(("gate", judged.gate, limit))
    sheet.show(
        sheet.table((name, (value, STYLES.get(value, "")), of) for name, value, of in figures)
    )
    if comparison.trials_needed:
        further = amounts.count(comparison.trials_needed, "more trial")
        sheet.lines([f"about {further} for a verdict"])
    sheet.lines([_spent(comparison.trials), *(f"note: {note}" for note in comparison.notes)])


def print_noise(noise: Noise, console: Console) -> None:
    """Print the answer of ``noise``: the spread over seeds, and what a study would cost."""
    sheet, metric = Sheet(console), noise.study.metric
    unit = amounts.unit_name(metric)
    digits = 1 + amounts.decimals(metric, noise.low, noise.high, noise.sigma)
    bounds = "no bounds" if math.isnan(noise.low) else amounts.bounds(noise.low, noise.high, digits)
    _headline(sheet, "", noise.sentence)
    sheet.show(
        sheet.table(
            [
                ("good", *_arm(noise.good, metric)),
                (
                    "spread over seeds (sd)",
                    number(noise.sigma, digits),
                    f"{bounds}, {amounts.count(noise.seeds, 'seed')}",
                ),
                ("the seed is", noise.seed_use, ""),
            ]
        )
    )
    if noise.costs:
        sheet.show(
            sheet.table(
                (
                    (
                        f"{cost.drop:.3g} {unit} ({cost.sigmas:.2g} sd)",
                        f"{cost.trials:,}",
                        amounts.duration(cost.seconds),
                    )
                    for cost in noise.costs
                ),
                headers=(
                    f"to explain, among {amounts.count(noise.differences, 'factor')}, a drop of",
                    "trials",
                    "time",
                ),
            )
        )
    sheet.lines([_spent(noise.trials), *(f"note: {note}" for note in noise.notes)])


def show_factors(factors: Sequence[Factor], sheet: Sheet) -> None:
    """Print factors as a table, groups with their parts: name, levels, where they come from."""
    rows = []
    for factor in map(redacted_factor, factors):
        if factor.parts:
            rows.append((factor.name, "", "switch together"))
        indent = "  " if factor.parts else ""
        rows += [
            (f"{indent}{leaf.name}", _change(leaf.off, leaf.on), leaf.source)
            for leaf in factor.leaves
        ]
    sheet.show(sheet.table(rows, headers=("factor", "off → on", "from"), folds=1))


def _headline(sheet: Sheet, verdict: str, sentence: str) -> None:
    start = sheet.text(f"{verdict.capitalize()}. " if verdict else "", STYLES.get(verdict, ""))
    sheet.show(Text.assemble(start, sheet.text(sentence)))


def _change(off: object, on: object) -> str:
    return " → ".join(shortened(level, LEVEL_LIMIT) for level in levels(off, on))


def _arm(arm: ArmRow, metric: Metric) -> tuple[str, str]:
    digits = amounts.decimals(metric, arm.low, arm.high, arm.value)
    bounds = amounts.bounds(arm.low, arm.high, digits)
    return number(arm.value, digits), f"{bounds}, {amounts.count(arm.trials, 'trial')}"


def _first_failure(result: Result) -> list[str]:
    failed = next((o for o in result.study.outcomes if o.state != "ok"), None)
    if failed is None:
        return []
    why = next(iter(failed.message.splitlines()), failed.state)
    on = shortened(arm_words(failed.trial.arm, result.study.factors), ARM_LIMIT)
    why = shortened(why, MESSAGE_LIMIT)
    return [f"first failure: trial {failed.trial.number}, {on}: {why}"]


def _spent(trials: TrialsRow) -> str:
    failed = f" ({trials.failed:,} failed)" if trials.failed else ""
    phases = ", ".join(f"{n:,} {phase}" for phase, n in trials.by_phase.items())
    total = amounts.count(trials.total, "trial")
    return f"{total}{failed} in {amounts.duration(trials.seconds)}{f': {phases}' if phases else ''}"
