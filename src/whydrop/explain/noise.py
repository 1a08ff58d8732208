"""Noise: good against itself, over fresh seeds and over one seed again."""

import math
from collections.abc import Iterator, Sequence

from whydrop.core.effect import Effect
from whydrop.core.metric import Metric
from whydrop.core.noise import Noise, StudyCost
from whydrop.core.study import Study
from whydrop.explain.cost import expected_trials, smallest_provable
from whydrop.explain.designer import SEEDS_APART, Ask, Standing
from whydrop.explain.settings import Settings
from whydrop.explain.tally import arm_row, decimals, median_seconds, trials_row
from whydrop.stats.spread import Spread, spread

REPEATS = 2  # seeds that run a second time
CONFIDENCE = 0.95
DIFFERENCES = 10  # of the study whose cost is told; it grows by the logarithm of their number
SIGMAS = (1, 2, 4, 8)  # drops whose cost is told
FAILED_TO_STOP = 3


class GoodAgainstItself:
    """Runs the good arm over fresh seeds, and its first seeds twice; a fixed number of trials.

    Args:
        settings: ``max_trials`` (at least 3), ``wave`` and ``seed``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._scores: list[float] = []
        self.extend(settings.max_trials)

    def extend(self, max_trials: int) -> None:
        # By the first budget, also later: what has been asked for must stay where it was.
        repeats = min(REPEATS, self.settings.max_trials // 3)
        first = 1 + SEEDS_APART * self.settings.seed
        fresh = range(first, first + max_trials - repeats)
        # A repeat comes early, so that a program without a working seed is known at once.
        seeds = [*fresh[:2], *fresh[:repeats], *fresh[2:]]
        self._asks = tuple(Ask(0, seed, "noise") for seed in seeds)

    @property
    def runs(self) -> list[tuple[int, float]]:
        """Seed and score of the trials so far, in order; nan is a failure."""
        return [(ask.seed, s) for ask, s in zip(self._asks, self._scores, strict=False)]

    @property
    def stuck(self) -> bool:
        """Whether every trial so far has failed."""
        return len(self._scores) >= FAILED_TO_STOP and all(map(math.isnan, self._scores))

    @property
    def done(self) -> bool:
        return self.stuck or len(self._scores) == len(self._asks)

    def propose(self) -> tuple[Ask, ...]:
        if self.done:
            return ()
        told = len(self._scores)
        return self._asks[told : told + max(self.settings.wave, 1)]

    def tell(self, scores: Sequence[float]) -> None:
        self._scores += scores

    def standing(self) -> Standing:
        found = spread(self.runs)
        known = Effect((), found.sigma, found.low, found.high, units=found.seeds)
        left = len(self._asks) - len(self._scores)
        doing = f"good against itself on {found.seeds} seeds"
        effects = (known,) if found.seeds > 1 else ()
        return Standing("done" if self.done else "noise", doing, effects, left)


def conclude_noise(study: Study, design: GoodAgainstItself) -> Noise:
    """Return what the study's outcomes say; the design has heard of them."""
    settings, metric = design.settings, study.metric
    found = spread(design.runs)
    trial_seconds = median_seconds(study)
    planned = Settings(alpha=settings.alpha, wave=settings.wave)
    known = found.sigma > 0
    provable = smallest_provable(DIFFERENCES, planned.max_trials, alpha=planned.alpha)
    return Noise(
        sentence=_sentence(found, metric),
        study=study,
        good=arm_row(study, 0, settings.alpha),
        sigma=found.sigma,
        low=found.low,
        high=found.high,
        confidence=CONFIDENCE,
        seeds=found.seeds,
        seed_use=found.seed_use,
        repeat_difference=found.repeat_difference,
        outlier=found.outlier,
        trial_seconds=trial_seconds,
        costs=tuple(_costs(found.sigma, trial_seconds, planned)) if known else (),
        differences=DIFFERENCES,
        budget=planned.max_trials,
        smallest_provable=provable * found.sigma if known else math.nan,
        trials=trials_row(study),
        notes=tuple(_notes(study, found, planned.max_trials, provable)),
    )


def _costs(sigma: float, trial_seconds: float, settings: Settings) -> Iterator[StudyCost]:
    for sigmas in SIGMAS:
        trials = expected_trials(DIFFERENCES, sigmas, alpha=settings.alpha)
        yield StudyCost(sigmas * sigma, sigmas, round(trials), trials * trial_seconds)


def _sentence(found: Spread, metric: Metric) -> str:
    unit = " points" if metric.unit == "points" else ""
    if found.seeds < 2:
        return "Too few trials ended well to say how much the metric moves."
    if found.seed_use == "ignored":
        return (
            f"All {found.seeds} seeds gave the same result: the program ignores its seed, or does "
            "not depend on chance."
        )
    if found.sigma == 0.0:
        return f"All {found.seeds} seeds gave the same result; that is too few to say more."
    digits = decimals(found.sigma / 2)
    sigma, low, high = (f"{x:.{digits}f}" for x in (found.sigma, found.low, found.high))
    said = f"Between seeds the metric moves by {sigma}{unit} (standard deviation; {low} to {high}"
    said += f", {CONFIDENCE:.0%} interval if it is normal over seeds, {found.seeds} seeds). "
    if found.seed_use == "obeyed":
        return said + "The same seed gives the same result."
    if found.seed_use == "unknown":
        return said + "Whether one seed always gives one result was not seen."
    again = f"{found.repeat_difference:.{digits}f}{unit}"
    return said + f"The same seed gave results up to {again} apart."


def _notes(study: Study, found: Spread, budget: int, provable: float) -> Iterator[str]:
    if found.sigma > 0:
        unit = " points" if study.metric.unit == "points" else ""
        least = f"{provable * found.sigma:.{decimals(found.sigma / 2)}f}{unit}"
        yield f"A study of {budget} trials can prove a drop of about {least} or more."
    if found.seed_use == "ignored":
        yield (
            "If the program does use chance, hand it the seed: put {seed} into the command, or "
            "read the environment variable WHYDROP_SEED. Without noise of its own, no study can "
            "tell what would hold for another seed."
        )
    if found.outlier:
        yield (
            "One seed is far from the others: some seeds may fail to train, and the interval, "
            "which assumes a normal metric, is not to be trusted."
        )
    failed = [outcome for outcome in study.outcomes if outcome.state != "ok"]
    if failed:
        yield (
            f"{len(failed)} of {len(study.outcomes)} trials failed and are left out; "
            f"the last: {failed[-1].message.splitlines()[0]}."
        )
