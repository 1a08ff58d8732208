"""JointJitter: Gaussian, apart for each joint, coordinate and frame, and only where somebody is."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest, norm
from tests.fixtures.skeletons import skeletons

from whydrop.augment import JointJitter, SkeletonPipeline
from whydrop.augment.noise import normal
from whydrop.core.errors import UsageError

INDEX = np.arange(7)
HERE = np.full((300, 3, 6, 5, 2), 100.0, np.float32)  # far from 0: noise makes nobody empty


def noise(op, skeletons=HERE, **key):
    made = SkeletonPipeline([op])(skeletons, index=np.arange(len(skeletons)), **key).skeletons
    return (made - skeletons).astype(np.float64)


def test_noise_is_gaussian_with_its_deviation():
    # float32 near 100 has steps of 8e-6, a hundred-thousandth of the deviation.
    sample = noise(JointJitter(0.8)).ravel()
    assert kstest(sample / 0.8, norm.cdf).pvalue > 1e-4
    assert abs(sample.std() - 0.8) < 4 * 0.8 / np.sqrt(2 * sample.size)


def test_joints_coordinates_frames_and_persons_are_apart():
    rows = noise(JointJitter(1.0)).reshape(300, -1)
    correlation = np.corrcoef(rows.T)
    apart = correlation[~np.eye(len(correlation), dtype=bool)]
    assert abs(apart).max() < 6 / np.sqrt(300)
    assert abs(apart.mean()) < 0.01


def test_noise_of_a_sequence_is_the_same_in_all_its_frames():
    made = noise(JointJitter(1.0, per="sequence"))
    assert abs(made - made[:, :, :1]).max() == 0
    assert len(np.unique(made[:, :, 0])) > 0.99 * made[:, :, 0].size


def test_noise_is_that_of_the_sample_s_key_at_each_place():
    x = skeletons()[:1]
    augment = SkeletonPipeline([JointJitter(0.02)], seed=5)
    key = augment.draws(index=[0])["JointJitter"]["noise"]
    place = np.arange(20 * 2 * 3 * 9).reshape(20, 2, 3, 9)  # frame, person, coordinate, joint
    expected = x[0].astype(np.float64) + 0.02 * normal(key, place).transpose(2, 0, 3, 1)
    made = augment(x, index=[0]).skeletons[0]
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_a_frame_gets_the_same_noise_however_many_frames_follow():
    x = skeletons()
    augment = SkeletonPipeline([JointJitter()])
    short = augment(x[:, :, :8], index=INDEX).skeletons
    np.testing.assert_array_equal(augment(x, index=INDEX).skeletons[:, :, :8], short)


@pytest.mark.parametrize("per", ["frame", "sequence"])
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
def test_nobody_stays_nobody(kind, per):
    x = skeletons()
    made = np.asarray(SkeletonPipeline([JointJitter(0.5, per)])(kind(x), index=INDEX).skeletons)
    there = x.any(axis=(1, 3))
    moved = (made != x).transpose(0, 2, 4, 1, 3)
    assert not moved[~there].any() and moved[there].mean() > 0.999


def test_samples_are_jittered_with_their_probability():
    moved = noise(JointJitter(1.0, probability=0.3)).any(axis=(1, 2, 3, 4))
    assert abs(moved.mean() - 0.3) < 4 * np.sqrt(0.21 / 300)


@pytest.mark.parametrize(
    "given", [(-0.1,), (np.inf,), (np.nan,), ("a",), (0.1, "joint"), (0.1, "frame", 2.0)]
)
def test_values_out_of_range_are_refused(given):
    with pytest.raises(UsageError, match="JointJitter"):
        JointJitter(*given)
