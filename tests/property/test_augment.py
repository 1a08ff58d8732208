"""Laws of pipelines of any operations: one result on every path, for any batch, and as data."""

import random

import numpy as np
import pytest
import torch

from whydrop.augment import (
    Affine,
    AutoContrast,
    BrightnessContrast,
    ColorJitter,
    CutMix,
    Cutout,
    Equalize,
    GaussianBlur,
    Greyscale,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    Posterize,
    RandAugment,
    RandomErasing,
    ResizedCrop,
    Sharpen,
    Solarize,
    Switch,
    Translate,
    TrivialAugment,
    VerticalFlip,
    Zoom,
    compiled,
    from_json,
    to_json,
)
from whydrop.augment.geometry import EDGES
from whydrop.augment.op import Size, Stage
from whydrop.augment.passes import OnDevice, carried_out

CLOSE = 2e-4  # of values that Normalize has made up to five times as large
# A rounding makes another level, or takes another pixel, in these.
STEPS = (AutoContrast, ColorJitter, Equalize, Posterize, RandAugment, Solarize, TrivialAugment)
SIZES = [(1, 9), (8, 8), (13, 7), (12, 20)]


def any_pipeline(chance, channels):
    mode, kind = chance.choice(EDGES), chance.choice(["bilinear", "nearest"])
    geometry = [
        PadCrop(chance.randint(0, 4), fill=0.3),
        PadCrop(0, mode, size=chance.choice([None, (1, 5)])),
        ResizedCrop(chance.choice([None, (5, 8)])),
        HorizontalFlip(),
        VerticalFlip(0.7),
        Translate((0.2, 0.4), mode, probability=0.8),
        Affine(20, 0.1, (0.5, 2.0), 20, 0.4, 0.8, mode, kind),
        Zoom((0.7, 1.4), (0.8, 1.2), mode=mode, interpolation=kind),
    ]
    colour = [
        BrightnessContrast(0.3, 0.4),
        Sharpen((0.0, 2.0)),
        Posterize((2, 6)),
        Solarize((0.3, 0.9)),
        Equalize(),
        AutoContrast(),
        GaussianBlur(1),
    ]
    if channels in (1, 3):
        colour += [ColorJitter(0.4, 0.4, 0.4, 0.2), Greyscale(), RandAugment(), TrivialAugment()]
    normalize = Normalize((0.4,) * channels, (0.2,) * channels)
    erasing = [Cutout(5), Cutout(3, 2, False, 1.5), RandomErasing(), RandomErasing(fill="noise")]
    how = {"per": chance.choice(["sample", "batch"]), "probability": chance.choice([1.0, 0.5])}
    mixing = [MixUp(0.4, **how), CutMix(**how), Switch(MixUp(), CutMix(clip=False))]
    ops = [
        *chance.sample(geometry, chance.randint(0, 3)),
        *chance.sample(colour, chance.randint(0, 3)),
        *chance.sample([normalize], chance.randint(0, 1)),
        *chance.sample(erasing, chance.randint(0, 2)),
        *chance.sample(mixing, chance.randint(0, 1)),
    ]
    order = chance.choice(["safe", "safe", "as given"])
    if order == "as given":
        chance.shuffle(ops)
    seeing = {"least_visible": chance.choice([0.0, 0.5]), "soften": chance.choice([None, 1.0])}
    target = chance.choice(["pairs", "soft"])
    return Pipeline(ops, classes=7, seed=chance.randint(0, 9), target=target, order=order, **seeing)


def check_close(made, expected, pipeline):
    assert made.shape == expected.shape and np.isfinite(made).all()
    steps = any(
        isinstance(op, STEPS) or getattr(op, "interpolation", "") == "nearest"
        for op in pipeline.ops
    )
    apart = (np.abs(made - expected) > CLOSE).mean()
    assert apart <= (0.03 if steps else 0.003), pipeline


@pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")
@pytest.mark.parametrize("seed", range(40))
def test_any_pipeline_is_the_same_on_every_path(seed, monkeypatch):
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    channels, (height, width) = chance.choice([1, 3, 3, 5]), chance.choice(SIZES)
    pipeline = any_pipeline(chance, channels)
    images = rng.integers(0, 256, (6, channels, height, width), dtype=np.uint8)
    if chance.random() < 0.5:
        images = (images / 255).astype(chance.choice([np.float16, np.float32, np.float64]))
    images = chance.choice([images, images[..., ::-1], np.asfortranarray(images)])
    images.flags.writeable = False
    given, labels, index = images.copy(), rng.integers(0, 7, 6), rng.integers(0, 1000, 6)
    key = {"epoch": chance.randint(0, 3), "view": chance.choice([0, np.arange(6)])}

    best = pipeline(images, labels, index=index, **key)
    out = np.empty_like(best.images)
    assert pipeline(images, labels, index=index, out=out, **key).images is out
    np.testing.assert_array_equal(out, best.images)
    read = from_json(to_json(pipeline))
    assert read.ops == pipeline.ops and to_json(read) == to_json(pipeline)
    np.testing.assert_array_equal(read(images, labels, index=index, **key).images, best.images)
    if not any(op.stage is Stage.MIX for op in pipeline.ops):
        last = key | ({"view": key["view"][5:]} if np.ndim(key["view"]) else {})
        alone = pipeline(images[5:], labels[5:], index=index[5:], **last)
        np.testing.assert_array_equal(alone.images[0], best.images[5])
    assert not any(op.chance for op in pipeline.evaluation.ops)

    tensors = torch.from_numpy(given).contiguous(memory_format=torch.channels_last)
    of_tensors = pipeline(tensors, torch.from_numpy(labels), index=index, **key).images
    monkeypatch.setattr(compiled, "available", lambda: False)
    plain = pipeline(images, labels, index=index, **key).images
    drawn = dict(pipeline._drawn(Size(height, width), 6, index=index, **key))
    place = OnDevice(tensors, None)
    on_device = carried_out(pipeline.ops, tensors, drawn, Size(height, width), place)
    for made in (of_tensors.numpy(), plain, on_device.numpy()):
        check_close(made, best.images, pipeline)
    for kept in (images, tensors.numpy()):
        np.testing.assert_array_equal(kept, given)
