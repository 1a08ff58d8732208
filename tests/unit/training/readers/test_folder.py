"""Folders and zips of pictures, one folder a class."""

import io
import zipfile

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401
from PIL import Image
from tests.fixtures.data_files import real_data, zipped

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_folder


def png(value, size=(6, 4)):
    file = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(file, "PNG")
    return file.getvalue()


FLAT = {
    "dog/b.png": png(1),
    "dog/a.PNG": png(2),
    "cat/x.png": png(3),
    "cat/deep/y.png": png(4),
    "cat/.hidden.png": b"not read",
    "cat/notes.txt": b"not read",
    ".git/z.png": b"not read",
    "__MACOSX/cat/._x.png": b"not read",
    "readme.md": b"not read",
}
PARTS = {
    "train/cat/1.png": png(1),
    "train/dog/1.png": png(2),
    "train/emu/1.png": png(3),
    "test/dog/1.png": png(4),
    "test/emu/1.png": png(5),
}


def on_disk(root, files):
    for name, raw in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(raw)
    return root


def in_zip(root, files):
    return zipped(root / "pictures.zip", files)


STORES = pytest.mark.parametrize("store", [on_disk, in_zip], ids=["folder", "zip"])


def values(samples):
    return samples.inputs[:, 0, 0, 0].tolist()


@STORES
def test_pictures_come_by_class_and_name_and_nothing_else_is_read(store, tmp_path):
    samples = read_folder(store(tmp_path, FLAT), (4, 6))
    assert samples.inputs.shape == (4, 3, 4, 6)
    assert samples.inputs.dtype == np.uint8
    assert samples.classes == ("cat", "dog")
    assert samples.labels.tolist() == [0, 0, 1, 1]
    assert values(samples) == [4, 3, 2, 1]


@STORES
def test_a_part_has_the_classes_of_the_training_part(store, tmp_path):
    path = store(tmp_path, PARTS)
    train, test = (read_folder(path, 4, split=split) for split in ("train", "test"))
    assert train.classes == test.classes == ("cat", "dog", "emu")
    assert values(train) == [1, 2, 3]
    assert values(test) == [4, 5]
    assert test.labels.tolist() == [1, 2]  # although it has no cat


@STORES
def test_a_part_is_numbered_by_the_classes_that_are_given(store, tmp_path):
    files = {name.replace("train/", "training/"): raw for name, raw in PARTS.items()}
    path = store(tmp_path, files)
    train = read_folder(path, 4, split="training")
    test = read_folder(path, 4, split="test", classes=train.classes, cache=tmp_path / "kept")
    assert test.classes == ("cat", "dog", "emu") and test.labels.tolist() == [1, 2]
    turned = ("emu", "dog", "cat")
    again = read_folder(path, 4, split="test", classes=turned, cache=tmp_path / "kept")
    assert again.classes == turned
    assert dict(zip(values(again), again.labels, strict=True)) == {4: 1, 5: 0}
    with pytest.raises(DataError, match="'emu' has nothing to train on") as caught:
        read_folder(path, 4, split="test", classes=("cat", "dog"))
    assert "in the training part" in caught.value.do


@STORES
def test_a_part_may_lie_deeper(store, tmp_path):
    files = {f"data/v1/{name}": raw for name, raw in PARTS.items()}
    test = read_folder(store(tmp_path, files), 4, split="data/v1/test")
    assert test.labels.tolist() == [1, 2]


@STORES
def test_parts_without_a_choice_between_them_are_refused(store, tmp_path):
    with pytest.raises(UsageError, match="holds the parts test and train") as caught:
        read_folder(store(tmp_path, PARTS), 4)
    assert caught.value.do == 'give split="train"'


@STORES
@pytest.mark.parametrize("split", ["valid", "tra", "train/cat/1.png", ".."])
def test_a_part_that_is_not_there_is_refused(split, store, tmp_path):
    with pytest.raises(UsageError, match="there is no part") as caught:
        read_folder(store(tmp_path, PARTS), 4, split=split)
    assert caught.value.do == "there is test and train"


@STORES
def test_a_class_that_is_not_trained_on_is_refused(store, tmp_path):
    path = store(tmp_path, {**PARTS, "test/fox/1.png": png(6)})
    with pytest.raises(DataError, match="'fox' has nothing to train on") as caught:
        read_folder(path, 4, split="test")
    assert caught.value.where.endswith("test/fox")


@STORES
def test_a_class_without_pictures_is_refused(store, tmp_path):
    path = store(tmp_path, {**FLAT, "emu/notes.txt": b""})
    with pytest.raises(DataError, match="'emu' has no picture") as caught:
        read_folder(path, 4)
    assert caught.value.where.endswith("/emu")


