"""Previewed samples as a piece of HTML that needs nothing else, for a notebook or a page."""

import base64
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from whydrop.augment.pictures import Picture
from whydrop.augment.previews import Preview
from whydrop.report.preview.tiles import enlargement, png, require_pillow, tile
from whydrop.report.preview.wording import (
    heading_of,
    lines_of,
    remarks_of,
    summary_of,
    title_of,
    warning_of,
)

if TYPE_CHECKING:
    from jinja2 import Template


def preview_to_html(preview: Preview) -> str:
    """Return one table with the pictures in it; nothing is loaded, and there is no script.

    Raises:
        MissingExtra: Pillow is not installed.
    """
    require_pillow("preview as HTML")
    from markupsafe import Markup

    return _template().render(
        style=Markup(_asset("preview.css")),  # noqa: S704  (our own style only)
        heading=heading_of(preview),
        summary=_unbroken(summary_of(preview)),
        warning=_unbroken(warning_of(preview)),
        notes=remarks_of(preview),
        samples=[
            {
                "title": title_of(sample),
                "pictures": [
                    {"name": name, "class": kind, **_picture(picture)}
                    for name, kind, picture in (
                        ("original", "original", sample.original),
                        ("what the model sees", "seen", sample.seen),
                    )
                ],
                "lines": list(lines_of(sample)),
            }
            for sample in preview.samples
        ],
    )


def _unbroken(text: str) -> str:
    """Return text in which no line begins with a percent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _picture(picture: Picture) -> dict[str, object]:
    """Return a picture as an address that holds it, and the size it is shown at.

    Small ones are enlarged where they are shown, which keeps the page small.
    """
    from PIL import Image

    larger = enlargement(picture)
    image = Image.fromarray(picture) if larger > 1 else tile(picture)
    return {
        "address": f"data:image/png;base64,{base64.b64encode(png(image)).decode()}",
        "width": image.width * larger,
        "height": image.height * larger,
    }


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("whydrop.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("preview.html.j2")


@cache
def _asset(name: str) -> str:
    return files("whydrop.report").joinpath("assets", name).read_text(encoding="utf-8")
