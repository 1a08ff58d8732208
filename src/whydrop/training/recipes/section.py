"""Section: what all parts of a recipe share, and the kinds of values that they hold."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from whydrop.core.errors import UsageError
from whydrop.training.metrics.names import measure_for
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


Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, le=1)]  # a share that is not nothing
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
# YAML and JSON have lists where a frozen value is a tuple.
Counts = Annotated[tuple[Count, ...], Strict(False)]
Texts = Annotated[tuple[Text, ...], Strict(False)]
Pair = Annotated[tuple[Share, Share], Strict(False)]
Decay = Literal["coupled", "decoupled"]
Op = Annotated[dict[str, Any], AfterValidator(completed)]
Measured = Annotated[str, AfterValidator(known_metric)]
Ops = Annotated[tuple[Op, ...], Strict(False)]


class Section(BaseModel):
    """What all parts of a recipe share: frozen, and no key is left unread."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )
