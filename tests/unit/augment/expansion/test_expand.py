"""expand_to: batches and files of the same copies; what is no image is refused."""

import csv
import io
import json
import os
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from whydrop.augment import (
    Affine,
    ColorJitter,
    CutMix,
    Cutout,
    GaussianBlur,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    RandomErasing,
    ResizedCrop,
    Sharpen,
    compiled,
    expand_to,
)
from whydrop.augment.spec import from_dict
from whydrop.core.errors import UsageError

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], [4, 9, 20])[RNG.permutation(33)]
IMAGES = RNG.integers(0, 256, (33, 3, 10, 14), dtype=np.uint8)
AUGMENT = Pipeline([PadCrop(2), HorizontalFlip(), Affine(20), ColorJitter(0.3, 0.3)], seed=3)


@pytest.fixture(params=["best", "NumPy"], autouse=True)
def implementation(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(compiled, "available", lambda: False)


def pixels_of(path):
    """Return a stored image as an array (h, w) or (h, w, c)."""
    with Image.open(path) as image:
        return np.asarray(image)


def rows_of(folder):
    return list(csv.DictReader((folder / "manifest.csv").read_text().splitlines()))


def settings_of(folder):
    return json.loads((folder / "manifest.json").read_text())


def contents(folder):
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in found}


def images_of(expansion, batch_size=8):
    return np.concatenate([batch.images for batch in expansion.batches(batch_size)])


def test_each_copy_is_the_view_of_its_image_rounded_to_levels():
    for batch in expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT).batches(8):
        assert batch.images.dtype == np.uint8
        np.testing.assert_array_equal(batch.labels, LABELS[batch.index])
        for image, index, view in zip(batch.images, batch.index, batch.view, strict=True):
            alone = AUGMENT(IMAGES[index][None], index=[index], view=int(view)).images[0]
            wide = alone.astype(np.float64) * 255
            assert abs(image - wide).max() <= 0.5 + 1e-4


def test_a_pipeline_that_does_nothing_copies_every_level_exactly():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    for batch in expand_to(levels, [0], 3, pipeline=Pipeline([])).batches():
        np.testing.assert_array_equal(batch.images, np.repeat(levels, 3, axis=0))


def test_every_batch_size_gives_the_same_copies():
    expansion = expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT)
    whole = images_of(expansion, 36)
    assert len(whole) == len(expansion) == 36
    for size in (1, 7):
        np.testing.assert_array_equal(images_of(expansion, size), whole)


@pytest.mark.parametrize("kind", [torch.from_numpy, list])
def test_every_kind_of_source_gives_the_same_copies(kind):
    expected = images_of(expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT))
    found = images_of(expand_to(kind(IMAGES), LABELS, 12, pipeline=AUGMENT))
    np.testing.assert_array_equal(found, expected)


class Guarded:
    """Images of which some must not be read."""

    def __init__(self, allowed):
        self.allowed = set(allowed)

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, at):
        assert at in self.allowed, f"image {at} is for validation"
        return IMAGES[at]


def test_images_outside_the_training_part_are_never_read(tmp_path):
    among = np.flatnonzero(np.arange(33) % 4)
    expansion = expand_to(Guarded(among), LABELS, 30, pipeline=AUGMENT, among=among)
    for batch in expansion.batches():
        assert set(batch.index.tolist()) <= set(among.tolist())
    expansion.write(tmp_path / "train")


def test_what_a_sample_becomes_does_not_depend_on_the_split():
    among = np.flatnonzero(LABELS == 0)
    whole = expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT)
    part = expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT, among=among)
    np.testing.assert_array_equal(images_of(part), images_of(whole)[:12])


def test_memory_does_not_grow_with_the_number_of_copies():
    def peak(n):
        expansion = expand_to(IMAGES, LABELS, n, pipeline=Pipeline([HorizontalFlip()]))
        tracemalloc.start()
        for _ in expansion.batches(16):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(20)  # what is kept from the first call on is not counted
    pixels_of_all = 3 * 1000 * IMAGES[0].nbytes
    assert peak(1000) - peak(20) < pixels_of_all / 10


def test_files_hold_the_pixels_of_the_batches_in_a_folder_a_class(tmp_path):
    expansion = expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT)
    assert expansion.write(tmp_path / "png") == 36
    rows = rows_of(tmp_path / "png")
    made = [
        (image, int(label), int(index), int(view))
        for batch in expansion.batches()
        for image, label, index, view in zip(
            batch.images, batch.labels, batch.index, batch.view, strict=True
        )
    ]
    for row, (image, label, index, view) in zip(rows, made, strict=True):
        stored = pixels_of(tmp_path / "png" / row["file"])
        np.testing.assert_array_equal(stored.transpose(2, 0, 1), image)
        assert row["file"].split("/")[0] == row["label"] == str(label)
        assert (int(row["index"]), int(row["view"])) == (index, view)
        drawn = AUGMENT.draws((10, 14), index=[index], view=view)
        assert float(row["Affine.angle"]) == drawn["Affine"]["angle"][0]
    folders = Counter(path.parent.name for path in (tmp_path / "png").rglob("*.png"))
    assert folders == {"0": 12, "1": 12, "2": 12}


