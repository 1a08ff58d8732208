"""Which trials to run next, and which factors remain: adaptive screening of explanations."""

from collections.abc import Callable, Sequence

import numpy as np

from whydrop.core.factor import Arm, arm_of, members
from whydrop.stats.explanations import Explanations

SHARP = 0.75  # verification catches a wrong set; the last fifth of belief costs more than it saves
ADDITIVE = 0.25  # belief in several causes that add up, which need no sharper screen:
ADDITIVE_AFTER = 8  # mirrored pairs test all factors at once; screen trials before that counts
MOST_SUSPECTS = 4  # their full factorial is at most 16 arms
SUSPECT = 0.5  # belief from which the answer calls a factor suspected
LIKELY = 0.25  # belief from which a factor is verified
RANDOM_ARMS = 60
EVERY_ARM_UP_TO = 6  # factors: 62 arms between good and bad


def suspects(beliefs: Explanations, *, used: int, spent: bool) -> Arm | None:
    """Return the factors to verify, or None while another batch is worth its price.

    Args:
        beliefs: the posterior given all scores.
        used: screen trials made for this attempt.
        spent: no further screen trial may be made.
    """
    top = beliefs.top
    if top and used >= 2 and beliefs.sets[top] >= SHARP:
        return top
    early = used >= ADDITIVE_AFTER and beliefs.additive >= ADDITIVE
    if not (early or spent):
        return None
    order = [int(i) for i in np.argsort(-beliefs.inclusion, kind="stable")]
    likely = [i for i in order if beliefs.inclusion[i] >= LIKELY][:MOST_SUSPECTS]
    return arm_of(likely or order[:1])


def candidates(
    beliefs: Explanations, random: np.random.Generator, allowed: Callable[[Arm], bool]
) -> list[Arm]:
    """Return arms worth considering: random ones, and those that tell the best sets apart."""
    k = beliefs.terms.k
    bad = (1 << k) - 1
    if k <= EVERY_ARM_UP_TO:
        arms = set(range(1, bad))
    else:
        share = random.choice([0.25, 0.5, 0.5, 0.75], RANDOM_ARMS)
        on = random.random((RANDOM_ARMS, k)) < share[:, None]
        arms = {int(arm) for arm in on @ (1 << np.arange(k, dtype=np.int64))}
        for i in np.argsort(-beliefs.inclusion, kind="stable")[:5]:
            arms |= {1 << int(i), bad & ~(1 << int(i))}
        for group in sorted(beliefs.sets, key=lambda arm: -beliefs.sets[arm])[:6]:
            arms |= {group, bad & ~group}
            for i in members(group):
                arms |= {group & ~(1 << i), bad & ~group | 1 << i}
    arms -= {0, bad}
    return [arm for arm in sorted(arms) if allowed(arm)]


def next_arms(beliefs: Explanations, arms: Sequence[Arm], count: int) -> tuple[Arm, ...]:
    """Return the batch of arms that is expected to tell most about which explanation is right.

    Greedy choice by the information that one run carries about the explanation under a Gaussian
    summary of the predictions; each choice lowers what the others still have to tell.
    """
    if not arms:
        return ()
    mean, var = beliefs.predict(arms)
    average = beliefs.p @ mean
    apart = (mean - average) * np.sqrt(beliefs.p)[:, None]
    k = apart.T @ apart
    noise = beliefs.noise * beliefs.seen.variance_factor(average) + beliefs.p @ var
    batch: list[Arm] = []
    for _ in range(count):
        best = int(np.argmax(np.log1p(np.maximum(np.diag(k), 0) / noise)))
        batch.append(arms[best])
        k = k - np.outer(k[:, best], k[best]) / (k[best, best] + noise[best])
    return tuple(batch)


def budget(k: int, attempt: int) -> int:
    """Return the screen trials that an attempt (0, 1, ...) may make."""
    whole = 3 * k + 12
    return whole if attempt == 0 else whole // 2
