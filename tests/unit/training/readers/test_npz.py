"""Arrays of an npz: as NumPy reads them, without its trust."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from tests.fixtures.data_files import zipped

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.npz import opened_npz

ARRAYS = {
    "bytes": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    "half": np.linspace(0, 1, 5, dtype=np.float16),
    "big": np.arange(6, dtype=">i4").reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "texts": np.array(["ä", "longer"]),
    "flags": np.array([True, False]),
    "number": np.array(7),
    "empty": np.zeros((0, 3), np.float32),
}


def read(path, name):
    with opened_npz(path) as file:
        return file.read(name)


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_read_as_numpy_reads_them(save, tmp_path):
    save(tmp_path / "a.npz", **ARRAYS)
    with np.load(tmp_path / "a.npz") as expected, opened_npz(tmp_path / "a.npz") as file:
        assert set(file.names) == set(ARRAYS)
        for name in ARRAYS:
            array = file.read(name)
            assert array.dtype == expected[name].dtype.newbyteorder("=")
            assert array.flags.writeable
            np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_all_versions_of_the_header_are_read(version, tmp_path):
    raw = npy(np.arange(3), version)
    assert read(zipped(tmp_path / "a.npz", {"x.npy": raw}), "x").tolist() == [0, 1, 2]


class _Runs:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (str(self.trace), "w")


def test_objects_are_refused_and_run_nothing(tmp_path):
    trace = tmp_path / "trace"
    np.savez(tmp_path / "a.npz", x=np.array([_Runs(trace)], dtype=object))
    with pytest.raises(DataError, match="Python objects"):
        read(tmp_path / "a.npz", "x")
    raw = pickle.dumps(_Runs(trace))
    with pytest.raises(DataError, match="begins with 80 04"):
        read(zipped(tmp_path / "b.npz", {"x.npy": raw}), "x")
    assert not trace.exists()


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (__import__('os').getpid(),), }",
        "{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<M8', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '|u1', 'shape': (8,), }",
        "(" * 9000,
        "",
    ],
    ids=lambda text: text[:40],
)
def test_another_header_is_shown_and_not_evaluated(header, tmp_path):
    text = header.encode()
    raw = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + bytes(8)
    with pytest.raises(DataError, match="the header is"):
        read(zipped(tmp_path / "a.npz", {"x.npy": raw}), "x")


@pytest.mark.parametrize("shape", ["(9,)", "(7,)", "(10000000000, 10000000000)", "(0,)"])
def test_a_shape_that_its_bytes_do_not_fill_is_refused(shape, tmp_path):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    raw = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + bytes(8)
    with pytest.raises(DataError, match="8 are there") as caught:
        read(zipped(tmp_path / "a.npz", {"x.npy": raw}), "x")
    assert f"byte {10 + len(header)} in it" in caught.value.where


def test_an_array_cut_off_anywhere_is_refused_with_its_place(tmp_path):
    raw = npy(np.arange(4, dtype=np.float32))
    for length in range(len(raw)):
        with pytest.raises(DataError) as caught:
            read(zipped(tmp_path / "a.npz", {"x.npy": raw[:length]}), "x")
        assert "byte 0 (x.npy)" in caught.value.where


def test_an_array_larger_than_the_limit_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("whydrop.training.readers.npz.LIMIT_BYTES", 1000)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(2000, np.uint8))
    with pytest.raises(DataError, match="bytes or more"):
        read(tmp_path / "a.npz", "x")


def test_a_name_that_is_not_there_is_answered_with_those_that_are(tmp_path):
    np.savez(tmp_path / "a.npz", images=[1], labels=[1])
    with pytest.raises(UsageError, match="no array 'x'") as caught:
        read(tmp_path / "a.npz", "x")
    assert caught.value.do == "the file holds images and labels"
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "none.npz", "x")


def test_one_array_alone_is_no_npz(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(DataError, match="no zip"):
        read(tmp_path / "a.npy", "x")
    with zipfile.ZipFile(tmp_path / "e.npz", "w"):
        pass
    with pytest.raises(UsageError, match="no array"):
        read(tmp_path / "e.npz", "x")
