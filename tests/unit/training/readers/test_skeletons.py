"""Skeleton npz: sequences of any length, by person."""

import numpy as np
import pytest
from tests.fixtures.data_files import real_data

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_skeletons

LENGTHS = (3, 5, 1, 4)
FRAMES = np.random.default_rng(0).normal(size=(13, 6, 3, 1)).astype(np.float32)
GOOD = {
    "frames": FRAMES,
    "offsets": np.cumsum([0, *LENGTHS]).astype(np.int32),
    "labels": np.array([0, 1, 1, 0], np.uint8),
    "subjects": np.array([1, 1, 2, 7], np.uint8),
    "classes": np.array(["bow", "wave"]),
}


@pytest.fixture
def save(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "s.npz", **{**GOOD, **arrays})
        return tmp_path / "s.npz"

    return write


@pytest.mark.parametrize("frames", [None, 4, 9])
def test_sequences_are_filled_with_zeros_or_cut_at_their_end(frames, save):
    samples = read_skeletons(save(), frames=frames)
    length = frames or 5
    assert samples.inputs.shape == (4, 3, length, 6, 1)
    start = 0
    for x, n in zip(samples.inputs, LENGTHS, strict=True):
        for t in range(length):
            expected = FRAMES[start + t].transpose(1, 0, 2) if t < n else np.zeros((3, 6, 1))
            np.testing.assert_array_equal(x[:, t], expected)
        start += n
    assert samples.classes == ("bow", "wave")


def test_people_are_chosen_and_the_classes_and_the_length_stay(save):
    some = read_skeletons(save(), subjects=[2])
    assert some.labels.tolist() == [1]
    assert some.classes == ("bow", "wave")
    assert some.inputs.shape[2] == 5


@pytest.mark.parametrize(("subjects", "what"), [([3], "no subject 3"), ([], "no subject is given")])
def test_people_that_are_not_there_are_refused(subjects, what, save):
    with pytest.raises(UsageError, match=what) as caught:
        read_skeletons(save(), subjects=subjects)
    assert caught.value.do == "choose from 1, 2, 7"


def test_lost_frames_are_left_out_and_what_follows_moves_up(save):
    lost = FRAMES.copy()
    lost[[1, 8]] = 0  # the second frame of the first sequence, all of the third
    samples = read_skeletons(save(frames=lost), drop_lost=True)
    assert samples.labels.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(samples.inputs[0, :, 1], FRAMES[2].transpose(1, 0, 2))
    assert not samples.inputs[0, :, 2:].any()
    assert read_skeletons(save(frames=lost)).labels.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("arrays", "what"),
    [
        ({"frames": FRAMES[..., 0]}, r"shape \(13, 6, 3\)"),
        ({"frames": FRAMES.astype(int)}, "frames is int64"),
        ({"frames": np.where(np.arange(13)[:, None, None, None] == 4, np.nan, FRAMES)}, "frame 4"),
        ({"offsets": [0, 3, 8, 9]}, "offset 3 is 9, of 13"),
        ({"offsets": [0, 3, 8, 9, 14]}, "offset 4 is 14, of 13"),
        ({"offsets": [1, 3, 8, 9, 13]}, "offset 0 is 1"),
        ({"offsets": [0, 3, 3, 9, 13]}, "offset 2 is 3"),
        ({"offsets": [0, 8, 3, 9, 13]}, "offset 2 is 3"),
        ({"offsets": [0.0, 13.0]}, "offsets is float64"),
        ({"offsets": [0]}, r"shape \(1,\)"),
        ({"labels": [0, 1, 1]}, r"shape \(3,\) for 4 sequences"),
        ({"labels": [0, 1, 2, 0]}, "label of sample 2 is 2, with 2 classes"),
        ({"labels": [0, 0, 0, 0]}, "no sample is of class 'wave'"),
        ({"classes": ["a", "a"]}, "names a class twice"),
        ({"subjects": [1, 2]}, "subjects is int64 of shape"),
        ({"frames": np.zeros_like(FRAMES)}, "all frames of all sequences are zero"),
    ],
)
def test_parts_that_do_not_fit_are_refused(arrays, what, save):
    with pytest.raises(DataError, match=what) as caught:
        read_skeletons(save(**arrays), subjects=[1], drop_lost=True)
    assert "s.npz" in caught.value.where


def test_frames_below_one_and_arrays_beyond_memory_are_refused(save):
    with pytest.raises(UsageError, match="frames is 0"):
        read_skeletons(save(), frames=0)
    with pytest.raises(UsageError, match="GiB") as caught:
        read_skeletons(save(), frames=10**9)
    assert "16 GiB" in caught.value.do


def plainly(path, length):
    """Return sequences (n, t, joints, 3, persons) as the data's own description reads them."""
    d = dict(np.load(path))
    o = d["offsets"]
    x = np.zeros((len(o) - 1, length, *d["frames"].shape[1:]), "f4")
    for i in range(len(x)):
        s = d["frames"][o[i] : o[i + 1]][:length]
        x[i, : len(s)] = s
    return x, d["labels"], d["subjects"]


@pytest.mark.parametrize(
    ("name", "n", "classes", "joints"),
    [("skeleton-msraction3d.npz", 567, 20, 20), ("skeleton-utkinect.npz", 199, 10, 20)],
)
def test_real_sequences_are_those_of_a_plain_loop(name, n, classes, joints):
    path = real_data(name)
    samples = read_skeletons(path, frames=64)
    x, labels, subjects = plainly(path, 64)
    assert samples.inputs.shape == (n, 3, 64, joints, 1)
    assert len(samples.classes) == classes
    np.testing.assert_array_equal(samples.inputs, x.transpose(0, 3, 1, 2, 4))
    np.testing.assert_array_equal(samples.labels, labels)
    odd, even = (read_skeletons(path, frames=64, subjects=range(k, 11, 2)) for k in (1, 2))
    assert len(odd) + len(even) == n
    np.testing.assert_array_equal(even.labels, labels[subjects % 2 == 0])


def test_the_real_frames_without_tracking_are_left_out():
    samples = read_skeletons(real_data("skeleton-msraction3d.npz"), drop_lost=True)
    assert len(samples) == 566  # one sequence is lost from its first frame to its last
    assert int(samples.inputs.any(axis=(1, 3, 4)).sum()) == 23_478 - 1_113
