"""Noise: how much a metric moves by chance. What ``noise`` answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from whydrop.core.result import ArmRow, TrialsRow
from whydrop.core.study import Study

SeedUse = Literal["obeyed", "ignored", "not reproducible", "unknown"]


@dataclass(frozen=True)
class StudyCost:
    """What a study would cost if one difference lowered the metric by a drop.

    Attributes:
        drop: in the shown unit.
        sigmas: the same in standard deviations between seeds.
        trials, seconds: expected; seconds with the given number of jobs.
    """

    drop: float
    sigmas: float
    trials: int
    seconds: float


@dataclass(frozen=True, repr=False)
class Noise:
    """The answer of ``whydrop noise``; numbers in the metric's shown unit.

    Attributes:
        sigma, low, high: standard deviation between seeds with its interval, which assumes
            that the metric is normal over seeds; low and high are nan when unknown.
        confidence: of that interval.
        seeds: different seeds behind it.
        seed_use: "obeyed": one seed always gives one result, another seed another;
            "ignored": all seeds give one result; "not reproducible": one seed gives
            different results; "unknown": too few trials ended well.
        repeat_difference: largest difference between two trials of one seed.
        outlier: one seed is farther out than normal noise puts it: the interval is not to be
            trusted.
        trial_seconds: of a trial, median.
        costs: of a study over ``differences`` factors, at several drops.
        smallest_provable: the smallest drop that ``budget`` trials can prove to be one
            factor's; nan when unknown.
    """

    sentence: str
    study: Study
    good: ArmRow
    sigma: float
    low: float
    high: float
    confidence: float
    seeds: int
    seed_use: SeedUse
    repeat_difference: float
    outlier: bool
    trial_seconds: float
    costs: tuple[StudyCost, ...]
    differences: int
    budget: int
    smallest_provable: float
    trials: TrialsRow
    notes: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    folder: str = ""

    def __repr__(self) -> str:
        return f"<noise: {self.sentence}>"
