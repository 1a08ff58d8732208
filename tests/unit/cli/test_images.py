"""Images from files of others: what is read, and what is refused by one error with its name."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest

from whydrop.cli import images as module
from whydrop.cli.images import read_images
from whydrop.core.errors import DataError, MissingExtra, UsageError

Image = pytest.importorskip("PIL.Image")
RNG = np.random.default_rng(0)


def picture(path, height=6, width=8, mode="RGB", **how):
    """Write random pixels, and return them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (height, width) if mode == "L" else (height, width, 3)
    pixels = RNG.integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path, **how)
    return pixels


def archive(path, **arrays):
    np.savez(path, **arrays)
    return path


# -- pictures ----------------------------------------------------------------------------------


def test_pixels_come_back_as_they_were_written(tmp_path):
    written = [picture(tmp_path / name) for name in ("a.png", "b.bmp", "c.tiff", "d.ppm")]
    found = read_images([tmp_path / name for name in ("b.bmp", "a.png")], samples=9)
    np.testing.assert_array_equal(found.images[0], written[1].transpose(2, 0, 1))
    np.testing.assert_array_equal(found.images[1], written[0].transpose(2, 0, 1))
    assert found.names == ("b.bmp", "a.png")
    whole = read_images([tmp_path], samples=9)
    np.testing.assert_array_equal(whole.images, np.stack(written).transpose(0, 3, 1, 2))
    assert whole.labels is None
    assert whole.positions.tolist() == [0, 1, 2, 3]
    assert whole.notes == ()


def test_folders_in_a_folder_are_classes_in_the_order_of_their_names(tmp_path):
    for name in ("dog/2.png", "dog/1.png", "cat/deep/5.png", "cat/.hidden.png", ".git/x.png"):
        picture(tmp_path / name)
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    found = read_images([tmp_path], samples=9)
    assert found.names == ("deep/5.png", "1.png", "2.png")
    assert found.classes == ("cat", "dog")
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, 1]


def test_the_folders_of_parts_are_no_classes(tmp_path):
    for name in ("train/dog/1.png", "train/cat/2.png", "test/dog/3.png"):
        picture(tmp_path / name)
    found = read_images([tmp_path], samples=9)
    assert found.classes == ("cat", "dog")
    assert found.names == ("3.png", "2.png", "1.png")


def test_images_without_a_class_among_others_leave_no_labels_and_that_is_said(tmp_path):
    picture(tmp_path / "set" / "cat" / "1.png")
    picture(tmp_path / "2.png")
    found = read_images([tmp_path / "set", tmp_path / "2.png"], samples=9)
    assert found.labels is None
    assert found.classes == ()
    assert "no labels" in found.notes[-1]


def test_samples_are_spread_evenly_and_keep_their_positions(tmp_path):
    for n in range(11):
        picture(tmp_path / f"{n:02}.png")
    found = read_images([tmp_path], samples=3)
    assert found.positions.tolist() == [0, 5, 10]
    assert found.names == ("00.png", "05.png", "10.png")
    assert found.notes == ("3 of 11 images",)


