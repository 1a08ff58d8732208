"""Numbers, levels and names as words: the same wording in the terminal, the page and the data.

Everything here returns plain text with ASCII minus signs; a caller with better type replaces them.
"""

import json
import math
import shlex
from collections.abc import Mapping, Sequence

from whydrop.core.effect import Effect
from whydrop.core.factor import ABSENT, Arm, Factor, Level, members, names_of
from whydrop.core.metric import Metric
from whydrop.core.redaction import REDACTED
from whydrop.core.result import FactorRow, Result
from whydrop.report.visible import visible

MAX_DECIMALS = 12
CONTEXTS_SHOWN = 2
PARTNERS_LIMIT = 30  # characters; longer names are said once, below the table


def decimals(metric: Metric, low: float, high: float, value: float = 0.0) -> int:
    """Return how many decimals a number deserves, by the width of its interval.

    Points have one, or two where the interval is narrower than 0.2. In other units the half
    width keeps two significant digits when it begins with 1.0 to 3.54, else one; without
    bounds the value itself keeps three.

    Source: the rounding rule of the Particle Data Group, Review of Particle Physics, section 5.3.
    """
    half = (high - low) / 2
    known = math.isfinite(half) and half > 0
    if metric.unit == "points":
        return 2 if known and half < 0.095 else 1
    size = half if known else abs(value)
    if not math.isfinite(size) or size == 0.0:
        return 1
    power = math.floor(math.log10(size))
    kept = (1 if size / 10**power < 3.545 else 0) if known else 2
    return max(0, min(MAX_DECIMALS, kept - power))


def shared_decimals(result: Result) -> int:
    """Return the decimals that all effects of one result are shown with, so that they align.

    One more than they deserve where a bound of what is named would look like zero and is not.
    """
    # The gap is often known less well than its causes, and must not hide their digits.
    spans = [(effect.low, effect.high, effect.value) for effect in result.culprits]
    spans = spans or [(result.gap.low, result.gap.high, result.gap.effect)]
    digits = min(decimals(result.study.metric, *span) for span in spans)
    named_bounds = [
        bound
        for row in result.factors
        if row.verdict in ("culprit", "helps")
        for bound in (row.low, row.high)
        if bound is not None
    ]
    return digits + any(round(bound, digits) == 0 != bound for bound in named_bounds)


def number(value: float, digits: int) -> str:
    """Return a value with so many decimals; never "-0.0".

    Example:
        >>> number(-0.04, 1), number(1234.56, 1), number(float("-inf"), 1)
        ('0.0', '1,234.6', '-∞')
    """
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    shown = f"{value:,.{digits}f}"
    return shown.removeprefix("-") if float(shown.replace(",", "")) == 0.0 else shown


def signed(value: float, digits: int) -> str:
    """Return a value with its sign, plus included; zero has none."""
    shown = number(value, digits)
    positive = value > 0 and any(c in "123456789∞" for c in shown)
    return f"+{shown}" if positive else shown


def interval(low: float, high: float, digits: int) -> str:
    """Return bounds in brackets, signed.

    Example:
        >>> interval(-3.46, -2.31, 1)
        '[-3.5, -2.3]'
    """
    return f"[{signed(low, digits)}, {signed(high, digits)}]"


def bounds(low: float, high: float, digits: int) -> str:
    """Return bounds of a level of the metric, unsigned: ``70.1 to 71.9``."""
    if math.isinf(low) and math.isinf(high):
        return "no bounds yet"
    return f"{number(low, digits)} to {number(high, digits)}"


def give_or_take(value: float, low: float, high: float, digits: int) -> str:
    """Return ``2.9 ± 0.6``, or the bounds where they are lopsided or infinite."""
    above, below = high - value, value - low
    if not (math.isfinite(above) and math.isfinite(below)):
        return f"{number(value, digits)} {interval(low, high, digits)}"
    if number(above, digits) != number(below, digits):
        return f"{number(value, digits)} ({number(low, digits)} to {number(high, digits)})"
    return f"{number(value, digits)} ± {number(above, digits)}"


def cost(effect: Effect, digits: int) -> str:
    """Return what an effect takes away, positive: ``2.9 ± 0.6``."""
    return give_or_take(-effect.value, -effect.high, -effect.low, digits)


def unit_name(metric: Metric) -> str:
    """Return what one step of the shown numbers is called."""
    return "points" if metric.unit == "points" else "units"


def effect_heading(metric: Metric) -> str:
    """Return the heading of a column of effects."""
    if metric.minimize:
        return "effect, minus is worse"
    return "effect, points" if metric.unit == "points" else "effect"


