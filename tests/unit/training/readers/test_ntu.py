"""NTU RGB+D recordings: read by their published layout, chosen by person and camera."""

import numpy as np
import pytest
from tests.fixtures.data_files import skeleton_text, zipped

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_ntu
from whydrop.training.readers.skeleton_text import read_skeleton_text

RNG = np.random.default_rng(0)


def recording(frames=6, bodies=1, scale=None):
    """Return joints (t, bodies, 25, 3) that seven digits hold exactly enough."""
    joints = RNG.normal(size=(frames, bodies, 25, 3)) * np.reshape(
        scale or [1.0] * bodies, (-1, 1, 1)
    )
    return joints.round(5)


def text(joints, present=None):
    present = np.ones(joints.shape[:2], dtype=bool) if present is None else present
    return skeleton_text(joints, present)


def name(action, subject=1, camera=1, repeat=1):
    return f"S001C{camera:03}P{subject:03}R{repeat:03}A{action:03}.skeleton"


def write(folder, files):
    for file, joints in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text(joints), newline="")
    return folder


def test_joints_are_where_the_layout_puts_them():
    joints = recording(4, 2)
    present = np.array([[1, 1], [1, 0], [0, 0], [0, 1]], dtype=bool)
    read = read_skeleton_text(text(joints, present).encode(), "x")
    assert read.shape == (4, 25, 3, 6)
    np.testing.assert_allclose(read[0, :, :, 0], joints[0, 0], rtol=1e-6)
    np.testing.assert_allclose(read[0, :, :, 1], joints[0, 1], rtol=1e-6)
    np.testing.assert_allclose(read[1, :, :, 0], joints[1, 0], rtol=1e-6)
    assert not read[1, :, :, 1:].any()
    assert not read[2].any()
    np.testing.assert_allclose(read[3, :, :, 0], joints[3, 1], rtol=1e-6)  # by place, not number


@pytest.mark.parametrize("pack", [False, True], ids=["folder", "zip"])
def test_recordings_are_labelled_by_their_names(pack, tmp_path):
    files = {f"nturgb+d/{name(a, subject=s)}": recording() for a in (60, 3) for s in (1, 2)}
    if pack:
        path = zipped(tmp_path / "ntu.zip", {file: text(x).encode() for file, x in files.items()})
    else:
        path = write(tmp_path, {**files})
        (tmp_path / "readme.txt").write_text("not read")
    samples = read_ntu(path, frames=8)
    assert samples.inputs.shape == (4, 3, 8, 25, 2)
    assert samples.classes == ("A003", "A060")
    assert samples.labels.tolist() == [0, 1, 0, 1]
    first = files[f"nturgb+d/{name(3, subject=1)}"][:, 0].transpose(2, 0, 1)
    np.testing.assert_allclose(samples.inputs[0, :, :6, :, 0], first, rtol=1e-6)
    assert not samples.inputs[0, :, 6:].any()
    assert not samples.inputs[..., 1].any()


def test_files_can_be_listed(tmp_path):
    write(tmp_path, {name(1): recording(), name(2): recording(), name(3): recording()})
    assert read_ntu([tmp_path / name(3), tmp_path / name(1)]).classes == ("A001", "A003")
    assert read_ntu(tmp_path / name(2)).classes == ("A002",)


def test_people_and_cameras_are_chosen_and_the_classes_stay(tmp_path):
    files = {name(a, s, c): recording() for a, s, c in [(1, 1, 1), (2, 2, 2), (3, 1, 3), (1, 5, 2)]}
    write(tmp_path, files)
    assert read_ntu(tmp_path, subjects=[1]).labels.tolist() == [0, 2]
    assert read_ntu(tmp_path, cameras={2}).labels.tolist() == [1, 0]
    assert read_ntu(tmp_path, subjects=[5], cameras=[2]).classes == ("A001", "A002", "A003")
    with pytest.raises(UsageError, match="no recording") as caught:
        read_ntu(tmp_path, subjects=[9])
    assert caught.value.do == "there are subjects 1, 2, 5 and cameras 1, 2, 3"


def energies(joints):
    """Return the spread of each body, by the formula of the authors of 2s-AGCN: std by axis."""
    found = []
    for body in joints.transpose(1, 0, 2, 3):
        valid = body[body.sum(-1).sum(-1) != 0]
        found.append(valid[:, :, 0].std() + valid[:, :, 1].std() + valid[:, :, 2].std())
    return np.array(found)


def test_the_bodies_that_move_most_are_kept_the_liveliest_first(tmp_path):
    joints = recording(7, 4, scale=[0.1, 3.0, 0.5, 2.0]) + 5.0
    write(tmp_path, {name(1): joints})
    assert np.argsort(-energies(joints)).tolist() == [1, 3, 2, 0]
    for bodies in (1, 2, 4, 6):
        x = read_ntu(tmp_path, frames=7, bodies=bodies).inputs[0]
        assert x.shape == (3, 7, 25, bodies)
        for place, body in enumerate([1, 3, 2, 0][:bodies]):
            expected = joints[:, body].transpose(2, 0, 1)
            np.testing.assert_allclose(x[..., place], expected, rtol=1e-6)
        assert not x[..., 4:].any()


