"""The fast search against dense algebra over all explanations, one by one."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from whydrop.stats import explanations as ex
from whydrop.stats.explanations import Explanations, Summary, Terms

K = 4
BAD = (1 << K) - 1
QUIET = [80.0, 80.1, 80.2, 80.1, 79.9, 80.0, 80.3, 80.1]
WILD = [50.0, 75.0, 90.0, 66.0, 62.0, 71.0, 55.0, 80.0]


def scores_of(seed: int, *, drop=lambda arm: 6.0 * (arm & 1) + 3.0 * (arm & 6 == 6), more=6):
    """Return scores by arm: both ends three times, some arms once or twice."""
    rng = np.random.default_rng(seed)
    arms = [0, BAD] * 3 + [int(a) for a in rng.integers(1, BAD, more)]
    scores: dict[int, list[float]] = {}
    for arm in arms:
        scores.setdefault(arm, []).append(80.0 - drop(arm) + float(rng.standard_normal()))
    return scores


def covariance(beliefs: Explanations, model, arms, others=None) -> np.ndarray:
    """Return the prior covariance of the drops of arms, in units of the noise variance."""
    others = arms if others is None else others
    seen, terms = beliefs.seen, beliefs.terms

    def bits(which):
        return np.array([[arm >> i & 1 for i in range(terms.k)] for arm in which], float)

    def features(which):
        rows = []
        for j in model:
            mask = int(terms.mask[j])
            hit = (lambda a, m=mask: a & m != 0) if terms.any_of[j] else (
                lambda a, m=mask: a & m == m
            )  # fmt: skip
            rows.append([float(hit(arm)) for arm in which])
        return np.array(rows).reshape(len(model), len(which)).T

    scale = seen.gap**2 / beliefs.noise
    return scale * (
        ex.INTERCEPT**2
        + ex.BACKGROUND**2 * bits(arms) @ bits(others).T
        + ex.COEFFICIENT**2 * features(arms) @ features(others).T
    )


def conditional(beliefs, model, arms, keep=None):
    """Return mean drops and variances of arms given the mean drops of the arms in keep."""
    seen = beliefs.seen
    keep = np.arange(len(seen.arms)) if keep is None else np.asarray(keep)
    known = [seen.arms[n] for n in keep]
    noise = np.diag(seen.variance_factor(seen.drop) / seen.n)[np.ix_(keep, keep)]
    inverse = np.linalg.inv(covariance(beliefs, model, known) + noise)
    cross = covariance(beliefs, model, arms, known)
    mean = cross @ inverse @ seen.drop[keep]
    variance = np.diag(covariance(beliefs, model, arms) - cross @ inverse @ cross.T)
    return mean, variance * beliefs.noise


def log_prior(terms: Terms, model) -> float:
    shares = float(sum(terms.log_share[j] for j in model))
    return shares + len(model) * math.log(ex.MORE) + math.lgamma(len(model) + 1)


def log_posterior(beliefs: Explanations, scores, model) -> float:
    """Return the joint t density of all single runs, and the prior, up to a constant.

    The noise variance is inverse-gamma(1/2, noise/2), so the runs together are multivariate t.
    """
    arms = [arm for arm in scores for _ in scores[arm]]
    good = math.fsum(scores[0]) / len(scores[0])
    drops = np.array([good - y for arm in scores for y in scores[arm]])
    shape = (covariance(beliefs, model, arms) + np.eye(len(arms))) * beliefs.noise
    density = stats.multivariate_t(np.zeros(len(arms)), shape, df=1).logpdf(drops)
    return float(density) + log_prior(beliefs.terms, model)


@pytest.mark.parametrize("seed", range(3))
def test_probabilities_are_those_of_the_joint_density_of_all_runs(seed):
    scores = scores_of(seed)
    beliefs = Explanations(Terms.of(K), scores)
    assert beliefs.seen.noise_growth == 0.0  # else runs of unequal variance: tested below
    direct = [log_posterior(beliefs, scores, model) for model in beliefs.models]
    expected = np.exp(np.array(direct) - direct[0])
    np.testing.assert_allclose(beliefs.p, expected / expected.sum(), rtol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_search_finds_what_trying_every_explanation_finds(seed):
    scores = scores_of(seed)
    terms = Terms.of(K)
    beliefs = Explanations(terms, scores)
    every = [
        model
        for size in range(3)
        for model in itertools.combinations(range(len(terms.mask)), size)
        if sum(j >= terms.n_later for j in model) <= 1
    ]
    ranked = sorted(every, key=lambda m: -log_posterior(beliefs, scores, m))[:6]
    assert set(ranked) <= set(beliefs.models)


def test_with_unequal_noise_probabilities_follow_the_dense_formula():
    scores = scores_of(5)
    scores[0] = QUIET
    scores[BAD] = WILD
    beliefs = Explanations(Terms.of(K), scores)
    seen = beliefs.seen
    assert seen.noise_growth > 0
    v = seen.variance_factor(seen.drop)
    ss = sum(
        sum((y - np.mean(scores[arm])) ** 2 for y in scores[arm]) / v[n]
        for n, arm in enumerate(seen.arms)
    )
    direct = []
    for model in beliefs.models:
        dense = covariance(beliefs, model, seen.arms) + np.diag(v / seen.n)
        q = float(seen.drop @ np.linalg.solve(dense, seen.drop))
        shape = 0.5 + 0.5 * float(seen.n.sum())
        direct.append(
            -0.5 * np.linalg.slogdet(dense)[1]
            - shape * math.log(0.5 * beliefs.noise + 0.5 * (ss + q))
            + log_prior(beliefs.terms, model)
        )
    expected = np.exp(np.array(direct) - direct[0])
    np.testing.assert_allclose(beliefs.p, expected / expected.sum(), rtol=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_predictions_are_gaussian_conditionals(seed):
    beliefs = Explanations(Terms.of(K), scores_of(seed))
    arms = list(range(1 << K))
    means, variances = beliefs.predict(arms)
    for n, model in enumerate(beliefs.models):
        mean, variance = conditional(beliefs, model, arms)
        np.testing.assert_allclose(means[n], mean, atol=1e-6)
        np.testing.assert_allclose(variances[n], variance, rtol=1e-5, atol=1e-7)


def test_predictions_of_chosen_models_are_rows_of_those_of_all():
    beliefs = Explanations(Terms.of(K), scores_of(1))
    arms = [1, 6, 9]
    means, variances = beliefs.predict(arms)
    chosen = [3, 0]
    some, spread = beliefs.predict(arms, chosen)
    np.testing.assert_allclose(some, means[chosen])
    np.testing.assert_allclose(spread, variances[chosen])
    nothing = beliefs.models.index(())
    np.testing.assert_allclose(beliefs.predict(arms, [nothing])[0][0], means[nothing])


def test_what_is_predicted_of_a_pair_is_what_the_other_arms_predict():
    beliefs = Explanations(Terms.of(K), scores_of(2))
    arms = beliefs.seen.arms
    pairs = [(arms[2], arms[3]), (0, BAD), (arms[4], 0)]
    kept = beliefs.models[: ex.LEFT_OUT_MODELS]
    weight = beliefs.p[: len(kept)] / beliefs.p[: len(kept)].sum()
    for (first, second), found in zip(pairs, beliefs.left_out(pairs), strict=True):
        rest = [n for n, arm in enumerate(arms) if arm not in (first, second)]
        expected = 0.0
        for model, p in zip(kept, weight, strict=True):
            drops, _ = conditional(beliefs, model, [first, second], rest)
            expected += p * (drops[1] - drops[0])
        assert found == pytest.approx(expected, abs=1e-6)


def test_the_order_of_scores_changes_nothing():
    scores = scores_of(3)
    turned = {arm: scores[arm][::-1] for arm in reversed(scores)}
    one, other = Explanations(Terms.of(K), scores), Explanations(Terms.of(K), turned)
    assert one.top == other.top
    np.testing.assert_allclose(one.inclusion, other.inclusion, rtol=1e-9)
    for arm, p in one.sets.items():
        assert other.sets[arm] == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 2, 5])
def test_sets_and_inclusions_are_probabilities(seed, k):
    bad = (1 << k) - 1
    rng = np.random.default_rng(seed)
    scores = {arm: list(rng.normal(80, 2, 2)) for arm in (0, bad, *rng.integers(0, bad + 1, 5))}
    beliefs = Explanations(Terms.of(k), scores)
    assert sum(beliefs.sets.values()) == pytest.approx(1)
    assert beliefs.p.sum() == pytest.approx(1)
    assert np.all((beliefs.inclusion >= 0) & (beliefs.inclusion <= 1 + 1e-12))
    for i in range(k):
        share = sum(p for arm, p in beliefs.sets.items() if arm >> i & 1)
        assert beliefs.inclusion[i] == pytest.approx(share)
    assert 0 <= beliefs.alone + beliefs.additive <= 1 + 1e-12


def test_scores_that_only_one_factor_moves_are_explained_by_it():
    beliefs = Explanations(
        Terms.of(K), scores_of(0, drop=lambda arm: 8.0 * (arm >> 2 & 1), more=20)
    )
    assert beliefs.top == 0b100
    assert beliefs.alone > 0.9
    assert beliefs.inclusion.argmax() == 2


def test_interactions_bound_the_size_of_terms():
    sizes = {n: {int(m).bit_count() for m in Terms.of(5, interactions=n).mask} for n in (1, 2, 3)}
    assert sizes == {1: {1}, 2: {1, 2}, 3: {1, 2, 3}}
    terms = Terms.of(5, interactions=3)
    assert all(int(m).bit_count() == 3 for m in terms.mask[terms.n_later :])
    assert len(terms.mask) == 5 + 2 * math.comb(5, 2) + math.comb(5, 3)


def test_each_term_is_worth_what_its_words_say():
    terms = Terms.of(3)
    arms = list(range(8))
    for row, mask, any_of in zip(terms.values(arms), terms.mask, terms.any_of, strict=True):
        on = [[arm >> i & 1 for i in range(3) if mask >> i & 1] for arm in arms]
        assert list(row) == [float(any(bits) if any_of else all(bits)) for bits in on]


@pytest.mark.parametrize("weights", [(), (1.0, 2.0, 0.5, 4.0)])
def test_prior_shares_of_all_terms_add_up_to_one(weights):
    assert np.exp(Terms.of(4, weights=weights).log_share).sum() == pytest.approx(1)


def test_suspicion_is_relative_and_multiplies_the_prior():
    weights = (1.0, 2.0, 0.5, 4.0)
    terms = Terms.of(4, weights=weights)
    scaled = Terms.of(4, weights=[7 * w for w in weights])
    np.testing.assert_allclose(terms.log_share, scaled.log_share)
    main = np.exp(terms.log_share[:4])
    np.testing.assert_allclose(main / main[0], weights)
    np.testing.assert_allclose(Terms.of(4, weights=[3.0] * 4).log_share, Terms.of(4).log_share)


def test_suspicion_decides_between_factors_that_the_scores_cannot_tell_apart():
    scores = {0: [80.0, 81.0, 80.5], BAD: [70.0, 71.0, 70.5]}
    even = Explanations(Terms.of(K, interactions=1), scores)
    np.testing.assert_allclose(even.inclusion, even.inclusion[0])
    terms = Terms.of(K, interactions=1, weights=(1.0, 1.0, 3.0, 1.0))
    leaning = Explanations(terms, scores)
    assert leaning.inclusion.argmax() == 2


def test_noise_is_the_pooled_variance_of_repeated_arms():
    scores = {0: [80.0, 82.0, 81.0], BAD: [70.0, 73.0], 5: [75.0]}
    pooled = (np.var(scores[0]) * 3 + np.var(scores[BAD]) * 2) / 3
    assert Explanations(Terms.of(K), scores).noise == pytest.approx(pooled)


def test_noise_of_the_bad_run_grows_only_when_it_is_clearly_larger():
    even = Summary.of({0: [80.0, 81.0, 82.0], BAD: [70.0, 71.0, 72.0]}, BAD)
    np.testing.assert_array_equal(even.variance_factor(even.drop), 1.0)
    wild = Summary.of({0: QUIET, BAD: WILD}, BAD)
    factor = wild.variance_factor(np.array([-1.0, 0.0, wild.gap / 2, wild.gap]))
    assert factor[0] == factor[1] == 1.0
    assert 1 < factor[2] < factor[3]
