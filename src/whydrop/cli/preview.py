"""The `preview` command: what an augmentation does to images."""

from typing import TYPE_CHECKING

import click

from whydrop.cli.options import output_options

if TYPE_CHECKING:
    from whydrop.augment import Pipeline

DEFAULT = "whydrop-preview.png"
MOST_TEXT = 1 << 20  # bytes of a pipeline as JSON


def _size(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[int, int] | None:
    """Return the height and width that 64 or 48x64 mean."""
    if text is None:
        return None
    height, _, width = text.lower().partition("x")
    sides = height.strip(), (width or height).strip()
    if not all(side.isdecimal() and 0 < int(side) <= 10_000 for side in sides):
        raise click.BadParameter(f"{text!r} is not a size in pixels; write 64 or 48x64")
    return int(sides[0]), int(sides[1])


@click.command(
    epilog="""\b
Examples:
  whydrop preview pipeline.json photos/train
  whydrop preview pipeline.json cat.jpg dog.jpg --epoch 7 --out sheet.png
  whydrop preview pipeline.json train.npz --samples 16 --object-px 8 --format json

pipeline.json is what whydrop.augment.to_json(augment) returns. In a folder or zip of images,
folders are classes. A .npz holds `images`, and maybe `labels` and `classes`. The images shown
are one batch: they are mixed with each other."""
)
@click.argument("pipeline", type=click.Path(exists=True, dir_okay=False))
@click.argument("images", nargs=-1, required=True, type=click.Path(exists=True))
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"PNG to write.  [default: {DEFAULT}; none with --format json]",
)
@click.option(
    "--epoch", type=click.IntRange(0), metavar="N", default=0, show_default=True, help="From 0."
)
@click.option(
    "--samples",
    type=click.IntRange(1, 256),
    metavar="N",
    default=8,
    show_default=True,
    help="Images shown, spread evenly over those given.",
)
@click.option(
    "--size",
    callback=_size,
    metavar="PIXELS",
    help="Resize images to 64 or 48x64, height first.  [default: as the first]",
)
@click.option(
    "--object-px",
    type=click.IntRange(1),
    metavar="PIXELS",
    help="Side of the smallest object that a label stands for; warns if it is often hidden.",
)
@output_options
def command(
    pipeline: str,
    images: tuple[str, ...],
    out: str | None,
    epoch: int,
    samples: int,
    size: tuple[int, int] | None,
    object_px: int | None,
    output: str,
    quiet: bool,
) -> int:
    """Show what an augmentation does to your images: before, after, what was drawn, what is left.

    Writes a contact sheet, and says how much of an image stays visible.
    """
    from dataclasses import replace

    from whydrop.augment import preview
    from whydrop.cli.images import read_images
    from whydrop.cli.show import Page, reader_may_leave
    from whydrop.report.preview.lines import print_preview
    from whydrop.report.preview.sheet import write_preview
    from whydrop.report.preview.tiles import require_pillow

    augment = _pipeline(pipeline)
    if out is not None or output != "json":
        require_pillow("whydrop preview")
    found = read_images(images, samples=samples, size=size, channels=_channels(augment))
    _check_memory(augment, found.images.shape, pipeline)
    shown = preview(
        augment,
        found.images,
        found.labels,
        epoch=epoch,
        index=found.positions,
        classes=found.classes,
        names=found.names,
        samples=samples,
        object_px=object_px,
    )
    shown = replace(shown, notes=(*found.notes, *shown.notes))
    sheet = None
    if out is not None or output != "json":
        sheet = write_preview(shown, out or DEFAULT)
    with reader_may_leave():
        if output == "json":
            click.echo(shown.to_json(), nl=False)
            return 0
        if not quiet:
            print_preview(shown, Page())
            click.echo()
        click.echo(sheet)
    return 0


def _pipeline(path: str) -> "Pipeline":
    from pathlib import Path

    from whydrop.augment import from_json
    from whydrop.core.errors import DataError, UsageError

    with Path(path).open("rb") as file:
        data = file.read(MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        what = f"the file has more than {MOST_TEXT:,} bytes"
        raise DataError(what, where=path, do="give a pipeline as JSON, not images")
    try:
        return from_json(data.decode())
    except UnicodeDecodeError:
        raise DataError("not text", where=path, do="give a pipeline as JSON first") from None
    except (DataError, UsageError) as error:
        raise type(error)(error.what, where=f"{path}, {error.where}", do=error.do) from None


def _channels(pipeline: "Pipeline") -> int | None:
    """Return for how many channels a pipeline is, where it says so."""
    counts = [len(op.mean) for op in pipeline.ops if hasattr(op, "mean")]
    return counts[0] if counts and counts[0] in (1, 3) else None


def _check_memory(pipeline: "Pipeline", shape: tuple[int, ...], where: str) -> None:
    """Check that no step of a pipeline makes images that would not fit into memory."""
    from whydrop.augment.op import Size
    from whydrop.cli.images import MOST_VALUES
    from whydrop.core.errors import DataError

    n, channels, *sides = shape
    size = Size(*sides)
    for op, name in zip(pipeline.ops, pipeline.names, strict=True):
        size = op.output_size(size)
        pad = 0 if getattr(op, "mode", "constant") == "constant" else getattr(op, "pad", 0)
        height, width = size.height + 2 * pad, size.width + 2 * pad
        if n * channels * height * width > MOST_VALUES:
            raise DataError(
                f"{name} makes {n} images of {height:,} x {width:,} pixels",
                where=where,
                do="make it smaller, or give fewer --samples",
            )
