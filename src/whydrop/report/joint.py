"""Joint: what the named factors do together, and what undoing them all gives back."""

import math

from whydrop.core.effect import Effect
from whydrop.core.phrase import number
from whydrop.core.result import Result
from whydrop.report.amounts import give_or_take, interval, shared_decimals, signed
from whydrop.report.names import listing


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


def cost(effect: Effect, digits: int) -> str:
    """Return what an effect takes away, positive: ``2.9 ± 0.6``."""
    return give_or_take(-effect.value, -effect.high, -effect.low, digits)


def _losses(effect: Effect) -> tuple[float, float]:
    if effect.value < 0:
        return effect.low, effect.high
    return -effect.high, -effect.low


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
