"""Laws of readers: a file of any bytes is read, or refused by one kind of error."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.data_files import Python2Pickle, idx_bytes, python_batch_bytes, skeleton_text

from whydrop.core.errors import DataError
from whydrop.training.readers.idx import read_idx
from whydrop.training.readers.npz import opened_npz
from whydrop.training.readers.pickled import read_pickled_dict
from whydrop.training.readers.sbu import read_skeleton_pos
from whydrop.training.readers.skeleton_text import read_skeleton_text

RNG = np.random.default_rng(0)
IDX = idx_bytes(RNG.integers(0, 256, (3, 4, 2), dtype=np.uint8))
IDX_FLOATS = idx_bytes(RNG.normal(size=(2, 3)).astype(np.float32))
BATCH = python_batch_bytes(RNG.integers(0, 256, (2, 7), dtype=np.uint8), [3, 9])
SKELETON = skeleton_text(RNG.normal(size=(2, 1, 25, 3)), np.ones((2, 1), bool)).encode()
SBU = b"\n".join(b",".join(b"%d" % i for i in range(91)) for _ in range(3))


def npz_bytes():
    file = io.BytesIO()
    np.savez(file, images=np.arange(12, dtype=np.uint8).reshape(3, 4), labels=np.arange(3))
    return file.getvalue()


NPZ = npz_bytes()


@st.composite
def damaged(draw, *wholes):
    """Draw a file with some bytes changed, taken out or put in, and perhaps its end cut off."""
    raw = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(raw) - 1))
        match draw(st.sampled_from(["change", "take", "put"])):
            case "change":
                raw[place] = draw(st.integers(0, 255))
            case "take":
                del raw[place : place + draw(st.integers(1, 4))]
            case "put":
                raw[place:place] = draw(st.binary(min_size=1, max_size=4))
        if not raw:
            break
    return bytes(raw[: draw(st.integers(0, len(raw)))] if draw(st.booleans()) else raw)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def written(folder, raw) -> Path:
    file = folder / "file"
    file.write_bytes(raw)
    return file


def reads_or_refuses(read):
    try:
        return read()
    except DataError as error:
        assert error.where
        assert error.do
        return None


@settings(max_examples=400)
@given(damaged(IDX, IDX_FLOATS, gzip.compress(IDX)) | st.binary(max_size=40))
def test_an_idx_file_of_any_bytes_is_read_or_refused(folder, raw):
    array = reads_or_refuses(lambda: read_idx(written(folder, raw)))
    if array is not None and not raw.startswith(b"\x1f\x8b"):
        # What was read is what is there: written again, it is the same file.
        assert idx_bytes(array) == raw


@settings(max_examples=400)
@given(damaged(BATCH, Python2Pickle().dumps({b"a": 1})) | st.binary(max_size=40))
def test_a_pickle_of_any_bytes_is_read_or_refused(raw):
    found = reads_or_refuses(lambda: read_pickled_dict(raw, "batch"))
    assert found is None or isinstance(found, dict)


@settings(max_examples=300)
@given(damaged(NPZ))
def test_an_npz_of_any_bytes_is_read_or_refused(folder, raw):
    def read():
        with opened_npz(written(folder, raw)) as file:
            return [file.read(name) for name in file.names if f"{name}.npy" in file._files.names]

    reads_or_refuses(read)


@settings(max_examples=200)
@given(damaged(SKELETON))
def test_a_skeleton_file_of_any_bytes_is_read_or_refused(raw):
    joints = reads_or_refuses(lambda: read_skeleton_text(raw, "x"))
    assert joints is None or np.isfinite(joints).all()


@settings(max_examples=200)
@given(damaged(SBU))
def test_an_sbu_file_of_any_bytes_is_read_or_refused(raw):
    joints = reads_or_refuses(lambda: read_skeleton_pos(raw, "x"))
    assert joints is None or np.isfinite(joints).all()
