"""The visible share against enumeration over all shifts and holes, and against marked pixels."""

import re
import warnings

import numpy as np
import pytest

from whydrop.augment import (
    Affine,
    ColorJitter,
    CutMix,
    Cutout,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    RandAugment,
    ResizedCrop,
    Translate,
    TrivialAugment,
    VisibilityWarning,
    visible_share,
    visible_warning,
)
from whydrop.augment.ops.policy_space import GEOMETRY, NUMBER
from whydrop.augment.visible import shares_of
from whydrop.core.errors import UsageError


def enumerated(pad, side, size=32):
    """Return the mean share over all equally likely shifts and holes, pixel by pixel."""
    at = np.arange(size)
    shift = np.arange(-pad, pad + 1)
    image = (at + shift[:, None] >= 0) & (at + shift[:, None] < size)  # (shifts, pixels)
    hole = (at >= at[:, None] - side // 2) & (at < at[:, None] + side // 2)  # (middles, pixels)
    total = np.einsum("ap,bq->", image * 1.0, image * 1.0) / len(shift) ** 2
    both = (image[:, None, :] & hole[None, :, :]).sum(axis=2).mean()
    return (total - both**2) / size**2


@pytest.mark.parametrize(("pad", "side"), [(4, 16), (4, 0), (0, 16), (2, 8)])
def test_crop_and_cutout_leave_what_enumeration_says(pad, side):
    ops = [PadCrop(pad), HorizontalFlip(), *([Cutout(side)] if side else [])]
    share = visible_share(Pipeline(ops), (32, 32))
    assert share.mean == pytest.approx(enumerated(pad, side), abs=0.01)
    assert share.least <= share.low <= share.mean


@pytest.mark.parametrize(
    "ops",
    [
        [Affine(30, 0.2, (0.7, 1.2), 10)],
        [PadCrop(6), Affine(30), HorizontalFlip(), Cutout(20)],
        [ResizedCrop(48), PadCrop(4)],
        [PadCrop(8, "reflect")],
    ],
)
def test_shares_are_those_of_white_images_on_black(ops):
    augment, index = Pipeline(ops), np.arange(40)
    white = np.ones((40, 1, 64, 64), np.float32)
    seen = augment(white, index=index).images.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(shares_of(augment, (64, 64), index=index), seen, atol=0.02)


@pytest.mark.parametrize("before", [[], [PadCrop(6), Affine(40, 0.3)]], ids=["alone", "after"])
@pytest.mark.parametrize("policy", [RandAugment(3, 30), TrivialAugment()], ids=repr)
def test_what_a_policy_shifts_out_is_not_shown(policy, before):
    augment, index = Pipeline([*before, policy]), np.arange(60)
    white = Pipeline(before)(np.ones((60, 1, 64, 64), np.float32), index=index).images
    drawn = augment.draws((64, 64), index=index)[type(policy).__name__]
    geometry = np.isin(drawn["op"], [NUMBER[name] for name in GEOMETRY])
    drawn = {**drawn, "op": np.where(geometry, drawn["op"], NUMBER["Identity"])}
    seen = policy.apply(white, drawn).mean(axis=(1, 2, 3))
    assert seen.min() < 0.6 < seen.max()
    np.testing.assert_allclose(shares_of(augment, (64, 64), index=index), seen, atol=0.02)


def test_a_pasted_box_hides_what_its_label_says():
    augment = Pipeline([CutMix()], classes=2)
    index = np.arange(200)
    lam = augment.draws((32, 32), index=index)["CutMix"]["lam"]
    np.testing.assert_allclose(shares_of(augment, (32, 32), index=index), lam, atol=1e-6)


@pytest.mark.parametrize(("moved", "mean"), [((), 0.6921), ((Translate(0.125),), 0.6293)])
def test_the_figures_of_the_page_are_those_of_enumeration(moved, mean):
    share = visible_share(Pipeline([PadCrop(4), *moved, Cutout(16)]), (32, 32), samples=50_000)
    assert share.mean == pytest.approx(mean, abs=0.002)


REFERENCE = [PadCrop(4), HorizontalFlip(), Normalize.preset("cifar10"), Cutout(16)]
TOO_MUCH = [PadCrop(12), HorizontalFlip(), Cutout(20)]


def percents(text):
    return [int(figure) for figure in re.findall(r"(\d+) %", text)]


def test_a_pipeline_that_leaves_enough_has_no_warning():
    for ops in ([], REFERENCE, [*REFERENCE, MixUp()], [*REFERENCE, CutMix()], [ColorJitter(0.5)]):
        assert visible_warning(Pipeline(ops, classes=10), (32, 32)) is None
    assert visible_warning(Pipeline(REFERENCE), (32, 32), object_px=12) is None  # 2.4 %


def test_the_reference_case_hides_small_objects_and_the_warning_has_its_figures():
    text = visible_warning(Pipeline(REFERENCE), (32, 32), object_px=8)
    assert text is not None
    assert text.startswith("PadCrop and Cutout leave")  # the flip hides nothing
    assert percents(text) == [69, 8]  # .6921 and .079, by enumeration
    assert percents(visible_warning(Pipeline(REFERENCE), (32, 32), object_px=4)) in (
        [69, 16],
        [69, 17],
    )


def test_less_than_half_is_warned_of_with_the_share_that_enumeration_gives():
    share = enumerated(12, 20)
    assert share < 0.5
    text = visible_warning(Pipeline(TOO_MUCH), (32, 32))
    assert text is not None
    assert percents(text) == [round(100 * share)]
    assert "less than half" in text
    assert "least_visible=0.5" in text


def test_the_first_batch_of_a_size_warns_once_at_the_line_of_the_call():
    augment = Pipeline(TOO_MUCH)
    images = np.zeros((2, 3, 32, 32), np.uint8)
    with pytest.warns(VisibilityWarning, match="less than half") as seen:
        augment(images, index=[0, 1])
    assert [warning.filename for warning in seen] == [__file__]
    augment(images, epoch=1, index=[0, 1])  # warnings are errors here
    with pytest.warns(VisibilityWarning, match="24 x 32"):
        augment(images[:, :, :24], index=[0, 1])
    with pytest.warns(VisibilityWarning):
        Pipeline(TOO_MUCH)(images, index=[0, 1])


def test_large_images_of_the_same_pipeline_are_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Pipeline(TOO_MUCH)(np.zeros((2, 3, 96, 96), np.uint8), index=[0, 1])


def test_what_mixing_covers_is_left_to_the_label():
    augment = Pipeline([PadCrop(4), Cutout(16), CutMix()], classes=10)
    assert visible_share(augment, (32, 32)).mean < 0.5
    assert visible_warning(augment, (32, 32)) is None
    images = np.zeros((4, 3, 32, 32), np.uint8)
    augment(images, np.arange(4), index=np.arange(4))


def test_an_object_larger_than_the_image_is_refused():
    with pytest.raises(UsageError, match="object_px is 33"):
        visible_warning(Pipeline([]), (32, 32), object_px=33)
