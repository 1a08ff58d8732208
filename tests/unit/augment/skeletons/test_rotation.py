"""VerticalRotation against SciPy's rotations in float64."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from tests.fixtures.skeletons import skeletons

from whydrop.augment import SkeletonPipeline, VerticalRotation
from whydrop.core.errors import UsageError

INDEX = np.arange(7)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
@pytest.mark.parametrize("vertical", ["x", "y", "z"])
@pytest.mark.parametrize("centre", ["mean", "origin"])
def test_each_sample_is_turned_by_its_angle_about_the_axis(kind, vertical, centre):
    x = skeletons()
    augment = SkeletonPipeline([VerticalRotation(60, vertical, centre)], seed=1)
    angles = augment.draws(index=INDEX)["VerticalRotation"]["angle"]
    found = np.asarray(augment(kind(x), index=INDEX).skeletons)
    for n in range(7):
        there = x[n].any(axis=(0, 2))  # (t, m)
        points = x[n].transpose(1, 3, 2, 0)[there].astype(np.float64)  # (bodies, v, 3)
        middle = points.mean(axis=(0, 1)) if centre == "mean" and len(points) else np.zeros(3)
        turn = Rotation.from_euler(vertical, angles[n], degrees=True)
        expected = turn.apply((points - middle).reshape(-1, 3)) + middle
        made = found[n].transpose(1, 3, 2, 0)
        np.testing.assert_allclose(made[there].reshape(-1, 3), expected, atol=2e-6)
        assert not made[~there].any()


def test_distances_between_joints_and_persons_and_heights_stay():
    x = skeletons()
    made = SkeletonPipeline([VerticalRotation(180)])(x, index=INDEX).skeletons
    np.testing.assert_array_equal(made[:, 1], x[:, 1])
    for n in (0, 1):
        one, other = (a[n, ..., 0].reshape(3, -1).T.astype(np.float64) for a in (x, made))
        before = np.linalg.norm(one[:, None] - one[None], axis=-1)
        after = np.linalg.norm(other[:, None] - other[None], axis=-1)
        np.testing.assert_allclose(after, before, atol=3e-6)


def test_positive_angles_are_counter_clockwise_seen_from_above():
    # y up: seen from above, with x to the right, z points to the viewer's feet.
    x = np.zeros((1, 3, 1, 2, 1), np.float32)
    x[0, 0] = 1.0
    for seed in range(6):
        augment = SkeletonPipeline([VerticalRotation(90, centre="origin")], seed=seed)
        angle = augment.draws(index=[0])["VerticalRotation"]["angle"][0]
        made = augment(x, index=[0]).skeletons
        assert np.sign(-made[0, 2, 0, 0, 0]) == np.sign(angle)


def test_angles_are_uniform_up_to_the_largest_and_0_where_not_chosen():
    augment = SkeletonPipeline([VerticalRotation(40, probability=0.6)])
    angles = augment.draws(index=np.arange(10_000))["VerticalRotation"]["angle"]
    turned = angles[angles != 0]
    assert abs(len(turned) / 10_000 - 0.6) < 4 * np.sqrt(0.24 / 10_000)
    assert abs(turned).max() <= 40
    assert abs(turned.std() - 80 / np.sqrt(12)) < 0.5


def test_a_sample_that_is_not_turned_stays_the_same_to_the_bit():
    x = skeletons()
    made = SkeletonPipeline([VerticalRotation(40, probability=0.0)])(x, index=INDEX).skeletons
    assert made.tobytes() == x.tobytes()


def test_skeletons_in_a_plane_are_refused():
    with pytest.raises(UsageError, match="2 coordinates"):
        SkeletonPipeline([VerticalRotation()])(skeletons()[:, :2], index=INDEX)


@pytest.mark.parametrize(
    "given", [(-1,), (181,), (30, "up"), (30, "y", "middle"), (30, "y", "mean", 1.5)]
)
def test_values_out_of_range_are_refused(given):
    with pytest.raises(UsageError, match="VerticalRotation"):
        VerticalRotation(*given)
