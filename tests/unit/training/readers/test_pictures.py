"""One picture: decoded as Pillow alone decodes it, fitted as torchvision and Pillow fit it."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401
from PIL import Image, ImageOps

from whydrop.core.errors import DataError, MissingExtra
from whydrop.training.readers.pictures import Size, decode, decoding, fitted, pillow_version

RNG = np.random.default_rng(0)
RGB = Image.fromarray(RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8))


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels(image):
    return np.asarray(image)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_formats_without_loss_give_the_pixels_that_were_saved(kind):
    np.testing.assert_array_equal(pixels(decode(saved(RGB, kind), "x")), pixels(RGB))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_formats_with_loss_give_what_pillow_gives(kind):
    raw = saved(RGB, kind)
    with Image.open(io.BytesIO(raw)) as image:
        np.testing.assert_array_equal(pixels(decode(raw, "x")), pixels(image.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_picture_is_put_upright_by_its_exif(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    raw = saved(RGB, kind, exif=exif, **options)
    with Image.open(io.BytesIO(raw)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    assert upright.size == ((5, 7) if orientation > 4 else (7, 5))
    np.testing.assert_array_equal(pixels(decode(raw, "x")), pixels(upright))


@pytest.mark.parametrize("orientation", [0, 9])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = saved(RGB, "PNG", exif=exif)
    np.testing.assert_array_equal(pixels(decode(raw, "x")), pixels(RGB))


def test_grey_becomes_three_equal_channels():
    grey = RGB.convert("L")
    got = pixels(decode(saved(grey, "PNG"), "x"))
    np.testing.assert_array_equal(got, np.repeat(pixels(grey)[..., None], 3, axis=2))


def test_alpha_is_dropped_and_the_colours_under_it_stay():
    rgba = RGB.copy()
    rgba.putalpha(Image.fromarray(RNG.integers(0, 256, (5, 7), dtype=np.uint8)))
    np.testing.assert_array_equal(pixels(decode(saved(rgba, "PNG"), "x")), pixels(RGB))
    grey = RGB.convert("LA")
    got = pixels(decode(saved(grey, "PNG"), "x"))
    np.testing.assert_array_equal(got[..., 1], pixels(grey)[..., 0])


def test_a_palette_becomes_its_colours_transparent_ones_too():
    colours = [(9, 8, 7), (200, 100, 50), (1, 2, 255)]
    index = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    image = Image.fromarray(index, "L").convert("P")
    image.putdata(index.ravel().tolist())
    image.putpalette([value for colour in colours for value in colour])
    expected = np.array(colours, np.uint8)[index]
    for options in ({}, {"transparency": 1}, {"transparency": bytes([0, 128, 255])}):
        got = pixels(decode(saved(image, "PNG", **options), "x"))
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("mode", ["1", "CMYK"])
def test_other_modes_of_8_bits_or_fewer_become_what_pillow_makes_of_them(mode):
    image = RGB.convert(mode)
    got = pixels(decode(saved(image, "TIFF"), "x"))
    np.testing.assert_array_equal(got, pixels(image.convert("RGB")))


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    raw = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert pixels(decode(raw, "x"))[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_more_than_8_bits_a_channel_are_refused(dtype):
    deep = Image.fromarray(np.full((4, 4), 1000, dtype))
    with pytest.raises(DataError, match=r"pixels of the kind (I;16|I|F)") as caught:
        decode(saved(deep, "TIFF"), "deep.tif")
    assert caught.value.where == "deep.tif"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM"])
def test_a_picture_cut_off_anywhere_is_refused_or_whole(kind):
    big = Image.fromarray(RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8))
    raw = saved(big, kind)
    with Image.open(io.BytesIO(raw)) as image:
        whole = pixels(image.convert("RGB"))
    refused = 0
    for length in range(0, len(raw), 7):
        try:
            with decoding():
                got = pixels(decode(raw[:length], "cut.x"))
        except DataError as error:
            refused += 1
            assert error.where == f"cut.x, {length:,} bytes"
        else:  # a format's last bytes may say nothing about pixels
            np.testing.assert_array_equal(got, whole)
            assert length > 0.9 * len(raw)
    assert refused > 0.9 * len(range(0, len(raw), 7))


@pytest.mark.parametrize("raw", [b"", b"text", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"<svg/>"], ids=repr)
def test_other_files_are_no_pictures(raw):
    with pytest.raises(DataError, match="cannot be decoded"):
        decode(raw, "x")


def png_of_size(width, height):
    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(8001, 8000), (10_000, 10_000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(width, height):
    with decoding(), pytest.raises(DataError, match=r"pixels") as caught:
        decode(png_of_size(width, height), "bomb.png")
    assert "bomb.png" in caught.value.where


# Wide, tall, square; larger, smaller; odd and even differences to the wanted size.
SIZES = [(40, 33), (33, 40), (31, 31), (9, 9), (5, 60), (61, 5), (16, 16), (17, 16), (100, 37)]
FILTERS = ["nearest", "box", "bilinear", "bicubic", "lanczos"]


@pytest.mark.parametrize("shape", SIZES, ids=repr)
def test_crop_is_torchvisions_resize_and_center_crop(shape):
    from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

    image = Image.fromarray(RNG.integers(0, 256, (*shape, 3), dtype=np.uint8))
    for name in FILTERS:
        theirs = Compose([Resize(16, InterpolationMode(name)), CenterCrop(16)])(image)
        ours = fitted(image, Size(16, 16), resize="crop", interpolation=name, where="x")
        np.testing.assert_array_equal(ours, pixels(theirs))


@pytest.mark.parametrize("shape", SIZES, ids=repr)
def test_pad_is_pillows_pad_and_squish_its_resize(shape):
    image = Image.fromarray(RNG.integers(0, 256, (*shape, 3), dtype=np.uint8))
    for name in FILTERS:
        rule = Image.Resampling[name.upper()]
        ours = fitted(image, Size(16, 24), resize="pad", interpolation=name, where="x")
        np.testing.assert_array_equal(ours, pixels(ImageOps.pad(image, (24, 16), rule)))
        ours = fitted(image, Size(16, 24), resize="squish", interpolation=name, where="x")
        np.testing.assert_array_equal(ours, pixels(image.resize((24, 16), rule)))


@pytest.mark.parametrize("shape", SIZES, ids=repr)
def test_crop_to_an_oblong_keeps_the_proportions_and_fills_it(shape):
    # A picture whose red rises to the right and green downwards, by 1 a pixel, keeps its slopes.
    h, w = shape
    ramp = np.zeros((h, w, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = np.arange(w), np.arange(h)[:, None]
    got = fitted(Image.fromarray(ramp), Size(8, 12), resize="crop", interpolation="box", where="x")
    assert got.shape == (8, 12, 3)
    scale = max(8 / h, 12 / w)
    # The middle of what is shown is the middle of the picture, within a pixel of the result.
    assert abs(got[..., 0].mean() - (w - 1) / 2) <= 1 / scale + 0.6
    assert abs(got[..., 1].mean() - (h - 1) / 2) <= 1 / scale + 0.6
    # And what is shown is as wide and as high as the wanted size is, seen at this scale.
    assert abs(int(np.ptp(got[..., 0])) - 11 / scale) <= 1.5 + 0.1 / scale
    assert abs(int(np.ptp(got[..., 1])) - 7 / scale) <= 1.5 + 0.1 / scale


def test_a_picture_of_one_line_is_padded_to_one_line():
    line = Image.new("RGB", (1000, 1), "white")
    got = fitted(line, Size(16, 16), resize="pad", interpolation="box", where="x")
    assert (got.max(axis=(1, 2)) > 0).sum() == 1


def test_a_picture_that_would_be_blown_up_to_be_cropped_is_refused():
    line = Image.new("RGB", (200_000, 1))
    with pytest.raises(DataError, match=r"resized to 44,800,000 x 224") as caught:
        fitted(line, Size(224, 224), resize="crop", interpolation="box", where="line.png")
    assert caught.value.where == "line.png"


def test_without_pillow_the_answer_is_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtra) as caught:
        pillow_version()
    assert "whydrop[images]" in caught.value.do
