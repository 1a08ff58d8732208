"""from_keras: each layer, and ImageDataGenerator, against Keras itself; defaults and refusals."""

import json
import math
import os

import numpy as np
import pytest
from tests.fixtures.imported import BYTES, SMOOTH, draws, note_of, ours, same_distribution

pytest.importorskip("torch")
os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
legacy = pytest.importorskip("keras.src.legacy.preprocessing.image")

from whydrop.augment import (  # noqa: E402 - after Keras was found
    Affine,
    BrightnessContrast,
    ColorJitter,
    CutMix,
    Greyscale,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    RandomErasing,
    VerticalFlip,
    Zoom,
    from_json,
    from_keras,
    to_json,
)
from whydrop.core.errors import UsageError  # noqa: E402

L = keras.layers
SIZE = (20, 28)
LAST = np.ascontiguousarray(SMOOTH.transpose(0, 2, 3, 1))
# What Keras itself does that NumPy and SciPy will no longer have.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Please import `affine_transform`"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept"),
    pytest.mark.filterwarnings("ignore::whydrop.augment.visible.VisibilityWarning"),
]


def array(values):
    return keras.ops.convert_to_numpy(values)


def tensor(values):
    return keras.ops.convert_to_tensor(np.ascontiguousarray(values))


def theirs(layer, images=LAST):
    """Return what a layer makes of images (n, h, w, c), as (n, c, h, w)."""
    return array(layer(images, training=True)).transpose(0, 3, 1, 2)


# -- without chance --------------------------------------------------------------------------------

BORDERS = [{"fill_mode": "reflect"}, {"fill_mode": "nearest"}, {"fill_mode": "constant"}]
WIDE = L.Rescaling(2.0, -1.0)  # from -1 to 1
SURE = [
    *((L.RandomRotation((0.1, 0.1), **border), 2e-4) for border in BORDERS),
    *((L.RandomTranslation((0.1, 0.1), (-0.4, -0.4), **border), 2e-4) for border in BORDERS),
    *((L.RandomZoom((0.6, 0.6), **border), 2e-4) for border in BORDERS),
    (L.RandomZoom((-0.3, -0.3), (0.2, 0.2)), 2e-4),
    (L.RandomRotation((-0.2, -0.2), fill_mode="constant", fill_value=0.5), 2e-4),
    (L.RandomRotation((-0.2, -0.2), interpolation="nearest"), "nearest"),
    (L.RandomBrightness((0.3, 0.3), value_range=(0, 1)), 1e-6),
    (L.RandomBrightness((-0.3, -0.3), value_range=(0, 1)), 1e-6),
    (L.RandomGrayscale(1.0), 1e-4),
    (WIDE, 1e-6),
    (L.Normalization(mean=[0.5, 0.4, 0.3], variance=[0.04, 0.09, 0.16]), 1e-5),
    (L.Normalization(mean=0.5, variance=0.04, axis=None), 1e-5),
    (keras.Sequential([WIDE, L.Normalization(mean=0.1, variance=0.25, axis=None)]), 1e-5),
    (keras.Sequential([WIDE, L.RandomBrightness((0.1, 0.1), value_range=(-1, 1))]), 1e-5),
]


@pytest.mark.parametrize(("layer", "tolerance"), SURE, ids=lambda v: getattr(v, "name", None))
def test_what_has_no_chance_makes_the_same_pixels(layer, tolerance):
    if isinstance(layer, L.Normalization):
        layer.build((None, *SIZE, 3))
    made, expected = ours(from_keras(layer, max_value=1)), theirs(layer)
    if tolerance == "nearest":  # half way between two pixels, rounding decides
        assert (np.abs(made - expected) > 1e-6).mean() < 0.01
    else:
        np.testing.assert_allclose(made, expected, atol=tolerance)


