"""What a pipeline is given: taken as it means, or refused by one error before anything is done."""

import json

import numpy as np
import pytest
import torch

from whydrop.augment import (
    Collate,
    ColorJitter,
    HorizontalFlip,
    Imported,
    JointJitter,
    MixLoss,
    MixUp,
    Pipeline,
    SkeletonPipeline,
    hidden_share,
    preview,
    to_json,
    visible_share,
    visible_warning,
)
from whydrop.augment.frameworks.arrays_for_keras import source
from whydrop.core.errors import UsageError

RNG = np.random.default_rng(0)
IMAGES = RNG.random((4, 3, 8, 8), dtype=np.float32)
LABELS, INDEX = np.arange(4), np.arange(4)
AUGMENT = Pipeline([HorizontalFlip(), ColorJitter(0.3), MixUp()], classes=10, seed=1)
ALONE = Pipeline([HorizontalFlip(), ColorJitter(0.3)], seed=1)


def called(**given):
    return AUGMENT(**{"images": IMAGES, "labels": LABELS, "index": INDEX} | given)


@pytest.mark.parametrize("number", [np.int64, np.int32, np.uint8, torch.tensor], ids=str)
def test_whole_numbers_may_be_of_numpy_and_pytorch(number):
    other = Pipeline(AUGMENT.ops, classes=number(10), seed=number(1))
    expected = called(epoch=3, view=2)
    made = other(IMAGES, LABELS, index=INDEX, epoch=number(3), view=number(2))
    np.testing.assert_array_equal(made.images, expected.images)
    assert json.loads(to_json(other)) == json.loads(to_json(AUGMENT))


@pytest.mark.parametrize("index", [[0, 1, 2, 3], range(4), torch.arange(4), (0, 1, 2, 3)], ids=str)
def test_positions_may_be_of_any_kind(index):
    np.testing.assert_array_equal(called(index=index).images, called().images)


@pytest.mark.parametrize("shape", [(2, 5, 1, 1), (2, 5, 4, 4), (2, 8, 3, 3), (2, 1, 1, 9)], ids=str)
def test_small_images_of_many_channels_are_no_channels_last(shape):
    images = RNG.integers(0, 256, shape, dtype=np.uint8)
    made = Pipeline([HorizontalFlip(1.0)])(images, index=[0, 1]).images
    np.testing.assert_allclose(made, images[..., ::-1] / 255, atol=1e-6)


READ_ONLY = np.empty_like(IMAGES)
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": [0, 1, 2, 3]}, "labels are list"),
        ({"labels": 3}, "labels are int"),
        ({"labels": np.array(3)}, r"labels have shape \(\)"),
        ({"labels": np.array(list("abcd"))}, "labels are <U1"),
        ({"labels": LABELS > 1}, "labels are bool"),
        ({"index": 3}, r"index has shape \(\)"),
        ({"index": INDEX - 1}, "the position -1"),
        ({"index": "abcd"}, "index has shape"),
        ({"index": [None] * 4}, "dtype object"),
        ({"epoch": 1.0}, "epoch is 1.0"),
        ({"epoch": None}, "epoch is None"),
        ({"epoch": "1"}, "epoch is '1'"),
        ({"view": None}, "dtype object"),
        ({"images": torch.rand(4, 3, 8, 8, requires_grad=True)}, "carry gradients"),
        ({"out": [1]}, "out is a list"),
        ({"out": READ_ONLY}, "cannot be written"),
        ({"out": IMAGES}, "shares the memory"),
        ({"out": IMAGES[::-1]}, "shares the memory"),
        ({"out": torch.from_numpy(IMAGES)}, "shares the memory"),
        ({"out": np.empty(IMAGES.shape)}, "dtype float64"),
    ],
)
def test_what_a_call_cannot_use_has_one_clear_error(given, message):
    with pytest.raises(UsageError, match=message):
        called(**given)


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (4, 3, 8, 9)], ids=str)
def test_a_buffer_on_a_device_has_to_fit_too(shape):
    from whydrop.augment.passes import OnDevice

    images = torch.from_numpy(IMAGES)
    with pytest.raises(UsageError, match="out has shape"):
        OnDevice(images, torch.empty(shape)).finished(images)
    with pytest.raises(UsageError, match=r"dtype torch\.float64"):
        OnDevice(images, torch.empty(images.shape, dtype=torch.float64)).finished(images)


def test_gradients_are_refused_only_where_they_are_kept():
    images = torch.rand(4, 3, 8, 8, requires_grad=True)
    with torch.no_grad():
        assert not ALONE(images, index=INDEX).images.requires_grad


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ops": None}, "NoneType is no list"),
        ({"ops": HorizontalFlip()}, "HorizontalFlip is no list"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": None}, "seed is None"),
        ({"classes": 0}, "number of classes is 0"),
        ({"classes": 2.5}, "number of classes is 2.5"),
        ({"classes": "ten"}, "number of classes is 'ten'"),
        ({"classes": True}, "number of classes is True"),
        ({"smoothing": None}, "smoothing is None"),
        ({"smoothing": "0.1", "target": "soft", "classes": 3}, "smoothing is '0.1'"),
    ],
)
@pytest.mark.parametrize("kind", [Pipeline, SkeletonPipeline])
def test_a_pipeline_is_refused_when_it_is_made_not_when_it_is_called(kind, given, message):
    with pytest.raises(UsageError, match=message):
        kind(**{"ops": []} | given)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: ALONE.draws(8, index=[0]), "size is 8"),
        (lambda: ALONE.draws((0, 8), index=[0]), "a side is 0"),
        (lambda: ALONE.draws((8.5, 8), index=[0]), "a side is 8.5"),
        (lambda: ALONE.draws((8, 8, 3), index=[0]), "size is"),
        (lambda: ALONE.draws((8, 8), index=None), "index has shape"),
        (lambda: visible_share(ALONE, (0, 8)), "a side is 0"),
        (lambda: visible_share(ALONE, (8, 8), samples=0), "samples is 0"),
        (lambda: hidden_share(ALONE, (8, 8), object_px=2, samples=0), "samples is 0"),
        (lambda: hidden_share(ALONE, (8, 8), object_px=2.5), "object_px is 2.5"),
        (lambda: hidden_share(ALONE, 8, object_px=2), "size is 8"),
        (lambda: visible_warning(ALONE, (8, 8), object_px=0), "object_px is 0"),
        (lambda: MixLoss("cross_entropy"), "criterion is 'cross_entropy'"),
    ],
)
def test_bad_questions_have_one_clear_error(ask, message):
    with pytest.raises(UsageError, match=message):
        ask()


@pytest.mark.parametrize(
    ("given", "do"),
    [
        (Imported("torchvision", ALONE, ()), "give its .pipeline"),
        (SkeletonPipeline([JointJitter(0.1)]), "give a whydrop.augment.Pipeline"),
        ([HorizontalFlip()], "give a whydrop.augment.Pipeline"),
    ],
    ids=["imported", "skeletons", "operations"],
)
@pytest.mark.parametrize(
    "use",
    [
        lambda given: preview(given, IMAGES),
        lambda given: visible_share(given, (8, 8)),
        lambda given: visible_warning(given, (8, 8)),
        Collate,
        lambda given: source(
            given, IMAGES, LABELS, batch_size=2, given=None, wanted="channels_first"
        ),
    ],
    ids=["preview", "share", "warning", "Collate", "Keras"],
)
def test_what_is_no_pipeline_of_images_is_refused_with_what_to_give(given, do, use):
    with pytest.raises(UsageError, match="pipeline is") as refused:
        use(given)
    assert refused.value.do == do
