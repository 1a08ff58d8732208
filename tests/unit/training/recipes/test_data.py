"""The samples of a recipe: which, how many, split how, from where."""

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter
from tests.fixtures.data_files import skeleton_text

from whydrop.core.errors import DataError, UsageError
from whydrop.training.recipes.data import located, read_data
from whydrop.training.recipes.data_sections import AnyData


def section(**values):
    return TypeAdapter(AnyData).validate_python(values)


def of_arrays(file, **values):
    return section(
        name="npz", path=str(file), test_inputs="test_images", test_labels="test_labels", **values
    )


def test_a_split_shares_no_sample_and_keeps_the_shares_of_classes(images_file):
    data = read_data(of_arrays(images_file, valid_share=0.2))
    assert len(data.train) + len(data.valid) == 90
    seen = {image.tobytes() for image in data.train.inputs}
    assert not seen & {image.tobytes() for image in data.valid.inputs}
    assert np.abs(data.valid.counts - 0.2 * (data.train.counts + data.valid.counts)).max() < 1


def test_the_test_part_is_the_files_own(images_file):
    data = read_data(of_arrays(images_file, valid="test"))
    assert (len(data.train), len(data.valid)) == (90, 60)


def test_a_test_part_that_lacks_a_class_is_numbered_as_the_training_part(tmp_path):
    file = tmp_path / "arrays.npz"
    arrays = {
        "images": np.zeros((12, 1, 4, 4), np.uint8),
        "labels": np.arange(12) % 6,
        "test_images": np.zeros((5, 1, 4, 4), np.uint8),
        "test_labels": np.arange(5),
    }
    np.savez(file, **arrays)
    data = read_data(of_arrays(file, valid="test"))
    assert data.valid.classes == data.train.classes == tuple("012345")
    assert data.valid.counts.tolist() == [1, 1, 1, 1, 1, 0]
    np.savez(file, **arrays | {"test_labels": np.arange(5) + 2})
    with pytest.raises(DataError, match="label of sample 4 is 6, with 6 classes"):
        read_data(of_arrays(file, valid="test"))


