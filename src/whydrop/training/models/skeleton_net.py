"""SkeletonNet: a network over the joints of several persons, with BatchNorm in several places."""

from collections.abc import Sequence
from typing import Literal, get_args

from whydrop.augment.checks import whole_number
from whydrop.core.errors import UsageError
from whydrop.training.pytorch import Tensor, nn, torch

Norm = Literal["none", "shared", "per_person", "joined"]
Dropout = Literal["dropout", "dropout2d", "none"]
EmptyBodies = Literal["counted", "left_out"]

CHANNELS = (32, 64, 128)
HIDDEN = 512


class SkeletonNet(nn.Module):
    """Return logits (n, classes) of skeletons (n, coordinates, frames, joints, persons).

    Three blocks of convolution 3 x 3 over frames and joints, BatchNorm, ReLU and a maximum over
    2 x 2, with the same kernels for each person; the maximum over persons; a linear layer of 512,
    BatchNorm, ReLU, dropout; a linear layer. A body of zeros is a person who is not there.

    Args:
        classes: of the labels.
        shape: (coordinates, frames, joints, persons) of one sample; 8 frames and joints at least.
        norm: "none"; "shared", one BatchNorm that sees the first person, then the second, so that
            a step moves its averages twice; "per_person", one for each; "joined", one that sees
            all persons as one batch.
        empty_bodies: "counted" in the statistics and in the maximum, or "left_out" of both.
        dropout: "dropout2d" is ``Dropout2d`` on rows of numbers, where each is a channel of its
            own: the same as "dropout".
        rate: share that dropout leaves out.
        evaluation_stops_momentum: the first evaluation sets the momentum of all BatchNorm to 0,
            and nothing puts it back: averages stay as they are then. Where each training step
            puts it back, setting it has no effect, since evaluation moves no averages.

    Raises:
        UsageError: fewer than 8 frames or joints, or a name that there is not.

    Example:
        >>> net = SkeletonNet(20, shape=(3, 64, 20, 2), norm="joined")
        >>> net(torch.zeros(4, 3, 64, 20, 2)).shape
        torch.Size([4, 20])
    """

    stopped: Tensor

    def __init__(
        self,
        classes: int,
        *,
        shape: Sequence[int],
        norm: Norm = "none",
        empty_bodies: EmptyBodies = "counted",
        dropout: Dropout = "dropout",
        rate: float = 0.5,
        evaluation_stops_momentum: bool = False,
    ) -> None:
        super().__init__()
        coordinates, frames, joints, persons = shape
        for name, number in (("frames", frames), ("joints", joints)):
            whole_number(number, f"the number of {name}", where="SkeletonNet", low=8)
        _check(norm=(norm, Norm), empty_bodies=(empty_bodies, EmptyBodies))
        _check(dropout=(dropout, Dropout))
        self.norm, self.empty_bodies, self.dropout = norm, empty_bodies, dropout
        self.stops = evaluation_stops_momentum
        self.convs = nn.ModuleList()
        for before, after in zip((coordinates, *CHANNELS[:-1]), CHANNELS, strict=True):
            self.convs.append(nn.Conv2d(before, after, 3, padding=1))
        copies = {"none": 0, "shared": 1, "joined": 1, "per_person": persons}[norm]
        self.norms = nn.ModuleList(
            nn.ModuleList(nn.BatchNorm2d(channels) for channels in CHANNELS) for _ in range(copies)
        )
        self.hidden = nn.Linear(CHANNELS[-1] * (frames // 8) * (joints // 8), HIDDEN)
        self.hidden_norm = nn.BatchNorm1d(HIDDEN) if copies else nn.Identity()
        self.drop: nn.Module = nn.Identity() if dropout == "none" else _DROPOUTS[dropout](rate)
        self.linear = nn.Linear(HIDDEN, classes)
        self.register_buffer("stopped", torch.tensor(False))

    def forward(self, skeletons: Tensor) -> Tensor:
        if self.stops:
            self._stop()
        bodies = skeletons.movedim(4, 0)  # (persons, n, coordinates, frames, joints)
        if self.norm == "joined":
            rows = self._seen(bodies.flatten(0, 1), 0).unflatten(0, bodies.shape[:2])
        else:
            rows = torch.stack([self._seen(body, person) for person, body in enumerate(bodies)])
        x: Tensor = self.hidden_norm(self.hidden(rows.amax(0))).relu()  # (n, 512)
        if self.dropout == "dropout2d":
            x = self.drop(x[:, :, None, None])[:, :, 0, 0]
        else:
            x = self.drop(x)
        logits: Tensor = self.linear(x)
        return logits

    def _seen(self, bodies: Tensor, person: int) -> Tensor:
        """Return what the blocks make of bodies (k, coordinates, frames, joints): rows (k, ...)."""
        if self.empty_bodies == "counted":
            return self._convolved(bodies, person)
        there = bodies.flatten(1).ne(0).any(1)  # (k,)
        # After ReLU no number is below 0, so that rows of zeros win no maximum.
        rows = bodies.new_zeros(len(bodies), self.hidden.in_features)
        if not there.any():
            return rows
        seen = self._convolved(bodies[there], person)
        return rows.to(seen.dtype).index_put((there,), seen)

    def _convolved(self, bodies: Tensor, person: int) -> Tensor:
        norms = self.norms[person if self.norm == "per_person" else 0] if self.norms else None
        x = bodies
        for block, conv in enumerate(self.convs):
            x = conv(x)
            if isinstance(norms, nn.ModuleList):
                x = norms[block](x)
            x = nn.functional.max_pool2d(x.relu(), 2)
        return x.flatten(1)

    def _stop(self) -> None:
        if not self.training:
            self.stopped.fill_(True)
        elif self.stopped:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                    module.momentum = 0.0


_DROPOUTS = {"dropout": nn.Dropout, "dropout2d": nn.Dropout2d}


def _check(**choices: tuple[str, object]) -> None:
    for name, (chosen, known) in choices.items():
        names = get_args(known)
        if chosen not in names:
            what = f"{name} is {chosen!r}"
            raise UsageError(what, where="SkeletonNet", do=f"give one of {', '.join(names)}")
