"""Answer: what a procedure said of one world."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a procedure said of one world.

    Attributes:
        named: factors it calls culprits.
        trials: it made, failures included.
        suspected: factors it names or at least suspects.
        covered: for each effect interval it prints with a culprit or a suspected set, whether
            the true effect is inside.
        also_covered: the same for every other effect interval it prints.
    """

    named: frozenset[int]
    trials: int
    suspected: frozenset[int] = frozenset()
    covered: tuple[bool, ...] = ()
    also_covered: tuple[bool, ...] = ()
