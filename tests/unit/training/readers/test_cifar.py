"""CIFAR-10 in every form it is distributed in."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image
from tests.fixtures.data_files import (
    binary_batch_bytes,
    python_batch_bytes,
    real_data,
    tar_gz,
    zipped,
)

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import cifar_batches, read_cifar10
from whydrop.training.readers.cifar import BINARY, CLASSES, PYTHON

N = 20
RNG = np.random.default_rng(0)
STEMS = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
PIXELS = {stem: RNG.integers(0, 256, (N, 3072), dtype=np.uint8) for stem in STEMS}
LABELS = {stem: RNG.permutation(np.arange(N) % 10) for stem in STEMS}
WRITERS = {BINARY: binary_batch_bytes, PYTHON: python_batch_bytes}
FORMS = pytest.mark.parametrize("form", [BINARY, PYTHON], ids=["binary", "python"])


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Batches of 20 instead of 10,000; `test_the_real_size` has the real ones."""
    monkeypatch.setattr(cifar_batches, "RECORDS", N)


def batches(form):
    write = WRITERS[form]
    return {stem + form.suffix: write(PIXELS[stem], LABELS[stem]) for stem in STEMS}


def write_folder(folder, form):
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in batches(form).items():
        (folder / name).write_bytes(raw)
    return folder


def expected(split):
    stems = STEMS[:5] if split == "train" else STEMS[5:]
    images = np.concatenate([PIXELS[stem] for stem in stems]).reshape(-1, 3, 32, 32)
    return images, np.concatenate([LABELS[stem] for stem in stems])


def assert_is_cifar(path):
    for split in ("train", "test"):
        samples = read_cifar10(path, split)
        images, labels = expected(split)
        np.testing.assert_array_equal(samples.inputs, images)
        np.testing.assert_array_equal(samples.labels, labels)
        assert samples.classes == CLASSES


@FORMS
def test_the_batches_are_read_from_their_folder_and_from_the_one_above(form, tmp_path):
    assert_is_cifar(write_folder(tmp_path / form.folder, form))
    assert_is_cifar(tmp_path)


@FORMS
def test_the_batches_are_read_from_the_archive_as_distributed(form, tmp_path):
    files = {f"{form.folder}/{name}": raw for name, raw in batches(form).items()}
    archive = tar_gz(tmp_path / form.archive, {f"{form.folder}/readme.html": b"<p>", **files})
    assert_is_cifar(archive)
    assert_is_cifar(tmp_path)


def test_what_the_test_writes_as_a_python_batch_python_reads_alike():
    raw = python_batch_bytes(PIXELS["test_batch"], LABELS["test_batch"])
    batch = pickle.loads(raw, encoding="bytes")
    np.testing.assert_array_equal(batch[b"data"], PIXELS["test_batch"])
    assert batch[b"labels"] == LABELS["test_batch"].tolist()


def test_the_planes_of_a_record_are_red_green_and_blue(tmp_path):
    pixels = np.repeat(np.array([[10, 20, 30]], np.uint8), 1024, axis=1).repeat(N, axis=0)
    pixels[0, 1024 + 32 * 5 + 7] = 99  # green, row 5, column 7
    (tmp_path / "test_batch.bin").write_bytes(binary_batch_bytes(pixels, LABELS["test_batch"]))
    image = read_cifar10(tmp_path, "test").inputs[0]
    assert image[:, 0, 0].tolist() == [10, 20, 30]
    assert image[:, 5, 7].tolist() == [10, 99, 30]


@pytest.mark.parametrize("records", range(N))
@pytest.mark.parametrize("rest", [0, 1, 1025])
def test_a_binary_batch_cut_off_anywhere_names_the_last_whole_record(records, rest, tmp_path):
    write_folder(tmp_path, BINARY)
    file = tmp_path / "data_batch_3.bin"
    length = records * 3073 + rest
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(DataError, match=f"{length:,} bytes are not 20 records") as caught:
        read_cifar10(tmp_path)
    assert caught.value.where.startswith(f"{file}, byte {records * 3073:,} ")


