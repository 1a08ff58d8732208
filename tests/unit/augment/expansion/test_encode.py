"""Files of images: what Pillow reads back, and whole files told from torn ones."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from whydrop.augment.expansion.encode import Encoder
from whydrop.core.errors import MissingExtra, UsageError

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 20, 30), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_keeps_every_pixel(channels):
    pixels = np.resize(PIXELS, (channels, 20, 30))
    image = np.asarray(Image.open(io.BytesIO(Encoder("png").encoded(pixels))))
    np.testing.assert_array_equal(image.reshape(20, 30, channels).transpose(2, 0, 1), pixels)


@pytest.mark.parametrize("quality", [40, 95])
def test_jpeg_is_what_pillow_makes_at_that_quality(quality):
    expected = io.BytesIO()
    Image.fromarray(PIXELS.transpose(1, 2, 0)).save(expected, "jpeg", quality=quality)
    assert Encoder("jpeg", quality).encoded(PIXELS) == expected.getvalue()


@pytest.mark.parametrize("encoder", [Encoder("png"), Encoder("jpeg", 80)], ids=lambda e: e.format)
def test_a_file_is_whole_only_with_its_last_byte(encoder, tmp_path):
    content = encoder.encoded(PIXELS)
    path = tmp_path / "image"
    for length in (0, 1, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert not encoder.is_whole(path)
    path.write_bytes(content[:-64] + bytes(64))  # as after a crash of the machine
    assert not encoder.is_whole(path)
    path.write_bytes(content)
    assert encoder.is_whole(path)
    assert not encoder.is_whole(tmp_path / "absent")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("webp",), "format is 'webp'"),
        (("png", 90), "PNG keeps every pixel"),
        (("jpeg", 0), "quality is 0"),
        (("jpeg", 96), "quality is 96"),
        (("jpeg", None), "quality is None"),
    ],
)
def test_other_formats_and_qualities_are_refused(given, message):
    with pytest.raises(UsageError, match=message):
        Encoder(*given)


def test_channels_that_a_format_does_not_have_are_refused():
    for encoder, channels in ((Encoder("jpeg", 90), 4), (Encoder("png"), 5)):
        with pytest.raises(UsageError, match=f"{channels} channels"):
            encoder.encoded(np.zeros((channels, 4, 4), np.uint8))


def test_without_pillow_the_answer_is_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match="pip install pillow"):
        Encoder("png").encoded(PIXELS)
