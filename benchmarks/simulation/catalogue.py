"""The catalogue: every case and every attack of the report on whydrop's own design."""

from collections.abc import Iterator
from typing import Any, Literal

from attack import KINDS, Attack
from case import NO_TARGET, Case, Target
from cells import Cell

REPORTABLE = Target(some=0.85, trials=150)  # too many causes to prove each of them
TWO = Target(0.98, 55)
THREE = Target(0.80, 110)
FOUR = Target(0.90, 100)


def _cases(
    part: Literal["A", "B"],
    k: int,
    gap: float,
    truths: str,
    targets: dict[str, Target] | None = None,
    **noise: Any,
) -> Iterator[Case]:
    for truth in truths.split():
        target = (targets or {}).get(truth, NO_TARGET)
        yield Case(part, Cell(k, truth, gap, **noise), target)


SHAPES = "one two and2 or2 harm_help tiny main_and and3 three"
SPARSE = "one two and2 or2"

MAIN = (
    *_cases(
        "A",
        7,
        4.0,
        f"{SHAPES} four null",
        {
            "one": Target(0.99, 33),
            "and2": Target(0.99, 48),
            "or2": Target(0.99, 50),
            "three": Target(0.35, 135),
            "four": REPORTABLE,
            "null": Target(0.98, 21),
        },
    ),
    *_cases(
        "A",
        10,
        4.0,
        f"{SHAPES} four six null",
        {
            "one": Target(0.99, 34),
            "two": Target(0.98, 68),
            "and2": Target(0.99, 54),
            "or2": Target(0.99, 55),
            "harm_help": Target(0.96, 62),
            "tiny": Target(0.99, 50),
            "main_and": Target(0.87, 105),
            "and3": Target(0.98, 65),
            "four": REPORTABLE,
            "six": REPORTABLE,
        },
    ),
    *_cases(
        "A",
        20,
        4.0,
        f"{SHAPES} null",
        {
            "one": Target(0.99, 35),
            "two": Target(0.95, 72),
            "and2": Target(0.99, 55),
            "or2": Target(0.99, 57),
            "harm_help": Target(0.92, 62),
            "and3": Target(0.97, 76),
        },
    ),
    *_cases("A", 7, 2.0, f"{SPARSE} null", {"one": Target(0.98, 72), "null": Target(0.75, 50)}),
    *_cases("A", 10, 8.0, f"{SHAPES} four", {"three": Target(0.98, 68)}),
    *_cases("A", 10, 8.0, SPARSE, {"one": Target(0.91, 68)}, noise_at_bad=5.0),
    *_cases("A", 10, 40.0, SPARSE, noise_at_bad=20.0),
    *_cases(
        "A",
        10,
        4.0,
        SPARSE,
        {"one": Target(0.99, 29), "two": Target(0.99, 60), "and2": Target(0.99, 48)},
        rho=0.5,
    ),
)

PROVEN = {
    **dict.fromkeys(("two", "two_equal", "two_uneven"), TWO),
    **dict.fromkeys(("three", "three_equal", "three_uneven"), THREE),
}
ADDITIVE = (
    *_cases("B", 10, 4.0, "two three", PROVEN),
    *_cases("B", 10, 8.0, "four", {"four": FOUR}),
    *_cases("B", 8, 4.0, "two three", PROVEN),
    *_cases("B", 12, 4.0, "two three", PROVEN),
    *_cases("B", 16, 4.0, "two three", PROVEN),
    *_cases("B", 10, 4.0, "two_equal two_uneven three_equal three_uneven", PROVEN),
    *_cases("B", 12, 4.0, "two_equal two_uneven three_equal three_uneven", PROVEN),
    *_cases("B", 10, 5.0, "two three", PROVEN),
    *_cases("B", 10, 3.0, "two three"),
    *_cases("B", 10, 4.0, "two three", PROVEN, rho=0.3),
    *_cases("B", 10, 4.0, "two three", noise_at_bad=2.0),
    *_cases("B", 8, 8.0, "four four_uneven", {"four": FOUR}),
    *_cases("B", 12, 8.0, "four four_uneven", {"four": FOUR}),
    *_cases("B", 16, 8.0, "four", {"four": FOUR}),
    *_cases("B", 10, 8.0, "four", {"four": FOUR}, rho=0.3),
)

