"""A pickle read as data: what its authors wrote, nothing that runs, and the place of every flaw."""

import os
import pickle
import pickletools
import struct

import numpy as np
import pytest
from tests.fixtures.data_files import Python2Pickle

from whydrop.core.errors import DataError
from whydrop.training.readers.pickled import read_pickled_dict

VALUE = {
    b"batch_label": b"training batch 1 of 5",
    b"labels": [6, 300, 70000, -3],
    b"data": np.arange(12, dtype=np.uint8).reshape(3, 4),
    b"floats": np.arange(6, dtype=">f4").reshape(1, 2, 3),
    b"long": b"x" * 300,
    b"nothing": None,
    b"yes": True,
}
RAW = Python2Pickle().dumps(VALUE)


def test_what_python_2_wrote_is_read_as_python_itself_reads_it():
    read = read_pickled_dict(RAW, "batch")
    expected = pickle.loads(RAW, encoding="bytes")
    assert read.keys() == expected.keys() == VALUE.keys()
    for key, value in expected.items():
        np.testing.assert_array_equal(read[key], value)
    assert read[b"floats"].dtype == np.float32
    assert read[b"data"].flags.writeable


def test_arrays_in_fortran_order_are_read_in_their_own():
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    c = Python2Pickle().dumps({b"a": array})
    raw = c.replace(b"\x89U\x06" + array.tobytes(), b"\x88U\x06" + array.T.tobytes())
    assert raw != c
    np.testing.assert_array_equal(read_pickled_dict(raw, "x")[b"a"], array)
    np.testing.assert_array_equal(pickle.loads(raw, encoding="bytes")[b"a"], array)


class _Runs:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "function", [os.system, eval, exec, np.load, getattr, bytearray], ids=lambda f: f.__name__
)
def test_a_pickle_that_calls_a_function_runs_nothing_and_is_refused(function, protocol, tmp_path):
    trace = tmp_path / "trace"
    arguments = {
        os.system: [f"touch {trace}"],
        eval: [f"open({str(trace)!r}, 'w')"],
        exec: [f"open({str(trace)!r}, 'w')"],
    }.get(function, ["x"])
    raw = pickle.dumps({"labels": _Runs(function, *arguments)}, protocol)
    with pytest.raises(DataError) as caught:
        read_pickled_dict(raw, "batch")
    assert not trace.exists()
    assert caught.value.where.startswith("batch, byte ")
    if protocol == 2:  # that far the others do not come
        assert f".{function.__name__}'" in caught.value.what


@pytest.mark.parametrize(
    "body",
    [
        b"cnumpy\ndtype\n(U\x01ctR",  # too few arguments
        b"cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R",  # an array of objects
        b"cnumpy\ndtype\nU\x09f4,(99)f8K\x00K\x01\x87R",  # text that NumPy would parse
        b"cnumpy.core.multiarray\n_reconstruct\ncos\nsystem\nK\x00\x85U\x01b\x87R",
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nJ\xff\xff\xff\x7f\x85U\x01b\x87R",
        b"cnumpy.core.multiarray\nscalar\n)R",
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R",
        b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87RN" + b"b",  # filled with nothing
        b"c__main__\nx\n",
        b"Pid\n",
        b"]U\x01x" + b"b",  # a list filled as an object
        b"(ios\nsystem\n",
        b"cbuiltins\neval\nU\x01x\x85\x81",
        b"h\x07",  # from the memo, never put there
        b"ee",
        b"u",
        b"0",
        b"2",
        b"\x82\x01",
    ],
    ids=repr,
)
def test_every_other_way_to_build_something_is_refused(body):
    with pytest.raises(DataError) as caught:
        read_pickled_dict(b"\x80\x02}(U\x01k" + body + b"u.", "batch")
    assert caught.value.where.startswith("batch, byte ")
    assert "numbers, texts and arrays" in caught.value.do


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"\x80\x02].", "a list and no dict"),
        (b"\x80\x02}(K\x01K\x02u.", "keys are not texts"),
        (b"\x80\x02}(U\x01aK\x02U\x01aK\x02u.", "twice"),
        (b"\x80\x02}(U\x01au.", "keys are not texts"),
        (b"\x80\x04}.", "protocol 4"),
        (b"", "cut off"),
        (b"not a pickle", "cut off or damaged|opcode"),
    ],
)
def test_another_structure_is_said(raw, what):
    with pytest.raises(DataError, match=what):
        read_pickled_dict(raw, "batch")


def test_arrays_that_share_their_bytes_do_not_fill_the_memory():
    one = Python2Pickle().dumps({b"a": np.zeros(1000, np.uint8)})
    again = one[one.index(b"cnumpy.core") : one.index(b"T\xe8\x03")]
    shared = again + b"h" + bytes([10]) + b"tb"  # the 1,000 bytes once more, from the memo
    raw = one[:-2] + b"".join(b"U\x02%02d" % i + shared for i in range(20)) + b"u."
    assert one[one.index(b"T\xe8\x03") + 1005 :][:2] == b"q" + bytes([10])
    with pytest.raises(DataError, match="larger than itself"):
        read_pickled_dict(raw, "batch")


def test_a_shape_that_is_nested_without_end_is_refused():
    one = Python2Pickle().dumps({b"a": np.zeros(3, np.uint8)})
    raw = one.replace(b"K\x03\x85", b"K\x03" + b"\x85" * 20_000, 1)
    with pytest.raises(DataError, match="whose lengths are not such"):
        read_pickled_dict(raw, "batch")


def test_a_list_inside_itself_ends():
    assert read_pickled_dict(b"\x80\x02}(U\x01a]q\x01h\x01au.", "x")[b"a"]


@pytest.mark.parametrize("shape", [(4, 4), (12, 1, 2), (2**40,)])
def test_a_shape_that_its_bytes_do_not_fill_is_refused(shape):
    saved = Python2Pickle().dumps({b"a": np.zeros((3, 4), np.uint8)})
    lengths = b"".join(
        b"K" + bytes([n]) if n < 256 else b"\x8a\x06" + n.to_bytes(6, "little") for n in shape
    )
    raw = saved.replace(
        b"K\x03K\x04\x86", lengths + {1: b"\x85", 2: b"\x86", 3: b"\x87"}[len(shape)]
    )
    with pytest.raises(DataError, match="has 12 bytes"):
        read_pickled_dict(raw, "batch")


def test_a_pickle_cut_off_at_any_opcode_or_byte_is_an_error_that_names_the_byte():
    boundaries = {position for _, _, position in pickletools.genops(RAW)}
    assert len(boundaries) > 60
    for length in range(len(RAW)):
        with pytest.raises(DataError) as caught:
            read_pickled_dict(RAW[:length], "batch")
        byte = int(caught.value.where.removeprefix("batch, byte ").replace(",", ""))
        assert byte <= length
        if length in boundaries:
            assert byte == length


def test_a_length_below_zero_is_damage():
    with pytest.raises(DataError, match="cut off or damaged"):
        read_pickled_dict(b"\x80\x02}(U\x01kT" + struct.pack("<i", -5) + b"u.", "batch")