def listing(names: Sequence[str], last: str = "and") -> str:
    """Return names as a phrase.

    Example:
        >>> listing(["crop"]), listing(["crop", "cutout"]), listing(["a", "b", "c"], "or")
        ('crop', 'crop and cutout', 'a, b or c')
    """
    shown = [visible(name) for name in names]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def count(n: int, thing: str) -> str:
    """Return ``1 trial``, ``2 trials``, ``1,200 trials``."""
    return f"{n:,} {thing if n == 1 else thing + 's'}"


def shortened(text: str, limit: int) -> str:
    """Return text of at most so many characters, its middle replaced by an ellipsis.

    Both ends are kept because long names and paths differ in either.
    """
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    tail = limit - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :]}"


def duration(seconds: float) -> str:
    """Return a time span in the two largest units that matter.

    Example:
        >>> duration(0.21), duration(42), duration(1290), duration(9000), duration(200000)
        ('0.2 s', '42 s', '21 min 30 s', '2 h 30 min', '2 d 7 h')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for size, name, part, part_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            large, small = whole // size, whole % size // part
            return f"{large} {name} {small} {part_name}" if small else f"{large} {name}"
    raise AssertionError("a minute or more has a unit")


def levels(off: Level, on: Level) -> tuple[str, str]:
    """Return both levels of a factor as text, told apart even where only their types differ.

    Example:
        >>> levels(0.1, None), levels(1, "1")
        (('0.1', 'null'), ('1', '"1"'))
    """
    shown = _level(off), _level(on)
    if shown[0] != shown[1] or off == REDACTED:
        return shown
    return _level(off, quote=True), _level(on, quote=True)


def _level(value: Level, *, quote: bool = False) -> str:
    if value is ABSENT:
        return "(absent)"
    if isinstance(value, str) and not quote and value and value == value.strip():
        return visible(value)
    if isinstance(value, Mapping) and value and not quote:
        # A group's parts: the section that they share is said by the name of the factor.
        last = ((str(key).rpartition(".")[2], part) for key, part in value.items())
        return ", ".join(f"{visible(key)}: {_level(part)}" for key, part in last)
    return visible(json.dumps(value, ensure_ascii=False, default=str))


def arm_words(arm: Arm, factors: Sequence[Factor]) -> str:
    """Return an arm by its shortest description: good, bad, what is on, or what is undone."""
    everything = (1 << len(factors)) - 1
    if arm == 0:
        return "good"
    if arm == everything:
        return "bad"
    on, undone = names_of(arm, factors), names_of(everything & ~arm, factors)
    if len(undone) < len(on):
        return f"bad without {listing(undone)}"
    return f"good with {listing(on)}"


def arm_numbers(arm: Arm, factors: Sequence[Factor]) -> str:
    """Return an arm by the numbers of its factors, counted from 1, where names are too long."""
    undone = ((1 << len(factors)) - 1) & ~arm
    shorter, run = (
        (undone, "bad without") if undone.bit_count() < arm.bit_count() else (arm, "good with")
    )
    return f"{run} {', '.join(f'#{i + 1}' for i in members(shorter))}"


def verdict_of(row: FactorRow, result: Result) -> str:
    """Return a factor's verdict with what it means here: ``culprit with crop``."""
    if row.verdict in ("culprit", "helps"):
        partners = partners_of(row.name, result)
        if not partners:
            return row.verdict
        names = listing(partners)
        if len(names) > PARTNERS_LIMIT:
            names = count(len(partners), "other")
        return f"{row.verdict} with {names}"
    if row.verdict == "no effect shown" and row.suspect:
        return "no effect shown; suspect"
    return row.verdict


def partners_of(name: str, result: Result) -> tuple[str, ...]:
    """Return the factors that a named factor needs beside it, in study order."""
    for effect in result.culprits:
        if name in effect.factors and len(effect.factors) > 1:
            return tuple(other for other in effect.factors if other != name)
    return ()


def effect_of(row: FactorRow, digits: int) -> str:
    """Return a factor's effect with what is sure about it.

    A named factor has its interval; for one without a shown effect the largest loss that is
    still possible is what matters.
    """
    possible = still_possible(row, digits)
    if row.effect is None or row.low is None or row.high is None:
        return possible or "not measured"
    effect = signed(row.effect, digits)
    if possible:
        return f"{effect}, {possible}"
    return f"{effect} {interval(row.low, row.high, digits)}"


