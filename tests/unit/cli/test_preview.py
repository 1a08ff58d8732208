"""The command `preview`: the sheet, the words, the data, and the errors."""

import json

import numpy as np
import pytest

from whydrop.augment import (
    CutMix,
    Cutout,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    ResizedCrop,
    preview,
    to_json,
)
from whydrop.cli.main import run

Image = pytest.importorskip("PIL.Image")
IMAGES = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
LABELS = np.arange(20) % 2
REFERENCE = Pipeline(
    [PadCrop(4), HorizontalFlip(), Normalize.preset("cifar10"), Cutout(16), MixUp()], classes=2
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder with a pipeline and images."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.json").write_text(to_json(REFERENCE))
    np.savez(tmp_path / "i.npz", images=IMAGES, labels=LABELS, classes=np.array(["cat", "dog"]))
    return tmp_path


def test_a_sheet_is_written_and_the_words_end_with_its_path(folder, capsys):
    assert run(["preview", "p.json", "i.npz", "--samples", "3", "--epoch", "2"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.rstrip().splitlines()[-1] == "whydrop-preview.png"
    for words in (
        "#0  cat",
        "#10  cat",
        "#19  dog",
        "Cutout",
        "3 of 20 images",
        "69 % of an image",
    ):
        assert words in shown.out
    assert "warning" not in shown.out
    with Image.open(folder / "whydrop-preview.png") as image:
        image.load()
        assert image.format == "PNG"


def test_the_data_is_that_of_python(capsys, folder):
    arguments = ["preview", "p.json", "i.npz", "--samples", "4", "--epoch", "2", "--format", "json"]
    assert run(arguments) == 0
    data = json.loads(capsys.readouterr().out)
    index = np.array([0, 6, 13, 19])
    here = preview(
        REFERENCE,
        IMAGES[index].transpose(0, 3, 1, 2),
        LABELS[index],
        epoch=2,
        index=index,
        classes=["cat", "dog"],
    )
    assert data["samples"] == json.loads(here.to_json())["samples"]
    assert data["notes"] == ["4 of 20 images"]
    assert not list(folder.glob("*.png"))
    assert run([*arguments, "--out", "s.png"]) == 0
    assert (folder / "s.png").exists()


def test_an_object_that_is_often_hidden_is_warned_of(capsys):
    assert run(["preview", "p.json", "i.npz", "--object-px", "8"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "warning: PadCrop and Cutout leave 69 %" in out
    assert "8 x 8 pixels in the middle is wholly hidden in 8 %" in out


def test_quiet_prints_the_path_alone(capsys):
    assert run(["preview", "p.json", "i.npz", "--quiet", "--out", "s.png"]) == 0
    assert capsys.readouterr().out == "s.png\n"


def test_folders_of_pictures_are_classes_and_are_resized(folder, capsys):
    for n, name in enumerate(("cat/a.png", "dog/b.png")):
        path = folder / "set" / name
        path.parent.mkdir(parents=True)
        Image.fromarray(IMAGES[n][: 32 - 8 * n]).save(path)
    assert run(["preview", "p.json", "set", "--size", "24"]) == 0
    assert "2 resized to 24 x 24 pixels" in capsys.readouterr().out
    assert run(["preview", "p.json", "set", "--size", "24x28"]) == 0
    out = capsys.readouterr().out
    assert "#1  dog  b.png" in out
    assert "2 resized to 24 x 28 pixels" in out


def test_grey_pictures_fit_the_pipeline(folder, capsys):
    Image.fromarray(IMAGES[0, :, :, 0]).save(folder / "grey.png")
    assert run(["preview", "p.json", "grey.png", "--quiet"]) == 0
    (folder / "m.json").write_text(to_json(Pipeline([Normalize.preset("mnist"), Cutout(4)])))
    Image.fromarray(IMAGES[0]).save(folder / "colour.png")
    assert run(["preview", "m.json", "colour.png", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("pipeline", "arguments", "what", "where"),
    [
        (b"{", [], "not JSON", "p.json, line 1"),
        (b"\xff\xfe", [], "not text", "p.json"),
        (b'"' + b"x" * (1 << 20), [], "more than 1,048,576 bytes", "p.json"),
        (b"[" * 100_000, [], "no JSON of a pipeline", "p.json"),
        (b"9" * 10_000, [], "no JSON of a pipeline", "p.json"),
        (
            b'{"schema": "whydrop.augment/1", "ops": [{"op": "os"}]}',
            [],
            "'os'",
            "p.json, operation 1",
        ),
        (to_json(Pipeline([PadCrop(4)])).replace("4", "-4").encode(), [], "pad is -4", "p.json"),
        (to_json(Pipeline([CutMix()], classes=1)).encode(), [], "labels go from 0 to 1", ""),
        (to_json(Pipeline([ResizedCrop(90_000)])).encode(), [], "90,000 x 90,000 pixels", "p.json"),
        (to_json(Pipeline([PadCrop(10**9, "edge")])).encode(), [], "PadCrop makes", "p.json"),
        (to_json(Pipeline([Cutout(10**30)])).encode(), [], "beyond all bounds", "p.json"),
        (None, ["--size", "0"], "'0' is not a size", "whydrop preview"),
        (None, ["--size", "24"], "not resized", "i.npz"),
        (None, ["--size", "axb"], "'axb' is not a size", ""),
        (None, ["--object-px", "33"], "object_px is 33", ""),
        (None, ["--out", "s.jpg"], "does not end in .png", "s.jpg"),
        (None, ["--out", "nowhere/s.png"], "cannot be written", "nowhere/s.png"),
        (None, ["nothing.png"], "does not exist", ""),
        (None, ["p.json"], "i.npz is one of 2 paths", "i.npz"),
    ],
)
def test_bad_input_has_one_error_in_three_parts(folder, capsys, pipeline, arguments, what, where):
    if pipeline is not None:
        (folder / "p.json").write_bytes(pipeline)
    status = run(["preview", "p.json", "i.npz", *arguments])
    shown = capsys.readouterr()
    assert status == 2
    assert shown.out == ""
    assert what in shown.err
    assert f"\n  where: {where}" in shown.err
    assert "\n  do: " in shown.err


def test_a_corrupt_picture_is_named(folder, capsys):
    (folder / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0junk")
    assert run(["preview", "p.json", "bad.jpg"]) == 2
    assert "where: bad.jpg" in capsys.readouterr().err


def test_without_pillow_the_sheet_is_refused_and_the_data_is_not(capsys, monkeypatch):
    from whydrop.report.preview import tiles

    monkeypatch.setattr(tiles, "find_spec", lambda name: None)
    assert run(["preview", "p.json", "i.npz"]) == 2
    assert "pip install 'whydrop[images]'" in capsys.readouterr().err
    assert run(["preview", "p.json", "i.npz", "--format", "json"]) == 0