FIRST_CULPRIT, LAST, LAST_BUT_ONE = 0, -1, -2  # ranks; the last are harmless
BOTH_WAYS = ((LAST, LAST_BUT_ONE), (LAST_BUT_ONE, LAST))
TIED_CULPRIT = ((LAST, FIRST_CULPRIT), (FIRST_CULPRIT, LAST))


def _branches() -> Iterator[Case]:
    for truth in ("one", "and2", "two"):
        for wave in (1, 2, 4, 8, 16):
            yield Case("D", Cell(10, truth, 4.0), wave=wave)
    for truth in SPARSE.split():
        yield Case("D", Cell(10, truth, 4.0, crashing=(LAST,)))
    for truth in SPARSE.split():
        for needs in (((LAST, LAST_BUT_ONE),), BOTH_WAYS):
            for declared in (False, True):
                yield Case("D", Cell(10, truth, 4.0, needs=needs), declared=declared)
    for needs in (((FIRST_CULPRIT, LAST),), TIED_CULPRIT):
        for declared in (False, True):
            yield Case("D", Cell(10, "one", 4.0, needs=needs), declared=declared)
    for truth in ("one", "and2", "two"):
        yield Case("D", Cell(10, truth, 4.0), suspicion="right")
        yield Case("D", Cell(10, truth, 4.0), suspicion="wrong")
    for truth in SPARSE.split():
        for budget in (150, 300):
            yield Case("D", Cell(10, truth, 4.0), max_trials=budget, misled=True)
    yield Case("D", Cell(10, "one", 4.0, crash=0.15, nan=0.15))
    for truth, gap in (("one", 4.0), ("one", 8.0), ("two", 8.0)):
        yield Case("D", Cell(10, truth, gap, noise="collapse"))


BRANCHES = tuple(_branches())


ATTACKED = (
    Cell(7, "one", 4.0),
    Cell(7, "one", 8.0, noise_at_bad=5.0),
    Cell(7, "one", 4.0, rho=0.5),
    Cell(7, "or2", 4.0),
    Cell(7, "and2", 40.0, noise_at_bad=20.0),
    Cell(7, "and3", 8.0),
    Cell(14, "tiny", 8.0),
    Cell(8, "four", 8.0),
    Cell(7, "main_and", 8.0),
    Cell(7, "harm_help", 8.0),
    # What no explanation of the screen's kind predicts well, and hardly any noise beside it.
    Cell(12, "three_ands", 100.0),
    Cell(7, "one", 4.0, crash=0.15, nan=0.15),
    Cell(7, "one", 4.0, step=0.5),
    Cell(7, "one", 1.2, sigma=0.3, step=0.5),
    Cell(7, "one", 4.0, noise="t3"),
    Cell(7, "one", 4.0, noise="skewed up"),
    Cell(7, "one", 4.0, noise="skewed down"),
    Cell(7, "one", 4.0, noise="collapse"),
    # Here the guarantee ends: a factor that does not move the mean, but the shape of the noise.
    Cell(7, "one", 4.0, noise_when_on="skewed up"),
    Cell(7, "one", 4.0, noise_when_on="skewed down"),
)
ATTACKS = tuple(Attack(cell, kind) for cell in ATTACKED for kind in KINDS)

Work = Case | Attack
CATALOGUE: tuple[Work, ...] = (*MAIN, *ADDITIVE, *ATTACKS, *BRANCHES)
QUICK: tuple[Work, ...] = (
    MAIN[0],
    ADDITIVE[0],
    ATTACKS[0],
    ATTACKS[2],
    Case("D", Cell(7, "one", 8.0, needs=((LAST, LAST_BUT_ONE),)), declared=True),
)