def test_other_sizes_are_resized_to_the_first_or_to_what_is_asked_and_that_is_said(tmp_path):
    first = picture(tmp_path / "a.png", 6, 8)
    picture(tmp_path / "b.png", 12, 9)
    found = read_images([tmp_path], samples=9)
    np.testing.assert_array_equal(found.images[0], first.transpose(2, 0, 1))
    assert found.notes == ("1 resized to 6 x 8 pixels",)
    asked = read_images([tmp_path], samples=9, size=(4, 5))
    assert asked.images.shape == (2, 3, 4, 5)
    assert asked.notes == ("2 resized to 4 x 5 pixels",)
    expected = Image.fromarray(first).resize((5, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(asked.images[0], np.asarray(expected).transpose(2, 0, 1))


def test_pictures_are_colours_unless_the_pipeline_is_for_grey(tmp_path):
    grey = picture(tmp_path / "a.png", mode="L")
    np.testing.assert_array_equal(read_images([tmp_path], samples=1).images[0], [grey] * 3)
    one = read_images([tmp_path], samples=1, channels=1)
    np.testing.assert_array_equal(one.images, grey[None, None])
    colours = picture(tmp_path / "b.png")
    both = read_images([tmp_path], samples=2, channels=1).images
    np.testing.assert_array_equal(both[1, 0], np.asarray(Image.fromarray(colours).convert("L")))


def test_a_zip_is_read_as_the_folder_that_it_holds(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as made:
        for name in ("dog/1.png", "cat/2.png"):
            picture(tmp_path / "set" / name)
            made.write(tmp_path / "set" / name, name)
    folder, packed = (read_images([tmp_path / name], samples=9) for name in ("set", "set.zip"))
    np.testing.assert_array_equal(folder.images, packed.images)
    assert folder.classes == packed.classes == ("cat", "dog")
    assert folder.names == packed.names == ("2.png", "1.png")


def bomb(width, height):
    """Return a small PNG that says it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 999)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def other_format():
    """Return a picture in a format that Pillow knows and training data do not come in."""
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(file, "pcx")
    return file.getvalue()


def truncated():
    file = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file, "png")
    return file.getvalue()[:3000]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "cannot be decoded: it is none of BMP, "),
        (b"GIF89a", "cannot be decoded"),
        (RNG.bytes(2000), "cannot be decoded"),
        (truncated(), "cannot be decoded"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be decoded"),
        (other_format(), "cannot be decoded"),
        (bomb(9000, 9000), "9,000 x 9,000 pixels"),
        (bomb(60_000, 60_000), "cannot be decoded: Image size"),
    ],
    ids=["empty", "head", "noise", "cut", "program", "format", "large", "bomb"],
)
def test_a_file_that_is_no_picture_is_one_error_with_its_name(tmp_path, content, what):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        read_images([path], samples=1)
    assert caught.value.where.startswith(str(path))
    assert caught.value.do


def test_sixteen_bits_a_channel_are_refused(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(path)
    with pytest.raises(DataError, match="I;16"):
        read_images([path], samples=1)


def test_images_that_are_too_many_together_are_refused_with_a_way_out(tmp_path, monkeypatch):
    picture(tmp_path / "a.png", 6, 8)
    monkeypatch.setattr(module, "MOST_VALUES", 6 * 8 * 3 - 1)
    with pytest.raises(UsageError, match="1 images of 6 x 8 pixels are too many") as caught:
        read_images([tmp_path], samples=1)
    assert "--size" in caught.value.do


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="no picture"):
        read_images([tmp_path], samples=1)
    with pytest.raises(UsageError, match="no such file"):
        read_images([tmp_path / "nowhere.png"], samples=1)
    with pytest.raises(UsageError, match="no such file"):
        read_images([tmp_path / "nowhere.npz"], samples=1)


# -- arrays ------------------------------------------------------------------------------------

STACK = RNG.integers(0, 256, (7, 5, 6, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (STACK, STACK.transpose(0, 3, 1, 2)),
        (STACK.transpose(0, 3, 1, 2), STACK.transpose(0, 3, 1, 2)),
        (STACK[..., 0], STACK[:, None, :, :, 0]),
        (STACK[..., :1], STACK[:, None, :, :, 0]),
        ((STACK / 255).astype(np.float32), (STACK / 255).astype(np.float32).transpose(0, 3, 1, 2)),
    ],
    ids=["channels last", "channels first", "grey", "one channel", "floats"],
)
def test_arrays_come_back_with_their_channels_first(tmp_path, images, expected):
    path = archive(tmp_path / "a.npz", images=images, labels=np.arange(7) % 3)
    found = read_images([path], samples=3)
    assert found.positions.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(found.images, expected[[0, 3, 6]])
    assert found.labels is not None
    assert found.labels.tolist() == [0, 0, 0]
    assert found.notes == ("3 of 7 images",)


def test_an_archive_may_name_its_classes_and_have_no_labels(tmp_path):
    path = archive(tmp_path / "a.npz", images=STACK, classes=np.array(["cat", "dog"]))
    found = read_images([path], samples=7)
    assert found.classes == ("cat", "dog")
    assert found.labels is None


def huge():
    """Return a .npz whose array says that it has terabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            head, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 32, 32, 3)}
        )
        made.writestr("images.npy", head.getvalue())
    return file.getvalue()


def saved(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no zip can be read"),
        (RNG.bytes(500), "no zip can be read"),
        (saved(images=STACK)[:600], "no zip can be read"),
        (huge(), "takes 3,072,000,000,000 bytes"),
        (saved(images=np.array([{}, []], object)), "Python objects"),
        (saved(images=STACK, classes=np.array([{}], object)), "Python objects"),
        (saved(images=STACK.astype(np.int64)), "dtype int64"),
        (saved(images=STACK[0, 0]), r"shape \(6, 3\)"),
        (saved(images=STACK[:0]), r"shape \(0, "),
        (saved(images=np.zeros((2, 9, 9, 9), np.uint8)), r"shape \(2, 9, 9, 9\)"),
        (saved(images=STACK, labels=np.arange(6)), r"labels have shape \(6,\)"),
        (saved(images=STACK, labels=np.arange(7.0)), "dtype float64"),
        (saved(images=STACK, classes=np.arange(3)), "classes have shape"),
    ],
)
def test_a_file_that_holds_no_such_arrays_is_one_error_with_its_name(tmp_path, content, what):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        read_images([path], samples=1)
    assert caught.value.where.startswith(str(path))


def test_an_archive_without_images_says_what_it_has(tmp_path):
    path = archive(tmp_path / "a.npz", x=STACK, y=STACK)
    with pytest.raises(UsageError, match="no array 'images'") as caught:
        read_images([path], samples=1)
    assert "x and y" in caught.value.do


def test_an_archive_stands_alone(tmp_path):
    path = archive(tmp_path / "a.npz", images=STACK)
    with pytest.raises(UsageError, match="one of 2 paths"):
        read_images([path, tmp_path], samples=1)


def test_arrays_need_no_pillow_and_pictures_do(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    path = archive(tmp_path / "a.npz", images=STACK)
    assert len(read_images([path], samples=2).images) == 2
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(MissingExtra, match="whydrop"):
        read_images([tmp_path / "a.png"], samples=1)
