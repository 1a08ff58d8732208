"""CutMix: pasted boxes, whose label is the share of pixels that stayed."""

import numpy as np
import pytest
import torch
from scipy import stats

from whydrop.augment.cutmix import CutMix
from whydrop.augment.draws import uniforms
from whydrop.augment.op import Size
from whydrop.core.errors import UsageError

SIZE = Size(32, 24)
FORMS = ["numpy", "torch", "bfloat16", "channels last"]


def chance(op, index, epoch=0):
    return uniforms(op.chance, seed=2, epoch=epoch, index=index)


def numbered(n, size=SIZE):
    """Return images each of whose pixels is the number of its sample."""
    return np.broadcast_to(
        np.arange(n, dtype=np.float32)[:, None, None, None], (n, 3, *size)
    ).copy()


def in_form(images, form):
    if form == "numpy":
        return images
    tensor = torch.from_numpy(images)
    if form == "bfloat16":
        return tensor.bfloat16()
    last = torch.channels_last if "last" in form else torch.contiguous_format
    return tensor.contiguous(memory_format=last)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n", [1, 2, 7, 128])
def test_the_label_is_the_share_of_pixels(form, n):
    op, images = CutMix(), in_form(numbered(n), form)
    before = in_form(numbered(n), form)
    drawn = op.draw(chance(op, np.arange(n)), SIZE)
    out = op.apply(images, drawn)
    assert out.dtype == images.dtype
    out = np.asarray(torch.as_tensor(out).float())
    for i, partner in enumerate(drawn["partner"]):
        stayed = np.mean(out[i] == i) if partner != i else 1.0
        assert drawn["lam"][i] == np.float32(stayed)
        assert np.all((out[i] == i) | (out[i] == partner))
    assert torch.equal(torch.as_tensor(images), torch.as_tensor(before))


def test_pixels_come_from_the_same_place_of_the_partner():
    op = CutMix()
    images = np.random.default_rng(0).standard_normal((20, 3, *SIZE)).astype(np.float32)
    drawn = op.draw(chance(op, np.arange(20)), SIZE)
    expected = images.copy()
    for i in range(20):
        rows = slice(drawn["top"][i], drawn["bottom"][i])
        columns = slice(drawn["left"][i], drawn["right"][i])
        expected[i, :, rows, columns] = images[drawn["partner"][i], :, rows, columns]
    assert np.array_equal(op.apply(images, drawn), expected)