def test_a_binary_batch_with_a_byte_too_many_is_refused(tmp_path):
    write_folder(tmp_path, BINARY)
    with (tmp_path / "test_batch.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DataError, match="61,461 bytes") as caught:
        read_cifar10(tmp_path, "test")
    assert "byte 61,460" in caught.value.where


def test_a_label_outside_the_classes_is_named_with_its_place(tmp_path):
    raw = bytearray(binary_batch_bytes(PIXELS["test_batch"], LABELS["test_batch"]))
    raw[3073 * 4] = 10
    (tmp_path / "test_batch.bin").write_bytes(raw)
    with pytest.raises(DataError, match="label of sample 4 is 10") as caught:
        read_cifar10(tmp_path, "test")
    assert caught.value.where == f"{tmp_path / 'test_batch.bin'}, byte 12,292"


@pytest.mark.parametrize("label", [10, -1, 2**31 - 1])
def test_a_label_of_a_python_batch_is_held_to_the_classes(label, tmp_path):
    labels = LABELS["test_batch"].tolist()
    labels[7] = label
    (tmp_path / "test_batch").write_bytes(python_batch_bytes(PIXELS["test_batch"], labels))
    with pytest.raises(DataError, match="label of sample 7") as caught:
        read_cifar10(tmp_path, "test")
    assert caught.value.where.endswith("test_batch, entry 7 of labels")


def test_a_class_that_no_image_is_of_is_named(tmp_path):
    raw = binary_batch_bytes(PIXELS["test_batch"], np.minimum(LABELS["test_batch"], 8))
    (tmp_path / "test_batch.bin").write_bytes(raw)
    with pytest.raises(DataError, match="no sample is of class 'truck'"):
        read_cifar10(tmp_path, "test")


@pytest.mark.parametrize(
    ("pixels", "labels", "what"),
    [
        (PIXELS["test_batch"][:, :3000], LABELS["test_batch"], r"shape \(20, 3000\)"),
        (PIXELS["test_batch"].astype("i2"), LABELS["test_batch"], "int16"),
        (PIXELS["test_batch"], LABELS["test_batch"][:19], "list of 19"),
    ],
)
def test_a_python_batch_of_something_else_is_refused(pixels, labels, what, tmp_path):
    (tmp_path / "test_batch").write_bytes(python_batch_bytes(pixels, labels))
    with pytest.raises(DataError, match=what):
        read_cifar10(tmp_path, "test")


def test_a_python_batch_without_images_says_what_it_holds(tmp_path):
    (tmp_path / "test_batch").write_bytes(b"\x80\x02}(U\x0bfine_labels]u.")
    with pytest.raises(DataError, match="holds fine_labels, and no data"):
        read_cifar10(tmp_path, "test")


def test_a_batch_that_runs_code_runs_nothing(tmp_path):
    trace = tmp_path / "trace"
    command = f"touch {trace}".encode()
    (tmp_path / "test_batch").write_bytes(
        b"\x80\x02cos\nsystem\nU" + bytes([len(command)]) + command + b"\x85R."
    )
    with pytest.raises(DataError, match=r"asks for 'os\.system'"):
        read_cifar10(tmp_path, "test")
    assert not trace.exists()


@FORMS
def test_an_archive_cut_off_at_any_member_is_an_error_that_names_the_byte(form, tmp_path):
    files = {f"{form.folder}/{name}": raw for name, raw in batches(form).items()}
    archive = tar_gz(tmp_path / form.archive, files)
    whole = gzip.decompress(archive.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        places = [p for m in tar for p in (m.offset, m.offset_data, m.offset_data + 100)]
    for length in places:
        archive.write_bytes(gzip.compress(whole[:length], 1))
        with pytest.raises(DataError) as caught:
            read_cifar10(archive)
            read_cifar10(archive, "test")
        assert caught.value.where.startswith(f"{archive}, byte ")
        assert caught.value.where.endswith(" unpacked")
    packed = gzip.compress(whole, 1)
    for length in (0, 1, 5, 10, 18, len(packed) // 3, len(packed) // 2):
        archive.write_bytes(packed[:length])
        with pytest.raises(DataError):
            read_cifar10(archive)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("whydrop.training.readers.cifar.TAR_LIMIT_BYTES", 1 << 20)
    archive = tar_gz(tmp_path / PYTHON.archive, {"filling": bytes(3 << 20)})
    with pytest.raises(DataError, match=r"more than 1,048,576 bytes"):
        read_cifar10(archive)


def test_a_batch_in_an_archive_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("whydrop.training.readers.cifar.LIMIT_BYTES", 1 << 20)
    archive = tar_gz(tmp_path / PYTHON.archive, {f"{PYTHON.folder}/test_batch": bytes(2 << 20)})
    with pytest.raises(DataError, match="2,097,152 bytes"):
        read_cifar10(archive, "test")


def test_two_files_of_one_name_in_an_archive_are_refused(tmp_path):
    raw = batches(BINARY)["test_batch.bin"]
    name = f"{BINARY.folder}/test_batch.bin"
    archive = tar_gz(tmp_path / BINARY.archive, {name: raw, f"./{name}": raw})
    with pytest.raises(DataError, match="two files have the name"):
        read_cifar10(archive, "test")


def test_a_place_without_it_says_what_is_looked_for(tmp_path):
    for path in (tmp_path, tmp_path / "none", tmp_path / "x.txt"):
        with pytest.raises(UsageError, match=r"no CIFAR-10 that can be read") as caught:
            read_cifar10(path)
        assert "cifar-10-python.tar.gz" in caught.value.do
    with pytest.raises(UsageError, match="split is 'val'"):
        read_cifar10(tmp_path, "val")


def test_a_folder_without_one_of_the_batches_names_it(tmp_path):
    write_folder(tmp_path, PYTHON)
    (tmp_path / "data_batch_4").unlink()
    with pytest.raises(UsageError, match="no such file") as caught:
        read_cifar10(tmp_path)
    assert caught.value.where.endswith("data_batch_4")


@FORMS
def test_the_real_size(form, tmp_path, monkeypatch):
    monkeypatch.setattr(cifar_batches, "RECORDS", 10_000)
    pixels = np.zeros((10_000, 3072), np.uint8)
    pixels[:, 5] = np.arange(10_000) % 251
    labels = np.arange(10_000) % 10
    (tmp_path / f"test_batch{form.suffix}").write_bytes(WRITERS[form](pixels, labels))
    samples = read_cifar10(tmp_path, "test")
    assert samples.inputs.shape == (10_000, 3, 32, 32)
    np.testing.assert_array_equal(samples.inputs.reshape(10_000, -1)[:, 5], pixels[:, 5])
    np.testing.assert_array_equal(samples.labels, labels)


def test_the_real_jpeg_pack_is_decoded_as_pillow_decodes_it_alone():
    path = real_data("cifar10-jpeg.zip")
    samples = read_cifar10(path, "test")
    assert samples.counts.tolist() == [1000] * 10
    assert samples.inputs.shape == (10_000, 3, 32, 32)
    with zipfile.ZipFile(path) as file:
        head, body = file.read("header.bin"), file.read("test/body.bin")
        offsets = np.frombuffer(file.read("test/offsets.u4"), "<u4")
        labels = np.frombuffer(file.read("test/labels.u1"), "u1")
        assert json.loads(file.read("meta.json"))["classes"] == list(samples.classes)
    np.testing.assert_array_equal(samples.labels, labels)
    for i in (0, 1, 4711, 9999):
        with Image.open(io.BytesIO(head + body[offsets[i] : offsets[i + 1]])) as image:
            expected = np.asarray(image.convert("RGB"))
        np.testing.assert_array_equal(samples.inputs[i], expected.transpose(2, 0, 1))


def test_the_pack_is_found_in_its_folder(tmp_path):
    zipped(tmp_path / "cifar10-jpeg.zip", {"readme": b""})
    with pytest.raises(DataError, match=r"no part with a body\.bin"):
        read_cifar10(tmp_path)
