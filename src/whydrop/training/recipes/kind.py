"""What is a recipe, told without reading it as one."""

from collections.abc import Mapping
from pathlib import Path

from whydrop.core.config.file import read_config
from whydrop.core.errors import WhydropError

FAMILY = "whydrop.recipe"
TRAINER = "whydrop.training.recipes.train:train"  # runs a recipe: (config, seed) to metrics


def is_recipe(side: object) -> bool:
    """Return whether a mapping, or the file of a name, calls itself a recipe, of any version.

    Never raises: what cannot be read is none.
    """
    if isinstance(side, str | Path):
        if not Path(side).is_file():
            return False
        try:
            side = read_config(Path(side)).document.data
        except WhydropError:
            return False
    schema = side.get("schema") if isinstance(side, Mapping) else None
    return isinstance(schema, str) and schema.partition("/")[0] == FAMILY