def test_boxes_are_those_of_the_published_code():
    op = CutMix(correct_area=False)
    u = chance(op, np.arange(500))
    drawn = op.draw(u, SIZE)
    for i in range(500):
        lam, height, width = u[1, i], SIZE.height, SIZE.width  # alpha 1: lam is u itself
        cut_h, cut_w = int(height * np.sqrt(1 - lam)), int(width * np.sqrt(1 - lam))
        y, x = int(u[4, i] * height), int(u[5, i] * width)
        assert drawn["lam"][i] == np.float32(lam)
        assert drawn["top"][i] == np.clip(y - cut_h // 2, 0, height)
        assert drawn["bottom"][i] == np.clip(y + cut_h // 2, 0, height)
        assert drawn["left"][i] == np.clip(x - cut_w // 2, 0, width)
        assert drawn["right"][i] == np.clip(x + cut_w // 2, 0, width)


def test_corrected_labels_have_the_known_mean():
    op, n, side = CutMix(), 20_000, 32
    lam = op.draw(chance(op, np.arange(n)), Size(side, side))["lam"]
    # By hand: a half-length h round each middle m keeps min(m + h, 32) - max(m - h, 0) pixels
    # an axis; h is the same on both, and uniform lam gives P(32 r < k) = (k / 32)^2.
    middle = np.arange(side)
    expected = 0.0
    for half in range(side // 2 + 1):
        low, high = min(2 * half / side, 1), min((2 * half + 2) / side, 1)
        length = np.minimum(middle + half, side) - np.maximum(middle - half, 0)
        expected += (high**2 - low**2) * (1 - (length.mean() / side) ** 2)
    assert lam.mean() == pytest.approx(expected, abs=5 * 0.5 / np.sqrt(n))
    assert expected == pytest.approx(0.7008, abs=5e-4)


def test_folded_boxes_never_cover_half_the_image():
    op = CutMix(fold=True)
    assert op.draw(chance(op, np.arange(5000)), SIZE)["lam"].min() >= 0.5
    assert not CutMix().fold


@pytest.mark.parametrize("correct_area", [True, False])
def test_images_that_are_not_drawn_keep_label_and_pixels(correct_area):
    op, images = CutMix(probability=0.4, correct_area=correct_area), numbered(1000)
    drawn = op.draw(chance(op, np.arange(1000)), SIZE)
    empty = (drawn["bottom"] <= drawn["top"]) | (drawn["right"] <= drawn["left"])
    kept = drawn["lam"] == 1
    assert kept.mean() == pytest.approx(0.6, abs=0.05)
    assert np.all(empty[kept])
    assert np.array_equal(op.apply(images, drawn)[kept], images[kept])


@pytest.mark.parametrize("per", ["sample", "batch"])
def test_a_batch_is_mixed_the_same_in_any_order(per):
    op, index = CutMix(per=per), np.arange(40, 71)
    images = np.random.default_rng(0).standard_normal((31, 1, *SIZE)).astype(np.float32)
    order = np.random.default_rng(1).permutation(31)
    one = op.apply(images, op.draw(chance(op, index), SIZE))
    other = op.apply(images[order], op.draw(chance(op, index[order]), SIZE))
    assert np.array_equal(one[order], other)


def test_one_box_a_batch_is_one_box():
    op = CutMix(per="batch")
    drawn = op.draw(chance(op, np.arange(9)), SIZE)
    for name in ("lam", "top", "bottom", "left", "right"):
        assert len(set(drawn[name].tolist())) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_kept_buffer_is_written(form):
    op, images = CutMix(), in_form(numbered(9), form)
    out = in_form(np.full((9, 3, *SIZE), 99, np.float32), form)
    drawn = op.draw(chance(op, np.arange(9)), SIZE)
    assert op.apply(images, drawn, out=out) is out
    assert torch.equal(torch.as_tensor(out), torch.as_tensor(op.apply(images, drawn)))


def test_a_device_masks_as_the_cpu_slices(monkeypatch):
    from whydrop.augment import blend

    op, images = CutMix(), torch.from_numpy(numbered(9))
    drawn = op.draw(chance(op, np.arange(9)), SIZE)
    on_cpu = op.apply(images, drawn)
    monkeypatch.setattr(blend, "is_on_cpu", lambda _: False)
    assert torch.equal(op.apply(images, drawn), on_cpu)


def test_a_bad_value_is_refused():
    with pytest.raises(UsageError, match="alpha is 0"):
        CutMix(alpha=0)


def test_a_box_that_is_not_clipped_lies_inside_anywhere_and_covers_its_share():
    op, n = CutMix(0.4, clip=False), 20_000
    drawn = op.draw(chance(op, np.arange(n)), SIZE)
    tall, wide = drawn["bottom"] - drawn["top"], drawn["right"] - drawn["left"]
    assert drawn["top"].min() == drawn["left"].min() == 0
    assert drawn["bottom"].max() == SIZE.height and drawn["right"].max() == SIZE.width
    np.testing.assert_allclose(drawn["lam"], 1 - tall * wide / (32 * 24), atol=1e-6)
    # The side is rounded to whole pixels, and so is the share.
    expected = stats.beta(0.4, 0.4)
    assert abs(drawn["lam"].mean() - 0.5) < 0.01 and abs(drawn["lam"].var() - expected.var()) < 0.01
    # Where there is room, all places are as likely: the box's middle is the image's, on average.
    middle = (drawn["top"] + drawn["bottom"]) / 2
    assert abs(middle.mean() - SIZE.height / 2) < 0.2
