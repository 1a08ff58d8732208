"""Copies made once, beside those of the pipeline that makes them and of Pillow that stores them."""

import io

import numpy as np
import pytest
from PIL import Image
from tests.fixtures.small_training import images

from whydrop.augment import ColorJitter, HorizontalFlip, Pipeline
from whydrop.core.errors import UsageError
from whydrop.training.recipes.data_sections import Expand
from whydrop.training.recipes.expansion import expanded
from whydrop.training.samples import Samples

SAMPLES = images(20)


def test_each_class_has_the_number_that_was_asked_for():
    found = expanded(SAMPLES, Expand(per_class=12), seed=0)
    assert found.counts.tolist() == [12, 12, 12]
    assert found.classes == SAMPLES.classes


def test_without_operations_copies_are_the_images_themselves():
    found = expanded(SAMPLES, Expand(per_class=12), seed=0)
    known = {(image.tobytes(), int(label)) for image, label in zip(SAMPLES.inputs, SAMPLES.labels)}  # noqa: B905
    assert {(i.tobytes(), int(label)) for i, label in zip(found.inputs, found.labels)} == known  # noqa: B905


def test_copies_are_views_of_a_pipeline_in_its_first_epoch():
    ops = ({"op": "HorizontalFlip"}, {"op": "ColorJitter", "brightness": 0.5})
    found = expanded(SAMPLES, Expand(per_class=12, ops=ops), seed=3)
    pipeline = Pipeline([HorizontalFlip(), ColorJitter(brightness=0.5)], seed=3)
    index = np.arange(len(SAMPLES))
    views = [pipeline(SAMPLES.inputs, index=index, view=view).images for view in range(4)]
    known = {np.rint(image * 255).astype(np.uint8).tobytes() for view in views for image in view}
    assert {image.tobytes() for image in found.inputs} <= known


def test_a_large_class_keeps_its_images_or_gives_a_part():
    counts = SAMPLES.counts
    most = int(counts.max())
    kept = expanded(SAMPLES, Expand(per_class=most - 1, larger="keep"), seed=0)
    cut = expanded(SAMPLES, Expand(per_class=most - 1, larger="subset"), seed=0)
    assert kept.counts.max() == most and cut.counts.max() == most - 1


@pytest.mark.parametrize("channels", [1, 3])
def test_stored_copies_are_what_pillow_writes_and_reads(channels):
    grey = Samples(SAMPLES.inputs[:, :channels], SAMPLES.labels, SAMPLES.classes)
    plain = expanded(grey, Expand(per_class=5), seed=0)
    stored = expanded(grey, Expand(per_class=5, jpeg_quality=60, size=12), seed=0)
    for image, found in zip(plain.inputs, stored.inputs, strict=True):
        pixels = image[0] if channels == 1 else image.transpose(1, 2, 0)
        picture = Image.fromarray(pixels).resize((12, 12), Image.Resampling.BILINEAR)
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=60)
        again = np.asarray(Image.open(file).resize((8, 8), Image.Resampling.BILINEAR))
        expected = again[None] if channels == 1 else again.transpose(2, 0, 1)
        np.testing.assert_array_equal(found, expected)


def test_what_is_no_image_is_refused():
    rows = Samples(np.zeros((4, 3), np.float32), [0, 1, 0, 1], ("a", "b"))
    with pytest.raises(UsageError, match="samples are float32"):
        expanded(rows, Expand(per_class=3), seed=0)


def test_one_copy_of_each_is_no_expansion():
    by_class = SAMPLES.part(np.argsort(SAMPLES.labels, kind="stable"))
    found = expanded(by_class, Expand(per_class=1), seed=0)
    np.testing.assert_array_equal(found.inputs, by_class.inputs)
