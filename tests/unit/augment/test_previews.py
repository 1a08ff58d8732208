"""Previews against the pipeline's own output, and against what was put in."""

import numpy as np
import pytest
import torch

from whydrop.augment import (
    CutMix,
    Cutout,
    GaussianBlur,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    ResizedCrop,
    preview,
    visible_share,
)
from whydrop.core.errors import UsageError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 3, 16, 20), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])
INDEX = np.array([40, 7, 99, 3, 12, 5])
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
OPS = [PadCrop(3), HorizontalFlip(), Normalize(MEAN, STD), Cutout(6), MixUp()]
NAMES = ["cat", "dog", "owl"]
KEY = {"epoch": 2, "index": INDEX}


def by_hand(batch):
    """Return what the model sees, as bytes, by the inverse of Normalize in float64."""
    mean, std = (np.array(values)[:, None, None] for values in (MEAN, STD))
    unit = np.clip(np.asarray(batch, np.float64) * std + mean, 0, 1)
    return np.rint(255 * unit).transpose(0, 2, 3, 1)


def test_what_the_model_sees_is_the_pipelines_own_output():
    augment = Pipeline(OPS, classes=3)
    shown = preview(augment, IMAGES, LABELS, classes=NAMES, **KEY)
    expected = by_hand(augment(IMAGES, LABELS, **KEY).images)
    for i, sample in enumerate(shown.samples):
        np.testing.assert_array_equal(sample.original, IMAGES[i].transpose(1, 2, 0))
        assert np.abs(sample.seen.astype(int) - expected[i]).max() <= 1
        assert sample.seen.dtype == np.uint8
        assert (sample.index, sample.label) == (INDEX[i], NAMES[LABELS[i]])


def test_draws_targets_and_shares_are_those_of_the_samples():
    augment = Pipeline(OPS, classes=3)
    shown = preview(augment, IMAGES, LABELS, classes=NAMES, **KEY)
    drawn = augment.draws((16, 20), **KEY)
    hiding = Pipeline([*OPS[:2], Cutout(6)])
    white = hiding(np.full_like(IMAGES, 255), **KEY)
    for i, sample in enumerate(shown.samples):
        assert list(sample.draws) == ["PadCrop", "HorizontalFlip", "Cutout", "MixUp"]
        assert sample.draws["PadCrop"] == {name: v[i] for name, v in drawn["PadCrop"].items()}
        lam, partner = (drawn["MixUp"][name][i] for name in ("lam", "partner"))
        assert sample.words["MixUp"] == f"{1 - lam:.2f} of sample {INDEX[partner]}"
        weights = dict(sample.target.weights)
        if LABELS[i] != LABELS[partner]:
            assert weights[NAMES[LABELS[i]]] == pytest.approx(lam)
            assert weights[NAMES[LABELS[partner]]] == pytest.approx(1 - lam)
        assert sample.visible == pytest.approx(white.images[i].mean(), abs=1e-6)
    assert shown.visible == visible_share(augment, (16, 20))
    assert shown.pipeline["ops"][0]["op"] == "PadCrop"


def test_tensors_and_floats_show_the_same_as_bytes():
    augment = Pipeline(OPS, classes=3)
    one = preview(augment, IMAGES, LABELS, **KEY)
    tensors = preview(augment, torch.from_numpy(IMAGES), torch.from_numpy(LABELS), **KEY)
    floats = preview(augment, (IMAGES / 255).astype(np.float32), LABELS, **KEY)
    half = preview(augment, torch.from_numpy(IMAGES / 255).bfloat16(), LABELS, **KEY)
    for a, b, c, d in zip(one.samples, tensors.samples, floats.samples, half.samples, strict=True):
        np.testing.assert_array_equal(a.seen, b.seen)
        np.testing.assert_array_equal(a.original, c.original)
        assert np.abs(a.seen.astype(int) - c.seen).max() <= 1
        assert np.abs(a.original.astype(int) - d.original).max() <= 2
        assert a.target == b.target == c.target


