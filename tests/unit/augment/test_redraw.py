"""Redraws: what shows too little is drawn again, a sample's own way and no further than that."""

import numpy as np
import pytest
from scipy import stats

from whydrop.augment import (
    ColorJitter,
    Cutout,
    HorizontalFlip,
    MixUp,
    PadCrop,
    Pipeline,
    ResizedCrop,
    TrivialAugment,
)
from whydrop.augment.redraw import REDRAWS
from whydrop.augment.visible import shares_of
from whydrop.core.errors import UsageError

OPS = [PadCrop(6), HorizontalFlip(), ColorJitter(0.3), Cutout(16), MixUp()]
SIZE = (32, 32)
INDEX = np.random.default_rng(0).permutation(10_000)[:2000]
LABELS = np.zeros(37, np.int64)


def drawn(least, **key):
    augment = Pipeline(OPS, least_visible=least)
    return augment.draws(SIZE, index=INDEX, **key), shares_of(
        augment, SIZE, index=INDEX, mixing=False, **key
    )


@pytest.mark.parametrize("at_once", [1, 7])
def test_a_sample_is_the_same_in_any_batch(at_once):
    images = np.random.default_rng(1).integers(0, 256, (37, 3, *SIZE), dtype=np.uint8)
    augment = Pipeline(OPS[:-1], least_visible=0.7, seed=3)
    whole = augment(images, epoch=2, index=INDEX[:37]).images
    for part in np.array_split(np.random.default_rng(2).permutation(37), -(-37 // at_once)):
        alone = augment(images[part], epoch=2, index=INDEX[:37][part]).images
        np.testing.assert_array_equal(alone, whole[part])


def test_what_shows_enough_keeps_its_draws_and_what_does_not_gets_others():
    before, share = drawn(0.0)
    after, _ = drawn(0.65)
    enough = share >= 0.65
    for name in ("PadCrop", "Cutout"):
        for what, values in before[name].items():
            np.testing.assert_array_equal(after[name][what][enough], values[enough])
    moved = (before["PadCrop"]["y"] != after["PadCrop"]["y"]) | (
        before["PadCrop"]["x"] != after["PadCrop"]["x"]
    )
    assert 0.1 < (~enough).mean() < 0.9
    assert moved[~enough].mean() > 0.95  # 13 x 13 shifts


def test_colour_and_mixing_keep_their_draws():
    (before, _), (after, _) = drawn(0.0), drawn(0.8)
    for name in ("ColorJitter", "MixUp"):
        for what, values in before[name].items():
            np.testing.assert_array_equal(after[name][what], values)


def test_so_many_samples_show_enough_as_so_many_tries_give():
    _, share = drawn(0.0)
    for least in (0.5, 0.6, 0.7):
        _, again = drawn(least)
        one_try = (share >= least).mean()
        expected = 1 - (1 - one_try) ** (1 + REDRAWS)
        error = np.sqrt(expected * (1 - expected) / len(INDEX)) + 1e-3
        # The chance of one try is itself measured.
        slope = (1 + REDRAWS) * (1 - one_try) ** REDRAWS
        error += slope * np.sqrt(one_try * (1 - one_try) / len(INDEX))
        assert (again >= least).mean() == pytest.approx(expected, abs=4 * error)


def test_the_best_of_all_tries_is_kept_where_none_is_good_enough():
    _, share = drawn(0.0)
    _, again = drawn(0.99)  # out of reach: a hole hides a sixteenth at least
    assert (again >= share).all()
    # The best of five has the distribution of one, to the fifth power.
    levels = np.quantile(share, [0.3, 0.5, 0.7, 0.9])
    for level in levels:
        expected = (share <= level).mean() ** (1 + REDRAWS)
        assert (again <= level).mean() == pytest.approx(expected, abs=0.05)


def test_accepted_crops_are_all_equally_likely():
    # Shifts of up to 4 of 16 pixels that keep at least 70 %: enumerated.
    shift = np.arange(-4, 5)
    kept = (16 - abs(shift))[:, None] * (16 - abs(shift)) / 256
    allowed = kept >= 0.7
    augment = Pipeline([PadCrop(4)], least_visible=0.7)
    d = augment.draws((16, 16), index=np.arange(40_000))["PadCrop"]
    counts = np.zeros((9, 9))
    np.add.at(counts, (d["y"] + 4, d["x"] + 4), 1)
    missed = (1 - allowed.mean()) ** (1 + REDRAWS)
    assert counts[~allowed].sum() / 40_000 == pytest.approx(
        missed, abs=4 * np.sqrt(missed / 40_000)
    )
    assert stats.chisquare(counts[allowed]).pvalue > 1e-3


def test_a_redraw_is_no_other_view_or_epoch_of_the_sample():
    after, _ = drawn(0.99)
    for key in ({"view": 1}, {"view": 2}, {"epoch": 1}):
        other, _ = drawn(0.0, **key)
        same = (after["PadCrop"]["y"] == other["PadCrop"]["y"]) & (
            after["PadCrop"]["x"] == other["PadCrop"]["x"]
        )
        assert same.mean() < 0.05


def test_a_batch_of_several_views_is_drawn_again_as_each_view_alone():
    augment, index = Pipeline(OPS[:-1], least_visible=0.75), INDEX[:300]
    views = np.arange(300) % 3
    together = augment.draws(SIZE, index=index, view=views)
    for view in range(3):
        alone = augment.draws(SIZE, index=index[views == view], view=view)
        for name, values in alone.items():
            for what, numbers in values.items():
                np.testing.assert_array_equal(together[name][what][views == view], numbers)


def test_a_policy_that_moves_too_much_out_is_drawn_again():
    augment, index = Pipeline([TrivialAugment()], least_visible=0.8), np.arange(400)
    before = shares_of(Pipeline([TrivialAugment()]), SIZE, index=index)
    after = shares_of(augment, SIZE, index=index)
    np.testing.assert_array_equal(after[before >= 0.8], before[before >= 0.8])
    assert (after < 0.8).mean() < 0.2 * (before < 0.8).mean()


def test_pixels_are_those_of_the_draws():
    augment = Pipeline([PadCrop(6), Cutout(16)], least_visible=0.7)
    white = np.ones((300, 1, *SIZE), np.float32)
    made = augment(white, index=INDEX[:300]).images.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(made, shares_of(augment, SIZE, index=INDEX[:300]), atol=1e-6)
    assert 0.7 < (made >= 0.7).mean() < 1


def test_pipelines_that_hide_nothing_have_nothing_to_draw_again():
    for ops in ([], [ColorJitter(0.2)], [ResizedCrop(8)]):
        plain, other = (
            Pipeline(ops, least_visible=least).draws(SIZE, index=INDEX) for least in (0.0, 0.9)
        )
        for name, values in plain.items():
            for what, numbers in values.items():
                np.testing.assert_array_equal(other[name][what], numbers)


@pytest.mark.parametrize("least", [-0.1, 1.0, float("nan"), "0.5", True, None])
def test_a_share_out_of_range_is_refused(least):
    with pytest.raises(UsageError, match="least_visible is"):
        Pipeline(OPS, least_visible=least)
