"""Which layers of a network are trained."""

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import nn


def train_only(model: nn.Module, layers: str) -> None:
    """Let only some layers be trained; the weights of the others stay as they are.

    Args:
        layers: "all"; "last", the last layer with weights; or "from NAME", a layer or block of
            the network (its name as in ``model.named_modules()``) and all that come after it.

    Raises:
        UsageError: there is no layer of that name.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        >>> train_only(model, "last")
        >>> [name for name, weight in model.named_parameters() if weight.requires_grad]
        ['2.weight', '2.bias']
    """
    names = with_weights(model)
    first = _first(names, layers)
    trained = set(names[first:])
    modules = dict(model.named_modules())
    for name in names:
        for weight in modules[name].parameters(recurse=False):
            weight.requires_grad_(name in trained)


def last_layer(model: nn.Module) -> nn.Module:
    """Return the last layer that has weights, in the order in which layers were made."""
    return model.get_submodule(with_weights(model)[-1])


def with_weights(model: nn.Module) -> list[str]:
    """Return the names of the layers that have weights of their own, in order."""
    named = model.named_modules()
    return [
        name for name, layer in named if next(layer.parameters(recurse=False), None) is not None
    ]


def _first(names: list[str], layers: str) -> int:
    if layers == "all":
        return 0
    if layers == "last":
        return len(names) - 1
    wanted = layers.removeprefix("from ").strip()
    for position, name in enumerate(names):
        if layers.startswith("from ") and (name == wanted or name.startswith(f"{wanted}.")):
            return position
    tops = dict.fromkeys(name.split(".")[0] for name in names)
    raise UsageError(
        f"the layers to train are {layers!r}",
        where="the model",
        do=f"give all, last, or from NAME, where NAME is one of {', '.join(tops)} or inside one",
    )