def test_without_labels_mixing_is_shown_and_no_target():
    shown = preview(Pipeline(OPS), IMAGES, **KEY)
    labelled = preview(Pipeline(OPS), IMAGES, LABELS, **KEY)
    for one, other in zip(shown.samples, labelled.samples, strict=True):
        assert one.target == ((), 0.0)
        assert one.label == ""
        np.testing.assert_array_equal(one.seen, other.seen)


def test_softened_targets_are_shown_as_the_model_gets_them():
    augment = Pipeline([Cutout(10)], classes=10, soften=1)
    rows = augment(IMAGES, LABELS, **KEY).targets
    for i, sample in enumerate(preview(augment, IMAGES, LABELS, **KEY).samples):
        assert sample.target.weights == ((str(LABELS[i]), pytest.approx(rows[i].max())),)
        assert sample.target.others == pytest.approx(rows[i].min())


@pytest.mark.parametrize(("channels", "note"), [(1, ""), (2, "first of 2"), (4, "first 3 of 4")])
def test_other_channels_are_shown_with_a_note(channels, note):
    images = RNG.integers(0, 256, (2, channels, 8, 8), dtype=np.uint8)
    shown = preview(Pipeline([HorizontalFlip()]), images)
    assert note in " ".join(shown.notes)
    expected = images[0, 0] if channels < 3 else images[0, :3].transpose(1, 2, 0)
    np.testing.assert_array_equal(shown.samples[0].original, expected)


def test_pairs_that_are_left_to_the_model_are_shown_mixed():
    ops = [PadCrop(3), Normalize(MEAN, STD)]
    stacked = preview(Pipeline([*ops, MixUp(stack_images=True)]), IMAGES, LABELS, **KEY)
    mixed = preview(Pipeline([*ops, MixUp()]), IMAGES, LABELS, **KEY)
    for one, other in zip(stacked.samples, mixed.samples, strict=True):
        assert np.abs(one.seen.astype(int) - other.seen).max() <= 1


def test_other_output_sizes_and_boxes_are_shown():
    shown = preview(Pipeline([ResizedCrop(24), GaussianBlur(3), CutMix()]), IMAGES, LABELS, **KEY)
    assert shown.samples[0].seen.shape == (24, 24, 3)
    assert "counts as hidden" in shown.notes[0]


def test_the_first_samples_are_shown_of_a_batch_that_is_mixed_whole():
    augment = Pipeline(OPS, classes=3)
    few = preview(augment, IMAGES, LABELS, samples=2, names=list("abcdef"), **KEY)
    whole = preview(augment, IMAGES, LABELS, **KEY)
    assert [sample.name for sample in few.samples] == ["a", "b"]
    for one, other in zip(few.samples, whole.samples, strict=False):
        np.testing.assert_array_equal(one.seen, other.seen)


def test_a_warning_is_part_of_a_preview_and_raises_none():
    augment = Pipeline([PadCrop(12), Cutout(14)])
    shown = preview(augment, IMAGES, **KEY)  # warnings are errors here
    assert shown.warning is not None
    assert "less than half" in shown.warning
    assert preview(Pipeline([Cutout(6)]), IMAGES, **KEY).warning is None
    assert "6 x 6" in (preview(Pipeline([Cutout(12)]), IMAGES, object_px=6, **KEY).warning or "")


def test_positions_are_counted_where_none_are_given():
    assert [s.index for s in preview(Pipeline([]), IMAGES).samples] == list(range(6))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"images": IMAGES[0]}, r"shape \(3, 16, 20\)"),
        ({"images": IMAGES, "samples": 0}, "samples is 0"),
        ({"images": IMAGES, "names": ["a"]}, "1 names for 6 images"),
        ({"images": IMAGES, "labels": LABELS + 8}, "labels go from 8 to 10"),
        ({"images": IMAGES, "index": [1]}, "1 positions for 6 samples"),
        ({"images": IMAGES, "object_px": 17}, "object_px is 17"),
    ],
)
def test_bad_input_has_one_clear_error(call, message):
    with pytest.raises(UsageError, match=message):
        preview(Pipeline([HorizontalFlip()], classes=10), **call)
