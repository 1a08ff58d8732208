"""Which sparse sets of factors explain the drops seen so far: Bayesian search over explanations.

An explanation is a set of terms; a term is a 0/1 function of the arm: a factor alone, two or three
factors that act only together (AND), two of which either is enough (OR). The drop of an arm is the
sum of coefficient x term, plus a small background in which every factor takes part, plus noise.
Coefficients, background and intercept are Gaussian, the noise variance inverse-gamma, so that the
marginal likelihood is closed, and adding a term to an explanation is a rank-one update.

Nothing proven rests on this model: it chooses trials and ranks suspects.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.core.factor import Arm, members

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = tuple[int, ...]  # an explanation: its terms by position, ascending

# Prior share of one term by its kind; a further term is MORE times as likely as none.
SHARE_MAIN, SHARE_AND, SHARE_OR, SHARE_AND3 = 0.75, 0.14, 0.08, 0.03
MORE = 0.3  # a denser prior leaves the right set at 0.7 to 0.8 for 15 to 30 trials
COEFFICIENT = 0.8  # prior standard deviations in units of the gap
BACKGROUND = 0.04
INTERCEPT = 2.0
NOISE_RATIO = 6.0  # variance of bad over good from which noise is taken to grow with the drop
NOISE_GROWTH_MAX = 25.0
SHRINK = 1.5  # degrees of freedom of the common variance in that comparison
BEAM_FIRST, BEAM, DEPTH, KEPT = 24, 12, 6, 60
LEFT_OUT_MODELS = 12
HOPELESS = 12.0  # log units below the best at which a level ends the search


@dataclass(frozen=True)
class Terms:
    """All terms for k factors, with their log prior shares.

    Attributes:
        any_of: (t,) True for OR terms.
        mask: (t,) the factors of each term as an arm.
        log_share: (t,) log of the prior share.
        n_later: terms that may be second or later in an explanation (all but AND of three).
    """

    k: int
    any_of: NDArray[np.bool_]
    mask: Ints
    log_share: Floats
    n_later: int

    @classmethod
    def of(cls, k: int, *, interactions: int = 3, weights: Sequence[float] = ()) -> "Terms":
        """Return the terms for k factors, weighted by suspicion (mean 1)."""
        weight = np.asarray(weights or [1.0] * k, float)
        weight = weight / weight.mean()
        any_of: list[bool] = []
        masks: list[int] = []
        logs: list[Floats] = []

        def add(size: int, share: float, *, either: bool) -> None:
            groups = list(itertools.combinations(range(k), size))
            if not groups:
                return
            product = weight[np.array(groups)].prod(axis=1)
            any_of.extend([either] * len(groups))
            masks.extend(sum(1 << i for i in group) for group in groups)
            logs.append(np.log(product / product.sum() * share))

        add(1, SHARE_MAIN, either=False)
        if interactions >= 2:
            add(2, SHARE_AND, either=False)
            add(2, SHARE_OR, either=True)
        n_later = len(masks)
        if interactions >= 3:
            add(3, SHARE_AND3, either=False)
        return cls(k, np.array(any_of), np.array(masks), np.concatenate(logs), n_later)

    def values(self, arms: Sequence[Arm], which: Sequence[int] | None = None) -> Floats:
        """Return (t, n): the value of each term, or of some, in each arm."""
        chosen = slice(None) if which is None else list(which)
        mask, any_of = self.mask[chosen, None], self.any_of[chosen, None]
        met = np.asarray(arms, np.int64)[None, :] & mask
        values: Floats = np.where(any_of, met != 0, met == mask)
        return values.astype(np.float64)


@dataclass(frozen=True)
class Summary:
    """The scores seen, one entry a distinct arm: n runs, their mean drop, within sum of squares."""

    arms: tuple[Arm, ...]
    n: Floats
    drop: Floats
    within: Floats
    gap: float
    noise_growth: float

    @classmethod
    def of(cls, scores: Mapping[Arm, Sequence[float]], bad: Arm) -> "Summary":
        arms = tuple(scores)
        n = np.array([len(scores[a]) for a in arms], float)
        mean = np.array([math.fsum(scores[a]) / len(scores[a]) for a in arms])
        within = np.array(
            [sum((y - m) ** 2 for y in scores[a]) for a, m in zip(arms, mean, strict=True)]
        )
        good, worst = arms.index(0), arms.index(bad)
        gap = max(abs(mean[good] - mean[worst]), 1e-9)
        # A few runs of each end: their variances are drawn towards the common one.
        pooled = within.sum() / max(1.0, (n - 1).sum())
        v_good = (within[good] + SHRINK * pooled) / (n[good] - 1 + SHRINK)
        v_bad = (within[worst] + SHRINK * pooled) / (n[worst] - 1 + SHRINK)
        growth = 0.0
        if v_bad > NOISE_RATIO * v_good:
            growth = min(NOISE_GROWTH_MAX, math.sqrt(v_bad / max(v_good, 1e-12)) - 1)
        return cls(arms, n, mean[good] - mean, within, float(gap), growth)

    def variance_factor(self, drop: Floats) -> Floats:
        """Return the noise variance at a drop over that of the good arm."""
        return np.square(1 + self.noise_growth * np.clip(drop / self.gap, 0, 1.2))


class Explanations:
    """The posterior over explanations given the scores so far.

    Attributes:
        sets: arm of the factors involved -> probability.
        inclusion: (k,) probability that a factor is part of the explanation.
        noise: variance of one run at the good arm, from repeated arms.
        residual_noise: the same with what the explanations leave over, for planning.
    """

    def __init__(self, terms: Terms, scores: Mapping[Arm, Sequence[float]]) -> None:
        self.terms = terms
        self.seen = seen = Summary.of(scores, (1 << terms.k) - 1)
        v = seen.variance_factor(seen.drop)
        ss = float((seen.within / v).sum())
        self.noise = max((ss + 1e-9) / max(1.0, float((seen.n - 1).sum())), 1e-12)
        self._tau2 = (COEFFICIENT * seen.gap) ** 2 / self.noise
        self._bg2 = (BACKGROUND * seen.gap) ** 2 / self.noise
        self._icp = (INTERCEPT * seen.gap) ** 2 / self.noise
        self._bits = _bit_matrix(seen.arms, terms.k)
        k0 = self._icp + self._bg2 * (self._bits @ self._bits.T)
        self._w0: Floats = np.linalg.inv(k0 + np.diag(v / seen.n)).astype(np.float64, copy=False)
        self._wy = self._w0 @ seen.drop
        self._features = terms.values(seen.arms)
        self._weigh(*self._search(ss), ss)

    def _search(self, ss: float) -> tuple[dict[Model, float], dict[Model, float]]:
        """Return the explanations found: log posterior, up to a constant, and what they leave over.

        A beam search: one update a level for the whole beam.

        Args:
            ss: sum of squares within repeated arms, in units of the good arm's noise.
        """
        terms, seen = self.terms, self.seen
        t, n_later = len(terms.mask), terms.n_later
        fw = self._features @ self._w0  # (t, n)
        columns: dict[int, Floats] = {}

        def column(j: int) -> Floats:
            if j not in columns:
                columns[j] = fw @ self._features[j]
            return columns[j]

        shape, rate = self._noise_prior
        tau2 = self._tau2

        def evidence(logdet: Any, q: Any) -> Any:
            return -0.5 * logdet - shape * np.log(rate + 0.5 * (ss + q))

        # a and b are each term's precision and pull, given the terms already in each explanation;
        # directions hold what those took away.
        a = np.einsum("ij,ij->i", fw, self._features)[None, :]
        b = (fw @ seen.drop)[None, :]
        residual: dict[Model, float] = {(): float(seen.drop @ self._wy)}
        q = np.array([max(residual[()], 1e-9)])
        logdet = np.array([-float(np.linalg.slogdet(self._w0)[1])])
        prior = np.zeros(1)
        level: list[Model] = [()]
        directions = np.zeros((1, 0, t))
        models: dict[Model, float] = {(): float(evidence(logdet[0], q[0]))}
        best = models[()]
        for depth in range(DEPTH):
            width = t if depth == 0 else n_later
            s = tau2 / (1 + tau2 * a[:, :width])
            q_next = np.maximum(q[:, None] - s * b[:, :width] ** 2, 1e-9)
            ld_next = logdet[:, None] + np.log1p(tau2 * a[:, :width])
            grow = math.log(MORE) + math.log(depth + 1)  # one more term, times its orderings
            score = evidence(ld_next, q_next) + prior[:, None] + terms.log_share[:width] + grow
            for m, chosen in enumerate(level):
                for j in chosen:
                    if j < width:
                        score[m, j] = -np.inf
            beam = BEAM_FIRST if depth == 0 else BEAM
            flat = score.ravel()
            wanted = min(flat.size, 4 * beam)
            top = np.argpartition(-flat, wanted - 1)[:wanted]
            top = top[np.argsort(-flat[top], kind="stable")]
            picks: list[tuple[int, int]] = []
            keys: list[Model] = []
            for x in top:
                m, j = divmod(int(x), width)
                key = tuple(sorted((*level[m], j)))
                if flat[x] > -np.inf and key not in models:
                    models[key] = float(flat[x])
                    residual[key] = float(q_next[m, j])
                    picks.append((m, j))
                    keys.append(key)
                    if len(picks) == beam:
                        break
            if not picks:
                break
            level_best = models[keys[0]]
            best = max(best, level_best)
            if depth >= 2 and level_best < best - HOPELESS:
                break
            ms = np.array([m for m, _ in picks])
            js = np.array([j for _, j in picks])
            v = np.stack([column(int(j)) for j in js])
            if depth:
                v = v - np.einsum("pd,pdt->pt", directions[ms, :, js], directions[ms])
            s_pick = s[ms, js]
            b_pick = b[ms, js]
            a = a[ms] - s_pick[:, None] * v**2
            b = b[ms] - (s_pick * b_pick)[:, None] * v
            q, logdet = q_next[ms, js], ld_next[ms, js]
            prior = prior[ms] + terms.log_share[js] + grow
            scaled = (np.sqrt(s_pick)[:, None] * v)[:, None, :]
            directions = np.concatenate([directions[ms], scaled], axis=1)
            level = keys
        return models, residual

    def _weigh(
        self, models: Mapping[Model, float], residual: Mapping[Model, float], ss: float
    ) -> None:
        """Keep the most probable explanations, and what they say of sets, factors and noise."""
        shape, rate = self._noise_prior
        ranked = sorted(models, key=lambda key: -models[key])[:KEPT]
        p = np.exp(np.array([models[key] for key in ranked]) - models[ranked[0]])
        self.models = ranked
        self.p: Floats = p / p.sum()
        # Posterior mean of the noise variance; the residuals count, not only the repeats.
        spread = np.array([rate + 0.5 * (ss + residual[key]) for key in ranked])
        self.residual_noise = float(self.p @ spread) / max(shape - 1, 0.5)
        self.sets: dict[Arm, float] = {}
        for key, weight in zip(ranked, self.p, strict=True):
            involved = self.involved(key)
            self.sets[involved] = self.sets.get(involved, 0.0) + float(weight)
        self.inclusion: Floats = np.zeros(self.terms.k)
        for arm, weight in self.sets.items():
            for i in members(arm):
                self.inclusion[i] += weight
        self.top: Arm = max(self.sets, key=lambda arm: self.sets[arm])

    @property
    def _noise_prior(self) -> tuple[float, float]:
        """Shape of the noise variance after all runs, and its rate before them."""
        return 0.5 + 0.5 * float(self.seen.n.sum()), 0.5 * self.noise

    def involved(self, model: Sequence[int]) -> Arm:
        """Return the factors that the terms of a model mention."""
        arm = 0
        for j in model:
            arm |= int(self.terms.mask[j])
        return arm

    @property
    def alone(self) -> float:
        """The probability of one cause that is one factor."""
        one = zip(self.models, self.p, strict=True)
        return sum(float(p) for m, p in one if len(m) == 1 and m[0] < self.terms.k)

    @property
    def additive(self) -> float:
        """The probability of two or more causes, each on its own."""
        alone = self.terms.k  # the first terms are the factors alone
        return sum(
            float(p)
            for model, p in zip(self.models, self.p, strict=True)
            if len(model) > 1 and max(model) < alone
        )

    def predict(
        self, arms: Sequence[Arm], which: Sequence[int] | None = None
    ) -> tuple[Floats, Floats]:
        """Return (m, n) mean drops and their variances, by model and arm."""
        chosen = self.models if which is None else [self.models[j] for j in which]
        k0 = self._icp + self._bg2 * (_bit_matrix(arms, self.terms.k) @ self._bits.T)  # (c, n)
        count = np.array([a.bit_count() for a in arms], float)
        kw = k0 @ self._w0
        base_mean = k0 @ self._wy
        base_var = self._icp + self._bg2 * count - np.einsum("ij,ij->i", kw, k0)
        used = sorted({j for model in chosen for j in model})
        if not used:
            shape = (len(chosen), len(arms))
            variance = np.maximum(base_var, 0) * self.noise
            return np.broadcast_to(base_mean, shape), np.broadcast_to(variance, shape)
        at = {j: n for n, j in enumerate(used)}
        f = self._features[used]
        fw = f @ self._w0
        rest = np.ascontiguousarray(self.terms.values(arms, used).T) - kw @ f.T  # (c, u)
        gram, target = fw @ f.T, fw @ self.seen.drop
        # Models have different numbers of terms: pad with terms whose coefficient is zero.
        deepest = max(1, max(len(model) for model in chosen))
        index = np.zeros((len(chosen), deepest), np.int64)
        real = np.zeros((len(chosen), deepest))
        for m, model in enumerate(chosen):
            for d, j in enumerate(model):
                index[m, d], real[m, d] = at[j], 1.0
        pair = real[:, :, None] * real[:, None, :]
        precision = gram[index[:, :, None], index[:, None, :]] * pair
        precision = precision + np.eye(deepest) / self._tau2
        inverse = np.linalg.inv(precision)
        beta = np.einsum("mij,mj->mi", inverse, target[index] * real)
        r = rest[:, index].transpose(1, 0, 2) * real[:, None, :]  # (m, c, d)
        mean = base_mean + np.einsum("mcd,md->mc", r, beta)
        var = base_var + np.einsum("mcd,mde,mce->mc", r, inverse, r)
        return mean, np.maximum(var, 0) * self.noise

    def left_out(self, pairs: Sequence[tuple[Arm, Arm]]) -> Floats:
        """Return (p,): mean score of the first arm less the second, as the rest predicts it.

        Each pair is predicted from all scores but those of its own two arms, averaged over the
        most probable explanations.
        """
        at = {arm: n for n, arm in enumerate(self.seen.arms)}
        index = np.array([[at[a], at[b]] for a, b in pairs])
        drop = self.seen.drop
        total = np.zeros(len(pairs))
        kept = self.models[:LEFT_OUT_MODELS]
        for model, p in zip(kept, self.p[: len(kept)], strict=True):
            w = self._w0
            if model:
                f = self._features[list(model)]
                fw = f @ w
                inner = np.linalg.inv(fw @ f.T + np.eye(len(model)) / self._tau2)
                w = w - fw.T @ inner @ fw
            wy = w @ drop
            block = w[index[:, :, None], index[:, None, :]]
            residual = np.linalg.solve(block, wy[index][:, :, None])[:, :, 0]
            rest = drop[index] - residual
            total += p * (rest[:, 1] - rest[:, 0])
        return total / float(self.p[: len(kept)].sum())


def _bit_matrix(arms: Sequence[Arm], k: int) -> Floats:
    bits = np.asarray(arms, np.int64)[:, None] >> np.arange(k) & 1
    return bits.astype(np.float64)
