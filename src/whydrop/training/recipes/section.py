"""Section: what all parts of a recipe share, and the kinds of values that they hold."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from whydrop.core.errors import UsageError
from whydrop.training.metrics.names import measure_for
from whydrop.training.readers.folder import MOST_PIXELS_A_SIDE
from whydrop.training.recipes.operations import completed, refused


def known_metric(name: str) -> str:
    """Return the name of a metric.

    Raises:
        PydanticCustomError: there is none of that name.
    """
    try:
        measure_for(name, batch_size=1)
    except UsageError as error:
        raise refused(error) from None
    return name


def each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names, each of which is there once.

    Raises:
        PydanticCustomError: one is there twice.
    """
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise refused(UsageError(f"{twice!r} is there twice", do="give each once"))
    return names


# Two of the largest multiplied, and one divided by the smallest eps, are still float32.
LARGEST, SMALLEST_EPS = 1e15, 1e-20
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, le=1)]  # a share that is not nothing
BelowOne = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0, le=LARGEST)]
NotNegative = Annotated[float, Field(ge=0, le=LARGEST)]
Eps = Annotated[float, Field(ge=SMALLEST_EPS, le=LARGEST)]
Count = Annotated[int, Field(ge=1)]
Pixels = Annotated[int, Field(ge=1, le=MOST_PIXELS_A_SIDE)]
Width = Annotated[int, Field(ge=1, le=1_000_000)]  # outputs of a layer
Seed = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
# YAML and JSON have lists where a frozen value is a tuple.
Counts = Annotated[tuple[Count, ...], Strict(False)]
Weights = Annotated[tuple[Positive, ...], Strict(False), Field(min_length=1)]
Widths = Annotated[tuple[Width, ...], Strict(False)]
Texts = Annotated[tuple[Text, ...], Strict(False)]
Pair = Annotated[tuple[BelowOne, BelowOne], Strict(False)]
Decay = Literal["coupled", "decoupled"]
Op = Annotated[dict[str, Any], AfterValidator(completed)]
Measured = Annotated[str, AfterValidator(known_metric)]
Ops = Annotated[tuple[Op, ...], Strict(False)]


class Section(BaseModel):
    """What all parts of a recipe share: frozen, and no key is left unread."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )
