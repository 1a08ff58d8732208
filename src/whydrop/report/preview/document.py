"""Previewed samples as JSON: what was drawn, the targets and the shares."""

from typing import Any

from whydrop.augment.previews import Preview
from whydrop.report.json_file import text

SCHEMA = "whydrop.preview/1"


def preview_to_json(preview: Preview) -> str:
    """Return draws, targets and shares as JSON text, ASCII only, without the pictures."""
    return text(document(preview))


def document(preview: Preview) -> dict[str, Any]:
    """Return the JSON value of previewed samples."""
    return {
        "schema": SCHEMA,
        "pipeline": dict(preview.pipeline),
        "epoch": preview.epoch,
        "size": list(preview.size),
        "visible": preview.visible._asdict(),
        "warning": preview.warning,
        "notes": list(preview.notes),
        "samples": [
            {
                "index": sample.index,
                "name": sample.name,
                "label": sample.label,
                "draws": sample.draws,
                "words": dict(sample.words),
                "target": [
                    {"class": name, "weight": weight} for name, weight in sample.target.weights
                ],
                "others": sample.target.others,
                "visible": sample.visible,
            }
            for sample in preview.samples
        ],
    }