def test_the_pipeline_in_the_manifest_makes_the_same_files_again(tmp_path):
    expand_to(IMAGES, LABELS, 5, pipeline=AUGMENT).write(tmp_path / "a")
    pipeline = from_dict(settings_of(tmp_path / "a")["pipeline"])
    expand_to(IMAGES, LABELS, 5, pipeline=pipeline).write(tmp_path / "b", batch_size=3)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_jpeg_files_are_near_and_lossy_and_say_their_quality(tmp_path):
    smooth = np.repeat(np.linspace(40, 200, 32, dtype=np.uint8)[None, None], 32, axis=1)
    images = np.repeat(smooth[None], 2, axis=0)
    expansion = expand_to(images, [0, 1], 2, pipeline=Pipeline([HorizontalFlip()]))
    expansion.write(tmp_path / "j", format="jpeg", class_names=["ant", "bee"])
    assert settings_of(tmp_path / "j")["quality"] == 95
    for path, image in zip(
        sorted((tmp_path / "j").rglob("*.jpg")), images_of(expansion), strict=True
    ):
        assert path.read_bytes()[:2] == b"\xff\xd8"
        assert 0 < abs(pixels_of(path).astype(int) - image[0]).mean() < 1.5


def test_images_of_several_sizes_become_files_and_batches_once_they_are_cropped(tmp_path):
    images = [IMAGES[at][:, : 6 + at % 4] for at in range(33)]
    expansion = expand_to(images, LABELS, 12, pipeline=AUGMENT)
    expansion.write(tmp_path / "own sizes")
    for row in rows_of(tmp_path / "own sizes"):
        stored = pixels_of(tmp_path / "own sizes" / row["file"])
        assert stored.shape == (6 + int(row["index"]) % 4, 14, 3)
    with pytest.raises(UsageError, match="put ResizedCrop into the pipeline"):
        images_of(expansion)
    cropped = expand_to(images, LABELS, 12, pipeline=Pipeline([ResizedCrop(8)]))
    assert images_of(cropped).shape == (36, 3, 8, 8)


def test_a_folder_goes_on_with_the_same_images_only(tmp_path):
    expansion = expand_to(IMAGES, LABELS, 12, pipeline=AUGMENT)
    expansion.write(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        expand_to(Stops(at=20), LABELS, 12, pipeline=AUGMENT).write(tmp_path / "part", batch_size=4)
    with pytest.raises(UsageError, match="would be another today"):
        expand_to(255 - IMAGES, LABELS, 12, pipeline=AUGMENT).write(tmp_path / "part")
    with pytest.raises(UsageError, match="other settings: copies_sha256, files, n_per_class"):
        expand_to(IMAGES, LABELS, 13, pipeline=AUGMENT).write(tmp_path / "part")
    assert 0 < expansion.write(tmp_path / "part", batch_size=5) < 36
    assert contents(tmp_path / "part") == contents(tmp_path / "whole")


class Stops:
    """Images whose reading is stopped after some."""

    def __init__(self, at):
        self.left = at

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, at):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return IMAGES[at]


def test_what_cannot_be_stored_is_said_before_a_folder_is_made(tmp_path):
    four = np.zeros((2, 4, 5, 5), np.uint8)
    with pytest.raises(UsageError, match="4 channels"):
        expand_to(four, [0, 1], 2, pipeline=Pipeline([])).write(tmp_path / "x", format="jpeg")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ([HorizontalFlip(), Normalize.preset("cifar10")], "Normalize makes values that no image"),
        ([MixUp()], "MixUp mixes labels too"),
        ([CutMix()], "CutMix mixes labels too"),
        ([Cutout(3, fill=-1.0)], "Cutout fills with -1"),
        ([RandomErasing(fill="noise")], "RandomErasing fills with noise"),
    ],
)
def test_what_no_image_file_can_hold_is_refused_with_the_reason(ops, message):
    with pytest.raises(UsageError, match=message):
        expand_to(IMAGES, LABELS, 4, pipeline=Pipeline(ops))


def test_other_bad_input_has_one_clear_error():
    with pytest.raises(UsageError, match="pipeline is list"):
        expand_to(IMAGES, LABELS, 4, pipeline=[HorizontalFlip()])
    with pytest.raises(UsageError, match="33 images and 32 labels"):
        expand_to(IMAGES, LABELS[:32], 4, pipeline=AUGMENT)
    with pytest.raises(UsageError, match="batch_size is 0"):
        next(expand_to(IMAGES, LABELS, 4, pipeline=AUGMENT).batches(0))


def test_photos_of_their_own_sizes_are_expanded_as_in_the_case(tmp_path):
    """Flip, crop, blur, sharpen, contrast and affine, offline."""
    if "WHYDROP_DATA" not in os.environ:
        pytest.skip("WHYDROP_DATA names no folder of data")
    archive = zipfile.ZipFile(Path(os.environ["WHYDROP_DATA"]) / "caltech101-96px.zip")
    names = sorted(name for name in archive.namelist() if name.startswith("train/a"))
    names = [name for name in names if name.endswith(".jpg")]
    classes = sorted({name.split("/")[1] for name in names})
    labels = [classes.index(name.split("/")[1]) for name in names]

    class Photos:
        def __len__(self):
            return len(names)

        def __getitem__(self, at):
            image = Image.open(io.BytesIO(archive.read(names[at]))).convert("RGB")
            return np.asarray(image).transpose(2, 0, 1)

    ops = [
        ResizedCrop(64),
        HorizontalFlip(),
        Affine(10, 0.1),
        ColorJitter(contrast=0.4),
        GaussianBlur(3, (0.1, 1.0)),
        Sharpen(2.0),
    ]
    expansion = expand_to(Photos(), labels, 40, pipeline=Pipeline(ops, seed=1))
    assert expansion.write(tmp_path / "x", class_names=classes) == 40 * len(classes)
    assert Counter(path.parent.name for path in (tmp_path / "x").rglob("*.png")) == dict.fromkeys(
        classes, 40
    )
