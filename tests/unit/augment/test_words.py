"""Words for draws, against what the operations do to a marked pixel."""

import numpy as np
import pytest

import whydrop.augment as augment
from whydrop.augment import (
    Affine,
    AutoContrast,
    BrightnessContrast,
    ColorJitter,
    CutMix,
    Cutout,
    GaussianBlur,
    HorizontalFlip,
    MixUp,
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
    VerticalFlip,
    Zoom,
    host,
)
from whydrop.augment.geometry import fused
from whydrop.augment.op import Op, Size
from whydrop.augment.ops.policy_space import NUMBER
from whydrop.augment.skeletons.op import SkeletonOp
from whydrop.augment.words import plain, words_of

HALF = {"angle": 0.0, "y": 0.0, "x": 0.0, "scale": 1.0, "shear": 0.0}
HALF |= {"scale_y": 1.0, "shear_y": 0.0}
BOX = {"partner": 3, "lam": 0.75, "top": 2, "bottom": 5, "left": 0, "right": 4}


@pytest.mark.parametrize(
    ("op", "values", "words"),
    [
        (PadCrop(4), {"y": 0, "x": 0}, "as it is"),
        (PadCrop(4), {"y": -4, "x": 0}, "down 4 px"),
        (Translate(0.1), {"y": -4, "x": 2}, "up 4, right 2 px"),
        (HorizontalFlip(), {"applied": True}, "mirrored"),
        (HorizontalFlip(), {"applied": False}, "as it is"),
        (VerticalFlip(), {"applied": True}, "upside down"),
        (Affine(), HALF, "as it is"),
        (Affine(), HALF | {"angle": -3.25, "y": 1.5}, "turned -3.2°, down 1.5 px"),
        (
            Affine(),
            HALF | {"scale": 1.1, "scale_y": 1.1, "shear": 4.0},
            "size x 1.10, sheared +4.0°",
        ),
        (
            Affine(),
            HALF | {"scale": 1.1, "scale_y": 0.9, "shear_y": -2.0},
            "size x 1.10 by 0.90, sheared upwards -2.0°",
        ),
        (Zoom((0.8, 1.2)), {"height": 0.8, "width": 0.8}, "size x 1.25"),
        (Zoom((0.8, 1.2)), {"height": 1.0, "width": 1.0}, "as it is"),
        (BrightnessContrast(0.1), {"applied": False, "brightness": 0.1, "contrast": 1}, "as it is"),
        (
            ResizedCrop(8),
            {"top": 3.0, "left": 0.0, "height": 10.0, "width": 12.0},
            "rows 3-12, columns 0-11",
        ),
        (
            ColorJitter(0.2, hue=0.1),
            {"brightness": 0.875, "contrast": 1.0, "saturation": 1.0, "hue": -0.001},
            "brightness 0.88, hue +0.00",
        ),
        (ColorJitter(), {"brightness": 1.0}, "as it is"),
        (
            ColorJitter(0.2, hue=0.1, probability=0.5),
            {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0},
            "as it is",
        ),
        (GaussianBlur(5), {"applied": True, "sigma": 1.26}, "sigma 1.3 px"),
        (GaussianBlur(5), {"applied": False, "sigma": 1.26}, "as it is"),
        (Sharpen(2.0), {"applied": True, "factor": 2.0}, "factor 2.00"),
        (Posterize(4), {"applied": True, "bits": 4}, "4 bits left"),
        (Solarize(0.5), {"applied": True, "threshold": 0.5}, "inverted from 0.50 up"),
        (AutoContrast(), {"applied": True}, "done"),
        (
            Cutout(4),
            {"top": [2], "bottom": [6], "left": [0], "right": [1]},
            "rows 2-5, columns 0-0",
        ),
        (RandomErasing(), {"top": [2], "bottom": [2], "left": [0], "right": [5]}, "no hole"),
        (
            Cutout(4, holes=2),
            {"top": [0, 1], "bottom": [4, 5], "left": [0, 1], "right": [4, 5]},
            "rows 0-3, columns 0-3; rows 1-4, columns 1-4",
        ),
        (
            RandomErasing(fill="noise"),
            {"top": [2], "bottom": [4], "left": [0], "right": [5], "noise": 99},
            "rows 2-3, columns 0-4",
        ),
        (
            RandAugment(3),
            {"op": [NUMBER["Rotate"], 0, NUMBER["Equalize"]], "magnitude": [-9.0, 0.0, 0.0]},
            "turned +9.0°, Equalize",
        ),
        (
            RandAugment(3),
            {
                "op": [NUMBER[name] for name in ("Contrast", "Posterize", "Solarize")],
                "magnitude": [-0.25, 6.0, 0.0],
            },
            "Contrast 0.75, 6 bits left, inverted from 0.00 up",
        ),
        (
            RandAugment(2),
            {"op": [NUMBER["ShearX"], NUMBER["Rotate"]], "magnitude": [0.1, 0.0]},
            "ShearX +0.10, Rotate",
        ),
        (RandAugment(1), {"op": [0], "magnitude": [0.0]}, "as it is"),
        (MixUp(), {"partner": 3, "lam": 0.75}, "0.25 of cat 3"),
        (MixUp(), {"partner": 3, "lam": 1.0}, "not mixed"),
        (MixUp(), {"partner": 3, "lam": 0.999}, "less than 0.01 of cat 3"),
        (CutMix(), BOX, "rows 2-4, columns 0-3 from cat 3"),
        (CutMix(), BOX | {"bottom": 2, "lam": 1.0}, "not mixed"),
        (Switch(MixUp(), CutMix()), BOX | {"blend": 1.0}, "rows 2-4, columns 0-3 from cat 3"),
        (Switch(MixUp(), CutMix()), BOX | {"right": 0, "blend": 0.6}, "0.40 of cat 3"),
    ],
)
def test_draws_are_told_in_words(op, values, words):
    assert words_of(op, values, partner="cat 3") == words


