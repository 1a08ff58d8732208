"""What holds for every operation on colours."""

import dataclasses
import json

import numpy as np
import pytest
from scipy import stats
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for

from whydrop.augment import (
    AutoContrast,
    BrightnessContrast,
    ColorJitter,
    Equalize,
    GaussianBlur,
    Greyscale,
    Posterize,
    Sharpen,
    Solarize,
)
from whydrop.augment.op import Size, Stage
from whydrop.core.errors import UsageError

SOMETIMES = [
    AutoContrast(0.5),
    BrightnessContrast(0.3, (0.5, 2.0), 0.5),
    Equalize(0.5),
    GaussianBlur(5, (0.1, 2.0), 0.5),
    Greyscale(0.5),
    Posterize((1, 7), 0.5),
    Sharpen((0.0, 3.0), 0.5),
    Solarize((0.2, 0.9), 0.5),
]
OPS = [
    ColorJitter(0.4, 0.4, 0.4),
    ColorJitter(0.4, (0.5, 2.0), 0.4, 0.1, probability=0.5),
    *SOMETIMES,
]
BOTH = pytest.mark.parametrize("channels", [1, 3])


@BOTH
@pytest.mark.parametrize("op", OPS, ids=repr)
def test_a_sample_changes_the_same_whatever_its_batch(op, channels, code):
    images, drawn = byte_images(channels), drawn_for(op)
    for change in (apply, apply_to_tensors):
        together = change(op, images, drawn)
        for i in range(len(images)):
            its_own = {name: values[i : i + 1] for name, values in drawn.items()}
            alone = change(op, images[i : i + 1], its_own)
            assert np.array_equal(alone[0], together[i])


@BOTH
@pytest.mark.parametrize("op", OPS, ids=repr)
def test_arrays_and_tensors_give_the_same(op, channels, code):
    images, drawn = byte_images(channels), drawn_for(op)
    expected = apply(op, images, drawn)
    assert expected.dtype == np.float32
    assert np.abs(apply_to_tensors(op, images, drawn) - expected).max() <= 1e-6


@BOTH
@pytest.mark.parametrize("op", OPS, ids=repr)
def test_images_in_another_memory_order_give_the_same(op, channels, code):
    images, drawn = byte_images(channels), drawn_for(op)
    channels_last = images.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)
    assert np.abs(op.apply(channels_last, drawn) - apply(op, images, drawn)).max() <= 2e-6


@BOTH
@pytest.mark.parametrize("op", OPS, ids=repr)
def test_values_stay_from_0_to_1(op, channels, code):
    changed = apply(op, byte_images(channels), drawn_for(op))
    assert changed.min() >= 0
    assert changed.max() <= 1 + 1e-6  # a blur's weights add up to 1 but for rounding


@pytest.mark.parametrize("op", SOMETIMES, ids=repr)
def test_images_that_chance_leaves_out_stay_to_the_bit(op, code):
    images, drawn = byte_images(), drawn_for(op)
    out = ~drawn["applied"]
    assert 0 < out.sum() < len(images)
    for change in (apply, apply_to_tensors):
        changed = change(op, images, drawn)
        assert np.array_equal(changed[out], images[out])
        assert not np.array_equal(changed, images)


@pytest.mark.parametrize("op", SOMETIMES, ids=repr)
def test_probability_0_never_changes_and_1_always(op):
    images = byte_images()
    never, always = (dataclasses.replace(op, probability=p) for p in (0, 1))
    assert np.array_equal(apply(never, images, drawn_for(never)), images)
    assert drawn_for(always)["applied"].all()


@pytest.mark.parametrize("op", SOMETIMES, ids=repr)
def test_the_share_of_changed_images_is_the_probability(op):
    op = dataclasses.replace(op, probability=0.3)
    hits = int(drawn_for(op, 20_000)["applied"].sum())
    assert stats.binomtest(hits, 20_000, 0.3).pvalue > 1e-4


@pytest.mark.parametrize("op", SOMETIMES, ids=repr)
@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan"), "half", None])
def test_what_is_no_probability_is_refused(op, probability):
    with pytest.raises(UsageError, match="probability is"):
        dataclasses.replace(op, probability=probability)


@pytest.mark.parametrize("op", OPS, ids=repr)
def test_an_operation_survives_json(op):
    assert type(op)(**json.loads(json.dumps(dataclasses.asdict(op)))) == op


@pytest.mark.parametrize("op", OPS, ids=repr)
def test_it_is_of_the_colour_stage_and_draws_a_value_a_sample(op):
    assert op.stage is Stage.COLOUR
    drawn = op.draw(np.full((len(op.chance), 5), 0.5), Size(9, 9))
    assert {values.shape for values in drawn.values()} == {(5,)}


@pytest.mark.parametrize("op", OPS, ids=repr)
def test_a_batch_of_no_images_stays_one(op, code):
    assert apply(op, byte_images()[:0], drawn_for(op, 0)).shape == byte_images()[:0].shape
