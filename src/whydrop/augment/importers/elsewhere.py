"""Rules of transforms that are no operation here: functions, and what belongs before a pipeline."""

from typing import Any

from whydrop.augment.importers.translation import Translation, refuse


def function(transform: Any, made: Translation) -> None:
    """Refuse code: it is not read."""
    refuse("a function, which is not read", "leave it out, or apply it before the pipeline")


def before(transform: Any, made: Translation) -> None:
    """Leave a change of size to the reading of images, where nothing random comes before it."""
    if made.ops or made.padded:
        do = "put it before everything random, or use RandomResizedCrop"
        refuse("it comes after an operation, and images have one size before those", do)
    differs = "belongs before the pipeline: the images of a batch have one size"
    made.remark("left to the reading of images", differs=differs)


def nothing(transform: Any, made: Translation) -> None:
    """Note that there is nothing to do."""
    made.remark("nothing to do")
