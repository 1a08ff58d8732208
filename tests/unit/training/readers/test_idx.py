"""idx files: read whole or refused with their place."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from tests.fixtures.data_files import IDX_CODES, idx_bytes

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.idx import read_idx

SMALL = np.arange(2 * 3 * 2, dtype=np.uint8).reshape(2, 3, 2)


@pytest.mark.parametrize("kind", IDX_CODES)
@pytest.mark.parametrize("gz", [False, True], ids=["plain", "gzip"])
def test_every_dtype_is_read_in_the_order_of_this_machine(kind, gz, tmp_path):
    array = np.array([[1, 2, 3], [100, 5, 6]], dtype=kind)
    raw = idx_bytes(array)
    file = tmp_path / "x"
    file.write_bytes(gzip.compress(raw) if gz else raw)
    read = read_idx(file)
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("gz", [False, True], ids=["plain", "gzip"])
def test_a_file_cut_off_anywhere_is_an_error_that_names_the_byte(gz, tmp_path):
    raw = gzip.compress(idx_bytes(SMALL)) if gz else idx_bytes(SMALL)
    file = tmp_path / "cut"
    for length in range(len(raw)):
        file.write_bytes(raw[:length])
        with pytest.raises(DataError) as caught:
            read_idx(file)
        assert caught.value.where.startswith(f"{file}, byte ")
        if not gz and length >= 16:
            assert caught.value.where == f"{file}, byte {length}"
            assert f"after {length - 16} of 12 bytes" in caught.value.what


def test_bytes_behind_the_array_are_refused_with_their_place(tmp_path):
    file = tmp_path / "long"
    file.write_bytes(idx_bytes(SMALL) + b"x")
    with pytest.raises(DataError, match=r"bytes follow") as caught:
        read_idx(file)
    assert caught.value.where == f"{file}, byte 28"


@pytest.mark.parametrize(
    "head",
    [b"\0\0\x07\1", b"\1\0\x08\1", b"\0\0\x08\0", b"\0\0\x08\x09", b"PK\3\4"],
    ids=["dtype", "zeros", "no axis", "nine axes", "a zip"],
)
def test_another_beginning_is_shown(head, tmp_path):
    file = tmp_path / "other"
    file.write_bytes(head + bytes(64))
    with pytest.raises(DataError, match=head.hex(" ")) as caught:
        read_idx(file)
    assert caught.value.where == f"{file}, byte 0"


def test_lengths_that_no_memory_holds_are_refused_before_it_is_asked_for(tmp_path):
    file = tmp_path / "huge"
    file.write_bytes(struct.pack(">BBBB3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    with pytest.raises(DataError, match="the header asks for") as caught:
        read_idx(file)
    assert f"{4 << 30:,}" in caught.value.do


def test_a_claim_below_the_limit_takes_no_more_memory_than_there_are_bytes(tmp_path):
    file = tmp_path / "claim"
    file.write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, 4_000_000_000) + b"abc")
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="after 3 of 4,000,000,000"):
            read_idx(file)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_a_wrong_request(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_idx(tmp_path / "none")
    with pytest.raises(UsageError, match="a folder"):
        read_idx(tmp_path)