def test_an_empty_folder_is_a_class_without_pictures(tmp_path):
    (on_disk(tmp_path, FLAT) / "emu").mkdir()
    with pytest.raises(DataError, match="'emu' has no picture"):
        read_folder(tmp_path, 4)


@STORES
def test_a_picture_beside_the_classes_is_refused(store, tmp_path):
    path = store(tmp_path, {**FLAT, "loose.png": png(1)})
    with pytest.raises(DataError, match="in no class") as caught:
        read_folder(path, 4)
    assert "loose.png" in caught.value.where


@STORES
def test_one_class_or_none_is_refused_and_split_is_offered(store, tmp_path):
    path = store(tmp_path, {f"all/{name}": raw for name, raw in FLAT.items()})
    with pytest.raises(DataError, match="there is 1 class") as caught:
        read_folder(path, 4)
    assert "split=" in caught.value.do
    assert read_folder(path, 4, split="all").classes == ("cat", "dog")


@STORES
def test_a_damaged_picture_is_named(store, tmp_path):
    path = store(tmp_path, {**FLAT, "dog/a.PNG": png(2)[:-20]})
    with pytest.raises(DataError, match="cannot be decoded") as caught:
        read_folder(path, 4)
    assert "dog/a.PNG" in caught.value.where
    if path.is_file():
        with zipfile.ZipFile(path) as file:
            assert f"byte {file.getinfo('dog/a.PNG').header_offset:,} " in caught.value.where


def test_two_files_of_one_name_in_a_zip_are_refused(tmp_path):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as file, pytest.warns(UserWarning, match="Duplicate"):
        for name in ("cat/x.png", "dog/x.png", "cat/x.png"):
            file.writestr(name, png(1))
    with pytest.raises(DataError, match=r"two files have the name 'cat/x\.png'") as caught:
        read_folder(path, 4)
    assert "byte " in caught.value.where


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"size": 0}, "size is 0"),
        ({"size": (4, 5, 6)}, r"size is \(4, 5, 6\)"),
        ({"size": 4097}, "size is 4097"),
        ({"size": (4, 2.5)}, "size is"),
        ({"size": True}, "size is True"),
        ({"size": 4, "resize": "stretch"}, "resize is 'stretch'"),
        ({"size": 4, "interpolation": "cubic"}, "interpolation is 'cubic'"),
    ],
)
def test_settings_outside_their_range_are_refused(options, what, tmp_path):
    with pytest.raises(UsageError, match=what) as caught:
        read_folder(on_disk(tmp_path, FLAT), **options)
    assert caught.value.do


def test_a_place_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_folder(tmp_path / "none", 4)
    (tmp_path / "x.tar").write_bytes(b"x" * 100)
    with pytest.raises(DataError, match="no zip"):
        read_folder(tmp_path / "x.tar", 4)


@STORES
def test_pictures_are_kept_until_a_file_or_a_setting_changes(store, tmp_path):
    kept = tmp_path / "kept"
    (tmp_path / "data").mkdir()
    path = store(tmp_path / "data", FLAT)
    first = read_folder(path, 4, cache=kept)
    assert isinstance(first.inputs, np.memmap)
    np.testing.assert_array_equal(first.inputs, read_folder(path, 4).inputs)
    assert len(list(kept.glob("*.npy"))) == 1
    read_folder(path, 4, cache=kept)
    assert len(list(kept.glob("*.npy"))) == 1
    read_folder(path, 4, cache=kept, resize="pad")
    read_folder(path, 4, cache=kept, interpolation="box")
    read_folder(path, 5, cache=kept)
    assert len(list(kept.glob("*.npy"))) == 4
    path = store(tmp_path / "data", {**FLAT, "dog/b.png": png(77, (8, 8))})
    assert values(read_folder(path, 4, cache=kept)) == [4, 3, 2, 77]


def test_real_photos_are_those_that_torchvision_loads_resizes_and_crops():
    from torchvision.transforms import CenterCrop, Compose, Resize

    path = real_data("caltech101-96px.zip")
    samples = read_folder(path, 48, split="test")
    assert len(samples) == 2071
    assert len(samples.classes) == 101
    assert (samples.counts.min(), samples.counts.max()) == (10, 25)
    transform = Compose([Resize(48), CenterCrop(48)])
    with zipfile.ZipFile(path) as file:
        names = sorted(name for name in file.namelist() if name.startswith("test/"))
        names.sort(key=lambda name: name.split("/")[1])
        for i in (0, 77, 1000, 2070):
            with file.open(names[i]) as picture, Image.open(picture) as image:
                expected = np.asarray(transform(image.convert("RGB")))
            np.testing.assert_array_equal(samples.inputs[i], expected.transpose(2, 0, 1))
            assert samples.classes[samples.labels[i]] == names[i].split("/")[1]