def test_folders_of_any_name_are_numbered_as_the_training_part(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("training/cat", "training/dog", "training/emu", "checking/dog", "checking/emu"):
        (tmp_path / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name / "a.png")
    values = {"name": "folder", "path": str(tmp_path), "size": 8, "valid": "test"}
    parts = section(**values, train="training", test="checking")
    data = read_data(parts)
    assert data.train.classes == ("cat", "dog", "emu")
    assert data.valid.labels.tolist() == [1, 2]
    (tmp_path / "training/dog/a.png").unlink()
    (tmp_path / "training/dog").rmdir()
    with pytest.raises(DataError, match="'dog' has nothing to train on"):
        read_data(parts)


def test_a_fraction_is_of_the_training_part_alone_and_nested(images_file):
    sizes, kept = [], []
    for fraction in (0.2, 0.5, 1.0):
        data = read_data(of_arrays(images_file, fraction=fraction))
        sizes.append(len(data.valid))
        kept.append({image.tobytes() for image in data.train.inputs})
    assert len(set(sizes)) == 1
    assert kept[0] < kept[1] < kept[2]
    assert len(kept[0]) == pytest.approx(0.2 * len(kept[2]), abs=1)


def test_classes_are_kept_by_name_and_labelled_in_their_order(images_file):
    whole = read_data(of_arrays(images_file, valid="test"))
    data = read_data(of_arrays(images_file, valid="test", classes=["square", "circle"]))
    assert data.train.classes == ("square", "circle")
    np.testing.assert_array_equal(data.train.counts, whole.train.counts[[2, 0]])
    first = int(np.flatnonzero(data.train.labels == 0)[0])
    where = np.flatnonzero((whole.train.inputs == data.train.inputs[first]).all((1, 2, 3)))
    assert whole.train.classes[whole.train.labels[where[0]]] == "square"


@pytest.mark.parametrize(
    ("key", "values"),
    [("classes", {"classes": ["hexagon"]}), ("valid_share", {"valid_share": 1e-4})],
)
def test_what_only_the_data_can_refuse_names_the_key_of_the_recipe(key, values, images_file):
    with pytest.raises(UsageError) as caught:
        read_data(of_arrays(images_file, **values))
    assert caught.value.where == f"data.{key}"


def test_shares_of_classes_hold_in_both_parts(images_file):
    whole = read_data(of_arrays(images_file, valid="test"))
    data = read_data(of_arrays(images_file, valid="test", class_shares=[1.0, 0.5, 0.1]))
    for part, of in ((data.train, whole.train), (data.valid, whole.valid)):
        np.testing.assert_array_equal(part.counts, np.rint(of.counts * [1.0, 0.5, 0.1]))


def test_the_digits_are_halved():
    pytest.importorskip("sklearn")
    data = read_data(section(name="digits", valid="test"))
    assert len(data.train) + len(data.valid) == 1797
    assert np.abs(data.train.counts - data.valid.counts).max() <= 1


def test_skeletons_are_split_by_people_and_then_get_their_second_body(tmp_path):
    file = tmp_path / "s.npz"
    n = 40
    people = np.repeat([1, 2], n // 2)
    frames = np.repeat(people, 9)[:, None, None, None] * np.ones((1, 8, 3, 1), np.float32)
    np.savez(
        file,
        frames=frames,
        offsets=np.arange(n + 1) * 9,
        labels=np.arange(n) % 2,
        subjects=people,
        classes=np.array(["sit", "stand"]),
    )
    data = read_data(
        section(name="skeletons", path=str(file), valid="test", frames=10, empty_share=0.5,
                train_subjects=[1], test_subjects=[2])
    )  # fmt: skip
    for part, person in ((data.train, 1), (data.valid, 2)):
        assert part.inputs.shape == (20, 3, 10, 8, 2)
        assert set(np.unique(part.inputs)) == {0, person}  # also the second body: of this part
        assert (part.inputs[..., 1] == 0).all((1, 2, 3)).mean() == pytest.approx(0.5)
    one = section(name="skeletons", path=str(file), frames=10, persons=1)
    assert read_data(one).train.inputs.shape[4] == 1


def test_real_digits_of_two_classes_in_three_channels(real_data, monkeypatch):
    monkeypatch.setenv("WHYDROP_DATA", str(real_data))
    data = read_data(section(name="mnist", classes=["3", "7"], channels=3, valid="test"))
    # fastai's MNIST_SAMPLE has 12,396 and 2,038 images
    assert (len(data.train), len(data.valid)) == (12_396, 2_038)
    assert data.train.inputs.shape[1:] == (3, 28, 28)
    assert (data.train.inputs[:9, 0] == data.train.inputs[:9, 2]).all()


@pytest.mark.parametrize(
    ("values", "what", "do"),
    [
        ({"classes": ["circle", "squar"]}, "no class 'squar'", "'circle', 'cross', 'square'"),
        ({"class_shares": [0.5]}, "1 class_shares for 3 classes", "one share a class"),
    ],
)
def test_what_the_data_do_not_have_is_refused(values, what, do, images_file):
    with pytest.raises(UsageError) as caught:
        read_data(of_arrays(images_file, **values))
    assert what in caught.value.what and do in caught.value.do


@pytest.mark.parametrize(
    "values", [{"name": "npz", "path": "{file}"}, {"name": "folder", "path": "x", "train": None}]
)
def test_a_set_without_a_test_part_says_so(values, images_file):
    values = {key: str(images_file) if v == "{file}" else v for key, v in values.items()}
    values["path"] = str(images_file) if values["name"] == "npz" else "/x"
    with pytest.raises(UsageError, match=r"has no test part|no such"):
        read_data(section(valid="test", **values))


def test_paths_are_below_the_folder_of_data_or_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("WHYDROP_DATA", str(tmp_path))
    assert located("a/b.zip") == tmp_path / "a" / "b.zip"
    assert str(located("/a/b.zip")) == "/a/b.zip"
    monkeypatch.delenv("WHYDROP_DATA")
    with pytest.raises(UsageError, match="WHYDROP_DATA is not set"):
        located("a/b.zip")


def pictures(folder, counts):
    """Write grey pictures, so many in each folder, each of its own grey."""
    for position, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            grey = 40 * position + number
            Image.new("RGB", (12, 10), (grey,) * 3).save(folder / name / f"{number}.png")


def test_a_folder_of_pictures_is_read_at_the_size_that_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pictures(tmp_path / "set", {"train/a": 4, "train/b": 3, "val/a": 2, "val/b": 1})
    values = {"name": "folder", "path": str(tmp_path / "set"), "test": "val", "size": 8}
    data = read_data(section(**values, valid="test"))
    assert data.train.inputs.shape == (7, 3, 8, 8)
    assert data.valid.counts.tolist() == [2, 1]
    assert any((tmp_path / "cache" / "whydrop").iterdir())  # decoded once


def test_ntu_is_split_by_people_or_by_cameras_as_its_authors_do(tmp_path):
    for camera in (1, 2, 3):
        for person in (1, 3):  # 1 is trained on in the cross-subject evaluation, 3 is not
            for action in (1, 2):
                joints = np.full((9, 1, 25, 3), person + camera / 10, np.float32)
                joints += np.arange(9)[:, None, None, None] / 100
                file = tmp_path / f"S001C{camera:03}P{person:03}R001A{action:03}.skeleton"
                file.write_text(skeleton_text(joints, np.ones((9, 1), bool)))
    values = {"name": "ntu", "path": str(tmp_path), "valid": "test", "frames": 9}
    by_person = read_data(section(**values))
    assert by_person.train.inputs.shape == (6, 3, 9, 25, 2)
    assert by_person.train.inputs.max() < 2 < by_person.valid.inputs[..., 0].min()
    by_camera = read_data(section(**values, protocol="cross_view"))
    assert (len(by_camera.train), len(by_camera.valid)) == (8, 4)


def test_sbu_is_split_by_pairs_of_people(tmp_path):
    for pair in ("s01s02", "s03s04"):
        for action in ("01", "02"):
            folder = tmp_path / pair / action / "001"
            folder.mkdir(parents=True)
            rows = [[n + 1, *np.full(90, int(pair[2]) / 10)] for n in range(9)]
            text = "\n".join(",".join(f"{value:g}" for value in row) for row in rows)
            (folder / "skeleton_pos.txt").write_text(text + "\n")
    values = {"name": "sbu", "path": str(tmp_path), "frames": 9, "valid": "test"}
    data = read_data(section(**values, train_pairs=["s01s02"], test_pairs=["s03s04"]))
    assert data.train.inputs.shape == (2, 3, 9, 15, 2)
    assert not np.isin(np.unique(data.valid.inputs), np.unique(data.train.inputs)).any()


@pytest.mark.parametrize(
    ("values", "train", "valid"),
    [
        ({"name": "cifar10", "fraction": 0.01}, (450, 3, 32, 32), 5000),
        (
            {"name": "pack", "path": "tinyimagenet200-32px.zip", "test": "val", "valid": "test"},
            (12_000, 3, 32, 32),
            6000,
        ),
        (
            {"name": "skeletons", "path": "skeleton-utkinect.npz", "valid": "test"},
            (100, 3, 64, 20, 2),
            99,
        ),
    ],
)
def test_real_sets_are_read_in_their_parts(values, train, valid, real_data, monkeypatch):
    monkeypatch.setenv("WHYDROP_DATA", str(real_data))
    data = read_data(section(**values))
    assert data.train.inputs.shape == train
    assert len(data.valid) == valid
