"""The visible share against enumeration over all shifts and holes, and against marked pixels."""

import numpy as np
import pytest

from whydrop.augment import (
    Affine,
    CutMix,
    Cutout,
    HorizontalFlip,
    PadCrop,
    Pipeline,
    RandAugment,
    ResizedCrop,
    Translate,
    TrivialAugment,
    visible_share,
)
from whydrop.augment.ops.policy_space import GEOMETRY, NUMBER
from whydrop.augment.visible import shares_of


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