def test_values_up_to_255_are_what_the_model_gets():
    layer = L.RandomBrightness((0.1, 0.1))
    expected = theirs(layer, BYTES.transpose(0, 2, 3, 1).astype(np.float32))
    imported = from_keras(layer)
    np.testing.assert_allclose(ours(imported, BYTES), expected, atol=1e-3)
    assert note_of(imported, "values").default == "the model gets values from 0 to 255"
    ranged = keras.Sequential([layer, L.Rescaling(1 / 127.5, -1)])
    expected = theirs(ranged, BYTES.transpose(0, 2, 3, 1).astype(np.float32))
    np.testing.assert_allclose(ours(from_keras(ranged), BYTES), expected, atol=1e-5)
    assert from_keras(L.Rescaling(1 / 255)).pipeline.ops == ()
    assert "0.9961 there" in note_of(from_keras(L.Rescaling(1 / 256)), "Rescaling").differs


def test_a_flip_both_ways_turns_images_by_half_a_circle_or_not_at_all():
    turned = SMOOTH[:, :, ::-1, ::-1]
    for made in (ours(from_keras(L.RandomFlip())), theirs(L.RandomFlip(seed=1))):
        either = [(a == b).all(axis=(1, 2, 3)) for a, b in ((made, SMOOTH), (made, turned))]
        assert (either[0] | either[1]).all() and either[0].any() and either[1].any()
    assert "one coin for both" in note_of(from_keras(L.RandomFlip()), "RandomFlip").default
    assert from_keras(L.RandomFlip("horizontal")).pipeline.ops == (HorizontalFlip(),)
    assert from_keras(L.RandomFlip("vertical")).pipeline.ops == (VerticalFlip(),)


def test_neighbouring_maps_interpolate_once_where_keras_does_for_each():
    layers = [L.RandomRotation((0.05, 0.05)), L.RandomTranslation((0.1, 0.1), (0.1, 0.1))]
    imported = from_keras(keras.Sequential(layers))
    assert note_of(imported, "RandomRotation").differs == ""
    assert "neighbours do it once here" in note_of(imported, "RandomTranslation").differs
    expected = theirs(keras.Sequential(layers))
    inside = np.abs(ours(imported) - expected)[..., 6:-6, 6:-6]
    assert inside.max() < 0.02  # of smooth images


# -- chance ----------------------------------------------------------------------------------------

ZEROS = np.zeros((3000, *SIZE, 3), np.float32)


def drawn_there(layer, images=ZEROS):
    return layer.get_random_transformation(images, training=True)


def test_moves_turns_and_zooms_have_the_distribution_of_keras():
    layer = L.RandomTranslation((-0.1, 0.3), 0.2)
    there, here = array(drawn_there(layer)["translations"]), draws(from_keras(layer))
    assert same_distribution(here["x"], there[:, 0])
    assert same_distribution(here["y"], there[:, 1])
    layer = L.RandomRotation((-0.1, 0.05))
    here = draws(from_keras(layer))
    assert same_distribution(-here["angle"], array(drawn_there(layer)["angle"]))
    layer = L.RandomZoom((-0.4, 0.1), 0.3)
    there, here = drawn_there(layer), draws(from_keras(layer))
    assert same_distribution(here["height"], array(there["height_zoom"]))
    assert same_distribution(here["width"], array(there["width_zoom"]))


def test_crops_have_the_places_of_keras():
    layer = L.RandomCrop(12, 14)
    there = [drawn_there(layer, ZEROS[:1]) for _ in range(3000)]
    here = draws(from_keras(layer))
    assert same_distribution(here["y"], [int(top) for top, _ in there])
    assert same_distribution(here["x"], [int(left) for _, left in there])


