"""Devices: where a model is trained, in which precision, and by how many processes.

One process on the CPU in float32 is PyTorch alone. All else is Lightning Fabric's, which is loaded
only then: its import takes as long as many a small training.
"""

from typing import Any, Literal, Protocol, TypeVar, get_args

from whydrop.core.errors import MissingExtra, UsageError
from whydrop.training.pytorch import torch

Accelerator = Literal["auto", "cpu", "cuda"]
Precision = Literal["32-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true", "64-true"]
WHERE = "Learner"
Value = TypeVar("Value")


class Devices(Protocol):
    """What a training asks of the place it runs in.

    Attributes:
        device: of this process.
        rank: of this process, from 0.
        count: of processes; each has one device and trains on its share of every batch.
    """

    device: Any
    rank: int
    count: int

    def setup(self, model: Any, optimizer: Any) -> tuple[Any, Any]:
        """Move a model; return it, and the step of its optimiser, as training calls them."""
        ...

    def backward(self, loss: Any) -> None:
        """Add the gradients of a loss, averaged over the processes."""
        ...

    def infer(self, model: Any, inputs: Any) -> Any:
        """Return the outputs of a model, called in this process alone."""
        ...

    def total(self, values: Any) -> Any:
        """Return a tensor added up over the processes."""
        ...

    def agreed(self, value: Value) -> Value:
        """Return the first process's value in all of them."""
        ...

    def same_buffers(self, model: Any) -> None:
        """Give buffers, such as BatchNorm's averages, the values of the first process."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what the precision has learnt, such as the scale of losses: plain values."""
        ...

    def load_state(self, state: dict[str, Any]) -> None:
        """Take what ``state`` returned."""
        ...


def devices_for(accelerator: Accelerator, devices: int, precision: Precision) -> Devices:
    """Return the place to train in.

    Args:
        accelerator: "auto" is CUDA where there is a device, else the CPU.
        devices: how many; with more than one the program is started once for each of them, or
            by ``torchrun``.
        precision: as Lightning Fabric names it.

    Raises:
        UsageError: one that there is not; float16 mixed with float32 on a CPU.
        MissingExtra: Lightning Fabric is needed and absent.
    """
    for name, value, known in (
        ("accelerator", accelerator, get_args(Accelerator)),
        ("precision", precision, get_args(Precision)),
    ):
        if value not in known:
            what = f"{name} is {value!r}"
            raise UsageError(what, where=WHERE, do=f"give one of {', '.join(known)}")
    if not isinstance(devices, int) or isinstance(devices, bool) or devices < 1:
        raise UsageError(f"devices is {devices!r}", where=WHERE, do="give how many, 1 or more")
    if accelerator == "auto":
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
    if accelerator == "cuda" and torch.cuda.device_count() < devices:
        what = f"{devices} CUDA devices are asked for, there are {torch.cuda.device_count()}"
        raise UsageError(what, where=WHERE, do='give fewer devices, or accelerator="cpu"')
    if (accelerator, precision) == ("cpu", "16-mixed"):
        # Lightning Fabric would take bfloat16 without a word.
        what = "float16 mixed with float32 (16-mixed) is of CUDA devices, and this is a CPU"
        raise UsageError(what, where=WHERE, do="give bfloat16 (bf16-mixed) or float32 (32-true)")
    if (accelerator, devices, precision) == ("cpu", 1, "32-true"):
        return PlainCpu()
    return ByFabric(accelerator, devices, precision)


class PlainCpu:
    """One process on the CPU, in float32."""

    device = torch.device("cpu")
    rank = 0
    count = 1

    def setup(self, model: Any, optimizer: Any) -> tuple[Any, Any]:
        return model.to(self.device), optimizer.step

    def backward(self, loss: Any) -> None:
        loss.backward()

    def infer(self, model: Any, inputs: Any) -> Any:
        return model(inputs)

    def total(self, values: Any) -> Any:
        return values

    def agreed(self, value: Value) -> Value:
        return value

    def same_buffers(self, model: Any) -> None:
        pass

    def state(self) -> dict[str, Any]:
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        pass


class ByFabric:
    """Any other place, by Lightning Fabric."""

    def __init__(self, accelerator: Accelerator, devices: int, precision: Precision) -> None:
        try:
            from lightning_fabric import Fabric
        except ImportError as error:
            raise MissingExtra(
                f"{accelerator} in {precision} on {devices} device(s) needs Lightning Fabric",
                where=WHERE,
                do="pip install 'whydrop[torch]'",
            ) from error
        try:
            self._fabric = Fabric(accelerator=accelerator, devices=devices, precision=precision)
        except (ValueError, RuntimeError) as error:
            do = "give another accelerator or precision"
            raise UsageError(str(error), where=WHERE, do=do) from error
        if devices > 1:
            self._fabric.launch()
        self.device = self._fabric.device
        self.rank = self._fabric.global_rank
        self.count = self._fabric.world_size

    @property
    def _precision(self) -> Any:
        return self._fabric.strategy.precision

    def setup(self, model: Any, optimizer: Any) -> tuple[Any, Any]:
        wrapped, wrapped_optimizer = self._fabric.setup(model, optimizer)
        return wrapped, wrapped_optimizer.step

    def backward(self, loss: Any) -> None:
        self._fabric.backward(loss)

    def infer(self, model: Any, inputs: Any) -> Any:
        # Not the wrapped model: its processes would wait for each other at every call.
        with self._precision.forward_context():
            outputs = model(self._precision.convert_input(inputs))
        return self._precision.convert_output(outputs)

    def total(self, values: Any) -> Any:
        return self._fabric.all_reduce(values, reduce_op="sum")

    def agreed(self, value: Value) -> Value:
        first: Value = self._fabric.broadcast(value)
        return first

    def same_buffers(self, model: Any) -> None:
        if self.count > 1:
            for buffer in model.buffers():
                torch.distributed.broadcast(buffer, src=0)

    def state(self) -> dict[str, Any]:
        return dict(self._precision.state_dict())

    def load_state(self, state: dict[str, Any]) -> None:
        self._precision.load_state_dict(state)