@pytest.mark.parametrize("op", [PadCrop(5), Translate(0.3)], ids=repr)
def test_directions_are_those_in_which_a_pixel_moves(op):
    images = np.zeros((60, 1, 21, 21), np.float32)
    images[:, :, 10, 10] = 1
    pipeline, index = Pipeline([op]), np.arange(60)
    made = pipeline(images, index=index).images
    for i, image in enumerate(made[:, 0]):
        draws = pipeline.draws((21, 21), index=[i])[type(op).__name__]
        words = words_of(op, {name: plain(values[0]) for name, values in draws.items()})
        y, x = np.argwhere(image == 1)[0] - 10
        told = [f"down {y}" if y > 0 else f"up {-y}"] * bool(y)
        told += [f"right {x}" if x > 0 else f"left {-x}"] * bool(x)
        assert words == (f"{', '.join(told)} px" if told else "as it is")


@pytest.mark.parametrize("name", ["TranslateX", "TranslateY", "Rotate"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_policy_moves_and_turns_as_the_words_of_other_operations_say(name, sign):
    drawn = {"op": np.array([[NUMBER[name]]]), "magnitude": np.array([[sign * 6.0]])}
    image = np.random.default_rng(0).random((1, 1, 21, 21), dtype=np.float32)
    made = RandAugment(1).apply(image.copy(), drawn)
    words = words_of(RandAugment(1), {key: values[0].tolist() for key, values in drawn.items()})
    moved = HALF | {"scale": 1.0}
    if name == "Rotate":
        moved |= {"angle": -6.0 * sign}
    else:
        moved |= {"x" if name == "TranslateX" else "y": 6.0 * sign}
    assert words == words_of(Affine(), moved).replace("6.0 px", "6 px")
    step = Affine().step({key: np.array([value]) for key, value in moved.items()}, Size(21, 21))
    (done,) = fused(1, Size(21, 21), [step])
    expected = np.empty_like(image)
    host.resample(image, done, np.ones(1, np.float32), np.zeros(1, np.float32), expected)
    np.testing.assert_allclose(made, expected, atol=1e-5)


def test_every_operation_that_draws_has_words_for_each_of_its_draws():
    needed = {"pad": 2, "share": 0.1, "kernel": 3, "factor": 2.0, "bits": 4, "threshold": 0.5}
    needed |= {"height": (0.8, 1.2)}
    needed |= {"size": 4, "mean": (0.5,), "std": (0.5,), "first": MixUp(), "second": CutMix()}
    kinds = [getattr(augment, name) for name in augment.__all__]
    kinds = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Op)]
    kinds = [kind for kind in kinds if not issubclass(kind, SkeletonOp)]
    assert len(kinds) >= 19
    for kind in kinds:
        fields = kind.__dataclass_fields__
        op = kind(**{name: value for name, value in needed.items() if name in fields})
        drawn = op.draw(np.random.default_rng(0).random((len(op.chance), 50)), Size(16, 16))
        for i in range(50 if drawn else 0):
            words = words_of(op, {name: plain(values[i]) for name, values in drawn.items()})
            assert 4 <= len(words) < 90


def test_an_operation_of_somebody_else_is_told_by_the_names_of_its_draws():
    class Rain(Op):
        pass

    assert words_of(Rain(), {"drops": 7, "angle": 0.123}) == "drops 7, angle 0.12"
    assert words_of(Rain(), {"applied": True, "at": [1, 2.5]}) == "at 1, 2.50"