def test_a_body_at_rest_counts_for_nothing_however_far_away_it_is(tmp_path):
    still = np.broadcast_to(np.array([0.0, 0.0, 9.0]), (5, 25, 3))
    moving = recording(5)[:, 0] * 0.1
    joints = np.stack([still, moving], axis=1)
    assert energies(joints).argmax() == 1
    write(tmp_path, {name(1): joints})
    x = read_ntu(tmp_path, bodies=1, frames=5).inputs[0, ..., 0]
    np.testing.assert_allclose(x, moving.transpose(2, 0, 1), rtol=1e-5, atol=1e-7)


def test_long_recordings_are_cut(tmp_path):
    joints = recording(9)
    write(tmp_path, {name(1): joints})
    x = read_ntu(tmp_path, frames=4).inputs[0, ..., 0]
    np.testing.assert_allclose(x, joints[:4, 0].transpose(2, 0, 1), rtol=1e-6)


def test_a_recording_without_a_body_is_named_and_can_be_left_out(tmp_path):
    write(tmp_path, {name(1): recording(), name(2): recording()})
    empty = text(recording(3), np.zeros((3, 1), dtype=bool))
    (tmp_path / name(3)).write_text(empty)
    with pytest.raises(DataError, match="none of 3 frames has a body") as caught:
        read_ntu(tmp_path)
    assert name(3) in caught.value.where
    out = name(3).removesuffix(".skeleton")
    assert read_ntu(tmp_path, leave_out=[out]).classes == ("A001", "A002")


def test_a_file_cut_off_at_any_line_is_refused_with_its_line():
    whole = text(recording(2, 2)).splitlines(keepends=True)
    for length in range(len(whole)):
        with pytest.raises(DataError) as caught:
            read_skeleton_text("".join(whole[:length]).encode(), "x.skeleton")
        assert caught.value.where == f"x.skeleton, line {max(length, 1)}"


@pytest.mark.parametrize(
    ("line", "new", "what"),
    [
        (1, "3", "the file ends where the number of bodies"),
        (1, "1", "goes on after its last frame"),
        (1, "0", "number of frames is '0'"),
        (1, "999999999", "not a number from 1 to 100,000"),
        (1, "-2", "number of frames is '-2'"),
        (2, "7", "number of bodies is '7', not a number from 0 to 6"),
        (2, "0", "number of bodies has 10 values"),
        (3, "1 2 3", "description of a body has 3 values and not 10"),
        (4, "24", "number of joints is '24'"),
        (5, "1 2 3", "a joint has 3 values and not 12"),
        (6, "1 2 x " + "0 " * 9, "a joint is at '1 2 x'"),
        (7, "1 nan 3 " + "0 " * 9, "NaN, infinite"),
        (7, "1 1e999 3 " + "0 " * 9, "NaN, infinite"),
        (7, "1 -1e39 3 " + "0 " * 9, "NaN, infinite"),
        (8, "1 2 \u00e4 " + "0 " * 9, "not text"),
    ],
)
def test_another_layout_is_refused_with_its_line(line, new, what):
    lines = text(recording(2)).splitlines()
    lines[line - 1] = new
    with pytest.raises(DataError, match=what) as caught:
        read_skeleton_text("\n".join(lines).encode(), "x.skeleton")
    assert caught.value.where.startswith("x.skeleton, line ")
    if what not in ("NaN, infinite",) and line != 1 and new != "0":
        assert caught.value.where == f"x.skeleton, line {line}"


def test_more_frames_than_bytes_take_no_memory():
    with pytest.raises(DataError, match="do not fit into 6 bytes"):
        read_skeleton_text(b"100000", "x")


def test_names_that_tell_no_action_or_come_twice_are_refused(tmp_path):
    write(tmp_path / "a", {name(1): recording()})
    write(tmp_path / "b", {name(1): recording()})
    with pytest.raises(DataError, match="two files have the name"):
        read_ntu(tmp_path)
    write(tmp_path / "c", {"walk.skeleton": recording()})
    with pytest.raises(DataError, match=r"'walk\.skeleton' does not tell the action"):
        read_ntu(tmp_path / "c")
    (tmp_path / "d").mkdir()
    with pytest.raises(DataError, match=r"no \.skeleton file"):
        read_ntu(tmp_path / "d")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"bodies": 0}, "bodies is 0"),
        ({"bodies": 7}, "bodies is 7"),
        ({"frames": 0}, "frames is 0"),
    ],
)
def test_settings_outside_their_range_are_refused(options, what, tmp_path):
    with pytest.raises(UsageError, match=what):
        read_ntu(tmp_path, **options)