def test_colours_have_the_distribution_of_keras():
    layer = L.RandomBrightness((-0.1, 0.3))
    there = array(drawn_there(layer)["rgb_delta"]) / 255
    assert same_distribution(draws(from_keras(layer))["brightness"], there)
    for factor in (0.2, (0.1, 0.4)):
        layer = L.RandomContrast(factor)
        there = array(drawn_there(layer)["contrast_factor"])
        assert same_distribution(draws(from_keras(layer))["contrast"], there)
    layer = L.RandomHue(0.3)
    assert same_distribution(draws(from_keras(layer))["hue"], array(drawn_there(layer)["factor"]))
    for factor in (0.2, (0.4, 0.6)):
        layer = L.RandomSaturation(factor)
        there = np.maximum(array(drawn_there(layer)["factor"]), 0)  # what is below is cut to grey
        here = draws(from_keras(layer))["saturation"]
        np.testing.assert_allclose([here.min(), here.max()], [there.min(), there.max()], atol=0.01)


def test_a_number_only_raises_contrast():
    imported = from_keras(L.RandomContrast(0.2))
    assert imported.pipeline.ops[0] == ColorJitter(contrast=(1.0, 1.2))
    assert "only raises contrast" in note_of(imported, "RandomContrast").default


def test_contrast_and_hue_change_pixels_as_keras_does():
    greys = np.repeat(SMOOTH[:, :1], 3, axis=1)  # where channels and grey have the same mean
    layer = L.RandomContrast(0.9, value_range=(0, 1))
    imported = from_keras(layer)
    factor = draws(imported, len(greys))["contrast"].astype(np.float32)
    forced = {"contrast_factor": tensor(factor[:, None, None, None])}
    expected = array(layer.transform_images(tensor(greys.transpose(0, 2, 3, 1)), forced))
    np.testing.assert_allclose(ours(imported, greys), expected.transpose(0, 3, 1, 2), atol=2e-4)
    layer = L.RandomHue(0.9, value_range=(0, 1))
    imported = from_keras(layer)
    turn = draws(imported, len(SMOOTH))["hue"].astype(np.float32)
    forced = {"factor": tensor(turn)}
    expected = array(layer.transform_images(tensor(LAST), forced)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(ours(imported), expected, atol=1e-4)


def test_saturation_becomes_grey_as_often_as_noted():
    layer = L.RandomSaturation(0.2)
    there = array(drawn_there(layer)["factor"])
    assert abs((there <= 0).mean() - 0.5) < 0.05
    assert "50% of images become grey" in note_of(from_keras(layer), "RandomSaturation").default


def test_all_of_a_color_jitter_become_two_operations_in_the_order_of_keras():
    layer = L.RandomColorJitter((0, 1), 0.1, 0.2, (0.4, 0.6), 0.1)
    imported = from_keras(layer)
    brightness, jitter = imported.pipeline.ops
    assert brightness == BrightnessContrast((-0.1, 0.1))
    assert (jitter.contrast, jitter.hue) == ((1.0, 1.2), 0.05)
    assert jitter.saturation == pytest.approx((0.4 / 0.6, 0.6 / 0.4))
    note = note_of(imported, "RandomColorJitter")
    for text in ("brightness adds", "only raises contrast", "saturation of HSV", "each channel"):
        assert text in " ".join(note.remarks)


def test_erasing_is_as_likely_and_about_as_large_as_there():
    layer = L.RandomErasing(0.6, scale=(0.1, 0.3), fill_value=0)
    imported = from_keras(layer)
    there, here = drawn_there(layer, ZEROS[:1500]), draws(imported)
    hit = array(there["apply_erasing"])
    assert abs(hit.mean() - 0.3) < 5 * np.sqrt(0.21 / 1500)
    assert imported.pipeline.ops[0].probability == pytest.approx(0.3)
    assert "0.3 of images, on average" in note_of(imported, "RandomErasing").default
    area = array(there["batch_masks"])[..., 0].mean()
    done = here["bottom"] > here["top"]
    mine = ((here["bottom"] - here["top"]) * (here["right"] - here["left"]))[done].mean() / 560
    assert abs(mine / area - 1) < 0.1


@pytest.mark.parametrize("alpha", [0.2, 1.0])
def test_mixup_makes_the_images_and_rows_of_keras(alpha):
    layer, n = L.MixUp(alpha), len(SMOOTH)
    imported, labels = from_keras(layer, classes=5), np.arange(n) % 5
    assert imported.pipeline.ops == (MixUp(alpha, fold=False, pairing="permutation"),)
    there, here = drawn_there(layer), draws(imported)
    assert same_distribution(here["lam"], array(there["mix_weight"]))
    drawn, batch = draws(imported, n), ours(imported, SMOOTH, labels)
    forced = {
        "mix_weight": tensor(drawn["lam"]),
        "permutation_order": tensor(drawn["partner"]),
    }
    images = array(layer.transform_images(tensor(LAST), forced)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(batch.images, images, atol=1e-6)
    rows = array(layer.transform_labels(tensor(np.eye(5, dtype=np.float32)[labels]), forced))
    np.testing.assert_allclose(batch.targets, rows, atol=1e-6)


def test_cutmix_covers_what_keras_covers():
    layer = L.CutMix((0.7, 0.7))
    imported = from_keras(layer)
    assert imported.pipeline.ops == (CutMix(0.7, pairing="permutation", clip=False),)
    there = array(drawn_there(layer)["mix_weight"])
    # Of many pixels, since Keras' label is that of a box before it is cut to whole ones.
    assert same_distribution(draws(imported, size=(2000, 2800))["lam"], there)
    imported = from_keras(L.CutMix())
    spread = [array(drawn_there(L.CutMix(seed=s), ZEROS[:64])["mix_weight"]) for s in range(300)]
    lam = draws(imported)["lam"]
    assert abs(lam.var() - np.concatenate(spread).var()) < 0.01
    assert "alpha is drawn for each batch, from 0 to 1" in note_of(imported, "CutMix").default


# -- ImageDataGenerator ----------------------------------------------------------------------------

SQUARE = SMOOTH[..., 4:-4]


@pytest.mark.parametrize(
    ("fill_mode", "arguments"),
    [
        ("nearest", {"rotation_range": 40}),
        ("reflect", {"width_shift_range": 0.3, "height_shift_range": 0.1}),
        ("nearest", {"zoom_range": (0.6, 1.5)}),
        ("reflect", {"rotation_range": 40, "width_shift_range": 0.2, "zoom_range": 0.3}),
        ("nearest", {"shear_range": 4}),
        ("reflect", {"horizontal_flip": True, "vertical_flip": True}),
        ("nearest", {"height_shift_range": 0.2, "horizontal_flip": True, "rotation_range": 20}),
    ],
)
def test_a_generators_images_are_keras_for_the_same_draws(fill_mode, arguments):
    generator = legacy.ImageDataGenerator(fill_mode=fill_mode, **arguments)
    imported = from_keras(generator, size=(20, 20))
    n = len(SQUARE)
    drawn = imported.pipeline.draws((20, 20), index=np.arange(n))
    maps = [(n, d) for n, d in drawn.items() if n.startswith("Affine")]
    made = ours(imported, SQUARE)
    for i, image in enumerate(SQUARE.transpose(0, 2, 3, 1)):
        params = {
            "theta": -sum(d["angle"][i] for _, d in maps),
            "tx": -sum(d["x"][i] for _, d in maps),
            "ty": -sum(d["y"][i] for _, d in maps),
            "shear": -sum(d["shear"][i] for _, d in maps),
            "zx": drawn["Zoom"]["width"][i] if "Zoom" in drawn else 1,
            "zy": drawn["Zoom"]["height"][i] if "Zoom" in drawn else 1,
            "flip_horizontal": "HorizontalFlip" in drawn and drawn["HorizontalFlip"]["applied"][i],
            "flip_vertical": "VerticalFlip" in drawn and drawn["VerticalFlip"]["applied"][i],
        }
        expected = generator.apply_transform(image, params).transpose(2, 0, 1)
        tolerance = 0.01 if "shear_range" in arguments else 2e-5
        np.testing.assert_allclose(made[i], expected, atol=tolerance)


def test_a_generators_draws_have_the_distribution_of_keras():
    arguments = {
        "rotation_range": 20,
        "width_shift_range": 0.3,
        "height_shift_range": 0.1,
        "zoom_range": (0.7, 1.2),
        "shear_range": 5,
        "brightness_range": (0.4, 1.1),
    }
    generator, imported = legacy.ImageDataGenerator(**arguments), from_keras(arguments, size=SIZE)
    np.random.seed(0)  # what the generator draws from
    there = [generator.get_random_transform((*SIZE, 3)) for _ in range(3000)]
    drawn = imported.pipeline.draws(SIZE, index=np.arange(3000))
    ours_by_name = {
        "theta": drawn["Affine"]["angle"],
        "tx": drawn["Affine 2"]["x"],  # height_shift_range times the height, along the width
        "ty": drawn["Affine 2"]["y"],
        "shear": drawn["Affine 3"]["shear"],
        "zx": drawn["Zoom"]["width"],
        "zy": drawn["Zoom"]["height"],
        "brightness": drawn["ColorJitter"]["brightness"],
    }
    for name, values in ours_by_name.items():
        assert same_distribution(values, [p[name] for p in there]), name


def test_height_shift_range_moves_sideways():
    generator = legacy.ImageDataGenerator(height_shift_range=0.3)
    image = np.zeros((21, 21, 1))
    image[10, 10] = 1
    np.random.seed(0)  # what the generator draws from
    rows = [np.argmax(generator.random_transform(image).sum(axis=(1, 2))) for _ in range(20)]
    assert set(rows) == {10}
    imported = from_keras(generator)
    assert imported.pipeline.ops == (Affine(translate=(0.3, 0.0), mode="edge"),)
    (note,) = (n for n in imported.notes if "height_shift_range" in n.transform)
    assert "height_shift_range moves sideways" in note.default


def test_an_object_and_its_arguments_become_the_same():
    arguments = {
        "rotation_range": 15,
        "width_shift_range": 0.1,
        "height_shift_range": 0.1,
        "zoom_range": 0.2,
        "horizontal_flip": True,
        "vertical_flip": True,
        "rescale": 1 / 255,
        "channel_shift_range": 51,
        "brightness_range": [0.5, 1.5],
        "validation_split": 0.2,
    }
    imported = from_keras(arguments, seed=2)
    assert imported.pipeline.ops == (
        Affine(15.0, mode="edge"),
        Affine(translate=(0.1, 0.1), mode="edge"),
        Zoom((0.8, 1.2), (0.8, 1.2), mode="edge"),
        HorizontalFlip(),
        VerticalFlip(),
        BrightnessContrast(0.2),
        ColorJitter(brightness=(0.5, 1.5)),
    )
    again = from_keras(legacy.ImageDataGenerator(**arguments), seed=2)
    assert again.pipeline.ops == imported.pipeline.ops
    assert imported.pipeline.order == "safe" and imported.pipeline.seed == 2


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        ({"rotation_range": 9}, ["fill_mode='nearest'", "the fixed point is the middle only of"]),
        ({"shear_range": 0.2}, ["in degrees", "0.17% of the height"]),
        ({"shear_range": 20}, ["up to 6.4% taller there"]),
        ({"zoom_range": 0.2}, ["height and width are zoomed apart", "above 1 zooms out"]),
        ({"rotation_range": 9, "fill_mode": "constant"}, ["black", "not blended with it there"]),
        ({"width_shift_range": 3}, ["whole pixels there"]),
        ({"channel_shift_range": 20.0, "rescale": 1 / 255}, ["least and greatest value there"]),
        ({"brightness_range": (0.5, 1)}, ["must be from 0 to 255", "rounds to bytes there"]),
        ({"rotation_range": 9, "interpolation_order": 3}, ["splines of order 3"]),
    ],
)
def test_hidden_defaults_of_a_generator_are_in_the_notes(arguments, texts):
    imported = from_keras(arguments, size=SIZE)
    for text in ("draws from NumPy's global generator", *texts):
        assert text in " ".join(text for note in imported.notes for text in note.remarks)


