"""Decoded pictures kept in a file: written whole or not at all, and never changed."""

import json
import os

import numpy as np
import pytest

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.cache import gathered

PICTURES = list(np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8))
SHAPE = (3, 3, 4, 5)
EXPECTED = np.stack(PICTURES).transpose(0, 3, 1, 2)


def kept(folder, about="x", pictures=PICTURES):
    return gathered(pictures, SHAPE, cache=folder, about={"about": about})


def test_kept_and_in_memory_are_the_same(tmp_path):
    np.testing.assert_array_equal(gathered(PICTURES, SHAPE, cache=None, about={}), EXPECTED)
    np.testing.assert_array_equal(kept(tmp_path / "new" / "folder"), EXPECTED)


def test_what_is_kept_is_decoded_once(tmp_path):
    kept(tmp_path)
    np.testing.assert_array_equal(kept(tmp_path, pictures=iter(())), EXPECTED)


def test_beside_the_array_stands_what_it_was_made_from(tmp_path):
    kept(tmp_path)
    (array,) = tmp_path.glob("*.npy")
    about = json.loads(array.with_suffix(".json").read_text())
    assert about == {"about": "x", "shape": list(SHAPE)}
    np.testing.assert_array_equal(np.load(array), EXPECTED)


def test_writing_to_the_array_changes_no_file(tmp_path):
    array = kept(tmp_path)
    array[:] = 0
    np.testing.assert_array_equal(kept(tmp_path), EXPECTED)


def test_a_decoding_that_stops_leaves_nothing(tmp_path):
    def broken():
        yield PICTURES[0]
        raise DataError("broken", where="picture 1")

    with pytest.raises(DataError, match="broken"):
        kept(tmp_path, pictures=broken())
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_named_and_not_used(tmp_path):
    kept(tmp_path)
    (array,) = tmp_path.glob("*.npy")
    whole = array.read_bytes()
    for raw in (whole[:-1], whole[:50], b"", b"text" * 50, b"\x80\x04]."):
        array.write_bytes(raw)
        with pytest.raises(DataError, match="damaged") as caught:
            kept(tmp_path)
        assert caught.value.where == str(array)
        assert caught.value.do == "delete this file"
    np.save(array, EXPECTED[:2])
    with pytest.raises(DataError, match=r"shape \(2, 3, 4, 5\)"):
        kept(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DataError, match="cannot be kept"):
        kept(tmp_path)


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="cannot be kept") as caught:
        kept(tmp_path / "file")
    assert str(tmp_path / "file") in caught.value.where


def test_what_fits_no_memory_is_refused_with_the_limit():
    with pytest.raises(UsageError, match=r"take 140\.2 GiB") as caught:
        gathered([], (1_000_000, 3, 224, 224), cache=None, about={})
    assert "cache=FOLDER" in caught.value.do
    assert "16 GiB" in caught.value.do