def still_possible(row: FactorRow, digits: int) -> str:
    """Return the largest loss that an unproven factor may still cost, rounded up, or nothing."""
    possible = row.largest_possible
    if possible is None or math.isnan(possible) or row.verdict != "no effect shown":
        return ""
    if math.isinf(possible):
        return "any loss possible"
    loss = max(possible, 0.0)
    step = 10.0**-digits
    return f"at most {number(math.ceil(loss / step - 1e-9) * step, digits)} lost"


def cautions(row: FactorRow, digits: int) -> list[str]:
    """Return what a reader must know of one factor beside its numbers."""
    said = [row.note] if row.note else []
    if row.skewed and row.median is not None:
        said.append(
            f"one seed makes most of the effect (median {signed(row.median, digits)}); "
            "its interval is not to be trusted"
        )
    return said


def recovered(result: Result) -> tuple[str, str]:
    """Return the points that undoing the named factors gives back, and how sure that is."""
    row = result.verification
    if row is None:
        return "", ""
    digits = shared_decimals(result)
    # The share is told from both ends of the gap, so it is not simply what was given back of it.
    whole = number(row.gap, digits) if math.isfinite(row.gap) else "the gap"
    share = f"; {100 * row.share:.0f} % of {whole} explained" if math.isfinite(row.share) else ""
    shown = interval(row.low, row.high, digits)
    return signed(row.recovered, digits), f"{shown} given back by undoing them{share}"


def measured_with(contexts: Sequence[Sequence[str]], factors: int) -> str:
    """Return with which other factors on an effect was measured, or nothing when unknown.

    Example:
        >>> measured_with([()], 5), measured_with([("crop",), ()], 5)
        ('measured with nothing else on', 'measured with crop on and with nothing else on')
    """
    if len(contexts) > CONTEXTS_SHOWN:
        return f"measured among {len(contexts)} settings of the others"
    shown = []
    for context in contexts:
        if not context:
            shown.append("nothing else on")
        elif len(context) >= factors - 1:
            shown.append("everything else on")
        else:
            shown.append(f"{listing(context)} on")
    return f"measured with {' and with '.join(shown)}" if shown else ""


def together(effect: Effect, result: Result) -> str:
    """Return how named factors act together, in one sentence.

    A set proven as one and worse than its parts hurts only when complete, so undoing any member
    helps; a set proven as one whose parts overlap hurts as soon as one is on, so all must go.
    """
    names, digits = effect.factors, shared_decimals(result)
    whole = next((e for e in result.culprits if set(e.factors) == set(names)), None)
    alone_or_all = "both" if len(names) == 2 else "all"
    either = "either" if len(names) == 2 else "any one"
    extra = Effect(names, -abs(effect.value), *_losses(effect))
    if effect.low <= 0.0 <= effect.high:
        return f"{listing(names)}: whether they act together is not shown"
    if whole is not None and effect.value < 0:
        loss = cost(whole, digits)
        return f"only together: {listing(names)} cost {loss}; undoing {either} is enough"
    if whole is not None:
        loss = cost(whole, digits)
        return (
            f"{either} alone is enough to hurt: {listing(names, 'or')} costs {loss}; "
            f"undo {alone_or_all}"
        )
    amount = cost(extra, digits)
    direction = "more" if effect.value < 0 else "less"
    return f"together {listing(names)} cost {amount} {direction} than the sum of each alone"


def _losses(effect: Effect) -> tuple[float, float]:
    if effect.value < 0:
        return effect.low, effect.high
    return -effect.high, -effect.low


def named(result: Result, *verdicts: str) -> list[str]:
    """Return the factors of these verdicts, in the order in which they are shown."""
    return [row.name for row in ordered(result.factors) if row.verdict in verdicts]


def next_step(result: Result) -> str:
    """Return what to do next, which depends on why the study stopped."""
    culprits = named(result, "culprit")
    failed = [o.trial.number for o in result.study.outcomes if o.state != "ok"]
    stopped = result.plan.get("stopped", "budget")
    if failed and (math.isnan(result.gap.effect) or stopped == "failing"):
        return f"see why trials fail: {_again('rerun', result, str(failed[0]))}"
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


def ordered(rows: Sequence[FactorRow]) -> list[FactorRow]:
    """Return factor rows as a reader wants them: named first, then by what they may cost."""
    rank = {"culprit": 0, "helps": 1, "no effect shown": 2, "untestable": 3}

    def key(row: FactorRow) -> tuple[int, bool, float, float]:
        possible = row.largest_possible if row.largest_possible is not None else -math.inf
        effect = row.effect if row.effect is not None else math.inf
        if row.verdict == "helps":
            effect = -effect
        return rank[row.verdict], not row.suspect, effect, -possible

    return sorted(rows, key=key)