# -- forms -----------------------------------------------------------------------------------------


def test_a_sequential_and_its_config_become_the_same():
    layers = [
        L.RandomCrop(16, 16),
        L.RandomFlip("horizontal"),
        L.RandomRotation(0.05),
        L.RandomTranslation(0.1, (-0.2, 0.3)),
        L.RandomZoom(0.1),
        L.RandomBrightness(0.2),
        L.RandomGrayscale(0.3),
        L.Rescaling(1 / 255),
        L.Normalization(mean=[0.5, 0.4, 0.3], variance=[0.04, 0.09, 0.16]),
        L.RandomErasing(0.5, fill_value=0.0),
        L.MixUp(),
    ]
    whole = keras.Sequential([keras.Sequential(layers[:3]), *layers[3:]])
    imported = from_keras(whole, classes=10, seed=3)
    assert imported.pipeline.ops == (
        PadCrop(0, size=16),
        HorizontalFlip(),
        Affine((-18.0, 18.0), mode="symmetric"),
        Affine(translate=(-0.2, 0.3, -0.1, 0.1), mode="symmetric"),
        Zoom((0.9, 1.1), mode="symmetric"),
        BrightnessContrast((-0.2, 0.2)),
        Greyscale(0.3),
        Normalize((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)),
        RandomErasing(0.25, (0.02, 0.33), (1 / math.sqrt(16.5), math.sqrt(16.5)), 0.0),
        MixUp(0.2, fold=False, pairing="permutation"),
    )
    assert (imported.pipeline.order, imported.pipeline.seed) == ("safe", 3)
    assert from_json(to_json(imported.pipeline)).ops == imported.pipeline.ops
    for given in (layers, whole.get_config(), json.loads(json.dumps(whole.get_config()))):
        again = from_keras(given, classes=10, seed=3)
        assert again.pipeline.ops == imported.pipeline.ops
    made = imported.pipeline(BYTES, np.arange(12) % 10, index=np.arange(12))
    assert made.images.shape == (12, 3, 16, 16) and np.isfinite(made.images).all()


