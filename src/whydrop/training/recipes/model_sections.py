"""What a recipe says of its network, one class for each."""

from typing import Annotated, Any, Literal

from pydantic import Field

from whydrop.training.recipes.section import BelowOne, Positive, Section, Text, Widths

CALLABLE = "package.module:callable, such as mynet:Net"


class ForumCNN(Section):
    """See whydrop.training.models.forum_cnn."""

    name: Literal["forum_cnn"]
    width: Positive = 1.0


class SimpleCNN(Section):
    """See whydrop.training.models.simple_cnn.

    Attributes: hidden: channels between those of the images and the classes.
    """

    name: Literal["simple_cnn"]
    hidden: Widths = (16, 16)


class MLP(Section):
    """See whydrop.training.models.mlp."""

    name: Literal["mlp"]
    hidden: Widths = (128,)
    dropout: BelowOne = 0.0


class KerasPortCNN(Section):
    """See whydrop.training.models.keras_port_cnn."""

    name: Literal["keras_port_cnn"]
    filters: Widths = (32, 64)


class SkeletonNet(Section):
    """See whydrop.training.models.skeleton_net."""

    name: Literal["skeleton_net"]
    norm: Literal["none", "shared", "per_person", "joined"] = "none"
    empty_bodies: Literal["counted", "left_out"] = "counted"
    dropout: Literal["dropout", "dropout2d", "none"] = "dropout"
    rate: BelowOne = 0.5
    evaluation_stops_momentum: bool = False


class EfficientNetLite0(Section):
    """See whydrop.training.models.efficientnet_lite0.

    Attributes: weights: a safetensors file, as ``path`` of data; null begins from nothing.
    """

    name: Literal["efficientnet_lite0"]
    weights: Text | None = None
    dropout: BelowOne = 0.2
    skipped: BelowOne = 0.0


class Own(Section):
    """A network of yours.

    Attributes:
        callable: ``package.module:callable``; it returns a torch.nn.Module. The module must be
            allowed: see whydrop.training.models.named.
        options: what it is called with.
    """

    name: Literal["own"]
    callable: Annotated[str, Field(pattern=r"^[\w.]+:\w+$", description=CALLABLE)]
    options: dict[str, Any] = Field(default_factory=dict)


class Timm(Section):
    """A network of the package timm.

    Attributes:
        architecture: as ``timm.list_models()`` has it.
        pretrained: with the weights that timm downloads.
    """

    name: Literal["timm"]
    architecture: Text
    pretrained: bool = False


AnyModel = Annotated[
    ForumCNN | SimpleCNN | MLP | KerasPortCNN | SkeletonNet | EfficientNetLite0 | Own | Timm,
    Field(discriminator="name"),
]
