"""What an order means that is not the safe one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from whydrop.augment.importers.imported import Note
from whydrop.augment.op import Op, Stage

_MEANS = {
    (Stage.COLOUR, Stage.GEOMETRY): (
        "colours change before the image is moved: what comes in at the border keeps its colour, "
        "and contrast sees none of it"
    ),
    (Stage.ERASE, Stage.GEOMETRY): "holes are moved with the image",
    (Stage.ERASE, Stage.COLOUR): "the colour of holes is changed with the image's",
    (Stage.MIX, Stage.GEOMETRY): "two images are mixed, then moved together",
    (Stage.MIX, Stage.COLOUR): "two images are mixed, then changed together",
    (Stage.MIX, Stage.NORMALIZE): "two images are mixed, then normalised: the same, up to rounding",
    (Stage.MIX, Stage.ERASE): "holes are cut into the mixed image, and its labels stay as they are",
}


def order_notes(ops: Sequence[Op]) -> list[Note]:
    """Return a note for each two kinds of operations that stand the other way round."""
    notes: dict[tuple[int, int], Note] = {}
    for at, later in enumerate(ops):
        for earlier in ops[:at]:
            if earlier.stage > later.stage and (earlier.stage, later.stage) not in notes:
                names = f"{type(earlier).__name__}, then {type(later).__name__}"
                differs = _meaning(earlier, later)
                notes[earlier.stage, later.stage] = Note(names, 'order="as given"', differs)
    return list(notes.values())


def _meaning(earlier: Any, later: Any) -> str:
    if (earlier.stage, later.stage) == (Stage.ERASE, Stage.NORMALIZE):
        if earlier.fill == "noise":
            return "Normalize changes the noise in the hole too"
        values = (earlier.fill - np.array(later.mean)) / np.array(later.std)
        held = ", ".join(f"{value:.2f}" for value in values)
        return f"after Normalize the hole holds {held}; 0 would be the mean"
    if (earlier.stage, later.stage) == (Stage.NORMALIZE, Stage.GEOMETRY):
        if getattr(later, "mode", "") != "constant":
            return "nothing: it is the same before Normalize"
        comes = "0, the mean colour" if later.fill == 0 else f"{later.fill:g}"
        return f"what comes in at the border is {comes}; before Normalize it would be a colour"
    if (earlier.stage, later.stage) == (Stage.NORMALIZE, Stage.COLOUR):
        return "colours are changed after Normalize, where values are not from 0 to 1"
    return _MEANS[earlier.stage, later.stage]