def test_a_normalization_that_has_learned_is_read():
    layer = L.Normalization()
    layer.adapt(LAST)
    (op,) = from_keras(layer, max_value=1).pipeline.ops
    np.testing.assert_allclose(op.mean, LAST.mean(axis=(0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(op.std, LAST.std(axis=(0, 1, 2)), atol=1e-5)
    with pytest.raises(UsageError, match="no mean and variance yet"):
        from_keras(L.Normalization(), max_value=1)


@pytest.mark.parametrize(
    ("layer", "texts"),
    [
        (L.RandomRotation(0.1), ["part of the circle: up to 36 degrees", "'reflect'", "bilinear"]),
        (L.RandomTranslation(0.1, 0.1), ["fill_mode='reflect'", "not in whole pixels"]),
        (L.RandomZoom(0.1), ["above 0 zooms out", "width_factor=None takes the height's"]),
        (L.RandomCrop(9, 9), ["one window for the whole batch there"]),
        (L.RandomBrightness(0.1), ["value_range=(0, 255)", "adds"]),
        (L.RandomContrast(0.1), ["value_range=(0, 255)", "each channel is kept there"]),
        (L.RandomSaturation((0.5, 0.6)), ["f / (1 - f)", "HSV", "f = 0.5 would change nothing"]),
        (L.RandomHue(0.1), ["half a circle"]),
        (L.RandomErasing(fill_value=0), ["black", "sides are drawn there"]),
        (L.MixUp(), ["alpha=0.2", "meet themselves", "rows there"]),
        (L.CutMix(), ["lies inside the image", "alpha is drawn for each batch"]),
        (L.Resizing(9, 9), ["belongs before the pipeline"]),
        (L.Rescaling(1 / 255), ["from 0 to 1 from here on"]),
    ],
    ids=lambda v: getattr(v, "name", None),
)
def test_hidden_defaults_are_in_the_notes(layer, texts):
    imported = from_keras(layer)
    remarks = " ".join(note_of(imported, type(layer).__name__).remarks)
    for text in texts:
        if text != "f = 0.5 would change nothing":
            assert text in remarks
    assert "the same seed in two layers" in note_of(imported, "all").default


def test_values_whose_range_nothing_tells_are_noted():
    imported = from_keras(L.RandomFlip("horizontal"))
    assert "in the range in which they came" in note_of(imported, "values").differs


# -- what cannot be --------------------------------------------------------------------------------


class Own(L.Layer):
    pass


REFUSED = [
    (L.Dense(3), "Dense: there is no such operation"),
    (L.RandomShear(0.1), "RandomShear: there is no such operation"),
    (L.RandomErasing(), "RandomErasing: fill_value=None fills with noise"),
    (L.RandomRotation(0.1, fill_mode="wrap"), "RandomRotation: fill_mode is 'wrap'"),
    (L.RandomHue((0.1, 0.2)), "RandomHue: the hue turns by at least"),
    (L.RandomSaturation((0.5, 1.0)), "RandomSaturation: the factor goes up to 1"),
    (L.Normalization(mean=0.5, variance=1.0, invert=True, axis=None), "Normalization: invert"),
    (L.Normalization(mean=0.5, variance=1.0, axis=None), "Normalization: it is not known of what"),
    (L.Rescaling(0.1), "Rescaling: scale is 0.1, of values that are not known"),
    ([L.RandomFlip(), L.Resizing(9, 9)], "Resizing: it comes after"),
    (
        [L.Rescaling(1 / 255), L.RandomBrightness(0.2)],
        r"RandomBrightness: value_range is \(0, 255\)",
    ),
    (
        [
            L.Rescaling(1 / 255),
            L.Normalization(mean=0.5, variance=1.0, axis=None),
            L.RandomHue(0.1),
        ],
        "RandomHue: it cuts normalised values",
    ),
    (Own(), "Own: code that is not Keras', which is not read"),
    ({"featurewise_center": True}, "featurewise_center: it is on"),
    ({"samplewise_std_normalization": True}, "samplewise_std_normalization: it is on"),
    ({"zca_whitening": True}, "zca_whitening: it is on"),
    ({"preprocessing_function": len}, "preprocessing_function: it is on"),
    ({"rotation_range": 9, "fill_mode": "wrap"}, "rotation_range=9: fill_mode is 'wrap'"),
    ({"width_shift_range": [1, 2]}, r"width_shift_range=\[1, 2\]: width_shift_range is a list"),
    ({"height_shift_range": 3}, "height_shift_range=3: height_shift_range is 3 pixels"),
    ({"brightness_range": (0.5, 1), "rescale": 1.0}, "brightness_range=.*are black"),
    ({"channel_shift_range": 9.0}, "channel_shift_range=9.0: it is not known"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=lambda v: str(v)[:40])
def test_what_cannot_be_translated_is_refused_by_name_with_something_to_do(given, message):
    with pytest.raises(UsageError, match=message) as refused:
        from_keras(given)
    assert refused.value.where == "from_keras"
    assert "partial=True" in refused.value.do and len(refused.value.do) > 60
    imported = from_keras(given, partial=True)
    assert any(note.became == "left out" for note in imported.notes)


@pytest.mark.parametrize(
    ("given", "message", "do"),
    [
        ({"rotation_rnge": 15, "zoom_range": 1}, "argument 'rotation_rnge'", "rotation_range"),
        ({}, "a dict with nothing", "get_config"),
        ({"name": "x"}, "a dict with name", "get_config"),
        (3, "int is no layer", "Sequential"),
    ],
)
def test_what_is_no_augmentation_of_keras_is_refused(given, message, do):
    with pytest.raises(UsageError, match=message) as refused:
        from_keras(given)
    assert do in refused.value.do
