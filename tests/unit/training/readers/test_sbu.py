"""SBU Kinect Interaction: two people a line."""

import zipfile

import numpy as np
import pytest
from tests.fixtures.data_files import real_data, zipped

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_sbu
from whydrop.training.readers.sbu import read_skeleton_pos

RNG = np.random.default_rng(0)


def frames(n):
    return RNG.uniform(0, 2, (n, 2, 15, 3)).round(5)


def text(joints, first=278):
    lines = [
        ",".join([str(first + i), *(f"{value:g}" for value in frame.ravel())])
        for i, frame in enumerate(joints)
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


NAMES = ["s01s02/01/001", "s01s02/01/002", "s01s02/08/001", "s03s04/02/001"]


def files(below=""):
    joints = {name: frames(3 + i) for i, name in enumerate(NAMES)}
    raws = {f"{below}{name}/skeleton_pos.txt": text(x) for name, x in joints.items()}
    return joints, raws


@pytest.mark.parametrize("pack", [False, True], ids=["folder", "zip"])
def test_recordings_are_labelled_by_their_folders(pack, tmp_path):
    joints, raws = files("sbu/clean/")
    raws["sbu/clean/s01s02/01/001/depth_000001.png"] = b"not read"
    if pack:
        path = zipped(tmp_path / "sbu.zip", raws)
    else:
        path = tmp_path
        for name, raw in raws.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(raw)
    samples = read_sbu(path)
    assert samples.inputs.shape == (4, 3, 6, 15, 2)
    assert samples.classes == ("01", "02", "08")
    assert samples.labels.tolist() == [0, 0, 2, 1]
    for x, name in zip(samples.inputs, NAMES, strict=True):
        n = len(joints[name])
        np.testing.assert_allclose(x[:, :n], joints[name].transpose(3, 0, 2, 1), rtol=1e-5)
        assert not x[:, n:].any()


def test_pairs_are_chosen_and_the_classes_stay(tmp_path):
    path = zipped(tmp_path / "sbu.zip", files()[1])
    some = read_sbu(path, pairs={"s03s04"}, frames=10)
    assert some.labels.tolist() == [1]
    assert some.classes == ("01", "02", "08")
    assert some.inputs.shape[2] == 10
    for pairs in ({"s09s01"}, ()):
        with pytest.raises(UsageError) as caught:
            read_sbu(path, pairs=pairs)
        assert caught.value.do == "choose from s01s02, s03s04"


def test_a_line_cut_off_at_any_value_is_refused_with_its_line():
    raw = text(frames(2))
    first = raw.index(b"\r\n") + 2
    commas = [i for i in range(first, len(raw)) if raw[i : i + 1] == b","]
    assert len(commas) == 90
    for length in commas:
        with pytest.raises(DataError, match="values") as caught:
            read_skeleton_pos(raw[:length], "pos.txt")
        assert caught.value.where == "pos.txt, line 2"


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "no frame"),
        (b"\r\n\r\n", "no frame"),
        (b"1,2,x", "holds b'1,2,x'"),
        (b"\xff" * 30, "holds b"),
        (b"1" + b",2" * 91, "92 values"),
        (b"1" + b",2" * 89 + b",nan", "NaN"),
        (b"1" + b",2" * 89 + b",1e39", "too large"),
    ],
)
def test_other_lines_are_refused(raw, what):
    with pytest.raises(DataError, match=what) as caught:
        read_skeleton_pos(raw, "pos.txt")
    assert caught.value.where == "pos.txt, line 1"


def test_another_layout_of_folders_and_a_recording_twice_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"no file such as s01s02/01/001"):
        read_sbu(zipped(tmp_path / "x.zip", {"01/001/skeleton_pos.txt": b""}))
    raws = {**files("a/")[1], **files("b/")[1]}
    with pytest.raises(DataError, match="two files are of the recording"):
        read_sbu(zipped(tmp_path / "y.zip", raws))


@pytest.mark.parametrize(("name", "n"), [("skeleton_pos.txt", 21), ("skeleton_pos_2.txt", 46)])
def test_the_real_files_are_read_as_numpy_reads_their_text(name, n):
    with zipfile.ZipFile(real_data("skeleton-raw-samples.zip")) as file:
        raw = file.read(f"sbu/{name}")
    read = read_skeleton_pos(raw, name)
    assert read.shape == (n, 15, 3, 2)
    table = np.loadtxt(raw.decode().splitlines(), delimiter=",", usecols=range(1, 91))
    np.testing.assert_array_equal(
        read, table.reshape(n, 2, 15, 3).transpose(0, 2, 3, 1).astype(np.float32)
    )
