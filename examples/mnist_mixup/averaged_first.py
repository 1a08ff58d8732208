"""The plain loop with the loss that the question's figures fit: averaged, and only then mixed.

Such a loss forgets which image was mixed how much: all labels of a batch get its mean weight.
"""

import plain
from data import Digits
from settings import Epoch, Settings, run
from torch import Tensor
from torch.nn.functional import cross_entropy

from whydrop.augment import Mixed


def loss(logits: Tensor, targets: Mixed | Tensor) -> Tensor:
    if not isinstance(targets, Mixed):
        return cross_entropy(logits, targets)
    of_a, of_b = cross_entropy(logits, targets.a), cross_entropy(logits, targets.b)
    return (targets.lam * of_a + (1 - targets.lam) * of_b).mean()


def train(settings: Settings, training: Digits, validation: Digits) -> list[Epoch]:
    return plain.train(settings, training, validation, loss)


if __name__ == "__main__":
    run(train)
