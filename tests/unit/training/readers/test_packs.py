"""Packs: JPEG files that share a header."""

import io
import json
import struct

import numpy as np
import pytest
from PIL import Image
from tests.fixtures.data_files import real_data, zipped

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_jpeg_pack

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (90, 90, 90)]


def jpeg(colour, size=(8, 8)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", quality=75)
    return file.getvalue()


def parts(pictures=None, labels=(0, 1, 0, 1), split="train"):
    """Return the files of a pack of four pictures, or of others."""
    pictures = [jpeg(colour) for colour in COLOURS] if pictures is None else pictures
    same = next(i for i, column in enumerate(zip(*pictures, strict=False)) if len(set(column)) > 1)
    bodies = [picture[same:] for picture in pictures]
    offsets = np.cumsum([0, *map(len, bodies)])
    return {
        "header.bin": pictures[0][:same],
        "meta.json": json.dumps({"classes": ["warm", "cold"]}).encode(),
        f"{split}/body.bin": b"".join(bodies),
        f"{split}/offsets.u4": struct.pack(f"<{len(offsets)}I", *offsets),
        f"{split}/labels.u1": bytes(labels),
    }


def test_every_picture_is_its_header_and_its_body(tmp_path):
    samples = read_jpeg_pack(zipped(tmp_path / "p.zip", parts()))
    assert samples.inputs.shape == (4, 3, 8, 8)
    for got, colour in zip(samples.inputs, COLOURS, strict=True):
        with Image.open(io.BytesIO(jpeg(colour))) as image:
            np.testing.assert_array_equal(got, np.asarray(image.convert("RGB")).transpose(2, 0, 1))
    assert samples.labels.tolist() == [0, 1, 0, 1]
    assert samples.classes == ("warm", "cold")


def test_an_unpacked_pack_is_read_from_its_folder(tmp_path):
    for name, raw in parts(split="val").items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(raw)
    assert len(read_jpeg_pack(tmp_path, "val")) == 4


def test_a_second_reading_decodes_nothing(tmp_path, monkeypatch):
    pack = zipped(tmp_path / "p.zip", parts())
    first = read_jpeg_pack(pack, cache=tmp_path / "kept")
    monkeypatch.setattr("whydrop.training.readers.packs.Pack.pictures", None)
    with pytest.raises(TypeError):
        read_jpeg_pack(pack)  # without a cache it would have to decode
    monkeypatch.setattr("whydrop.training.readers.packs.Pack.pictures", lambda _: iter(()))
    second = read_jpeg_pack(pack, cache=tmp_path / "kept")
    np.testing.assert_array_equal(second.inputs, first.inputs)


@pytest.mark.parametrize("missing", list(parts()))
def test_a_part_that_is_missing_is_named(missing, tmp_path):
    files = parts()
    del files[missing]
    with pytest.raises(DataError, match=f"no {missing}" if "body" not in missing else "no part"):
        read_jpeg_pack(zipped(tmp_path / "p.zip", files))


@pytest.mark.parametrize("name", ["train/body.bin", "train/offsets.u4", "train/labels.u1"])
def test_a_part_cut_off_anywhere_is_refused(name, tmp_path):
    files = parts()
    for length in sorted({0, 1, 4, len(files[name]) // 2, len(files[name]) - 1}):
        if length < len(files[name]):
            cut = {**files, name: files[name][:length]}
            with pytest.raises(DataError) as caught:
                read_jpeg_pack(zipped(tmp_path / "p.zip", cut))
            assert "byte " in caught.value.where


def test_a_zip_cut_off_anywhere_is_refused_with_its_length(tmp_path):
    whole = zipped(tmp_path / "p.zip", parts()).read_bytes()
    for length in range(0, len(whole), 41):
        file = tmp_path / "cut.zip"
        file.write_bytes(whole[:length])
        with pytest.raises(DataError, match="no zip") as caught:
            read_jpeg_pack(file)
        assert f"byte {length:,} " in caught.value.where


@pytest.mark.parametrize(
    ("name", "raw", "what"),
    [
        ("meta.json", b"{", "not JSON"),
        ("meta.json", b"\xff", "not JSON"),
        ("meta.json", b"[" * 100_000, "not JSON"),
        ("meta.json", b"[]", "does not list"),
        ("meta.json", b'{"classes": "ab"}', "does not list"),
        ("meta.json", b'{"classes": ["a", "a"]}', "each once"),
        ("meta.json", b'{"classes": ["a"]}', "label of sample 1 is 1, with 1 classes"),
        ("meta.json", b'{"classes": ["a", "b", "c"]}', "no sample is of class 'c'"),
        ("train/offsets.u4", struct.pack("<5I", 1, 2, 3, 4, 5), "offset 0 is 1"),
        ("train/offsets.u4", struct.pack("<5I", 0, 9, 8, 9, 10), "offset 2 is 8"),
        ("train/offsets.u4", struct.pack("<5I", 0, 1, 2, 3, 4), "offset 4 is 4"),
        ("train/labels.u1", bytes(5), "not one offset more than 5 labels"),
    ],
)
def test_parts_that_do_not_fit_are_refused(name, raw, what, tmp_path):
    with pytest.raises(DataError, match=what) as caught:
        read_jpeg_pack(zipped(tmp_path / "p.zip", {**parts(), name: raw}))
    assert "p.zip" in caught.value.where


def test_a_picture_that_cannot_be_decoded_is_named_with_its_byte(tmp_path):
    files = parts()
    offsets = struct.unpack("<5I", files["train/offsets.u4"])
    body = bytearray(files["train/body.bin"])
    body[offsets[2] : offsets[3]] = bytes(offsets[3] - offsets[2])
    with pytest.raises(DataError, match="cannot be decoded") as caught:
        read_jpeg_pack(zipped(tmp_path / "p.zip", {**files, "train/body.bin": bytes(body)}))
    assert f"picture 2 at byte {offsets[2]:,}" in caught.value.where


def test_pictures_of_two_sizes_are_refused(tmp_path):
    pictures = [jpeg(colour) for colour in COLOURS]
    pictures[3] = jpeg(COLOURS[3], (16, 8))
    with pytest.raises(DataError, match=r"shape \(8, 16, 3\), the first \(8, 8, 3\)"):
        read_jpeg_pack(zipped(tmp_path / "p.zip", parts(pictures)))


def test_another_part_is_a_wrong_request(tmp_path):
    with pytest.raises(UsageError, match="split is 'test'") as caught:
        read_jpeg_pack(zipped(tmp_path / "p.zip", parts()), "test")
    assert caught.value.do == 'give "train"'


def test_the_real_pack_of_200_classes_is_whole():
    samples = read_jpeg_pack(real_data("tinyimagenet200-32px.zip"), "val")
    assert samples.inputs.shape == (6000, 3, 32, 32)
    assert samples.counts.tolist() == [30] * 200
    assert samples.classes[0] == "n02124075"
