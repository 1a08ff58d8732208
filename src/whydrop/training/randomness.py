"""Randomness: one seed split by purpose, so that changing one use leaves the others' draws alone.

- "initialisation": the weights; drawn by whoever makes the model, inside ``initialised``.
- "order": in which order an epoch takes the samples.
- "dropout": what layers draw in training; the global generators, seeded anew for each epoch.
- "augmentation": a pipeline's own seed; ``seed_for(seed, "augmentation")`` splits off one.
"""

import contextlib
import hashlib
import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.checks import whole_number
from whydrop.augment.draws import uniforms


def seed_for(seed: int, purpose: str, *numbers: int) -> int:
    """Return a seed from 0 to 2**63 - 1 that depends on nothing but the arguments.

    Raises:
        UsageError: the seed is no whole number of 0 or more.

    Example:
        >>> seed_for(0, "order") == seed_for(0, "order")
        True
        >>> len({seed_for(0, "order"), seed_for(1, "order"), seed_for(0, "dropout", 3)})
        3
    """
    whole = whole_number(seed, "seed", where="randomness")
    digest = hashlib.sha256(repr((whole, purpose, *map(int, numbers))).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def order(n: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return int64 (n,): the positions of all samples, shuffled for one epoch.

    Two samples stand in the same order to each other whatever other samples there are.

    Args:
        n: how many samples there are.
        seed: of the run.
        epoch: from 0.
    """
    streams = ["order"]
    u = uniforms(streams, seed=seed_for(seed, "order"), epoch=epoch, index=np.arange(n))
    return np.argsort(u[0], kind="stable")


def initialised(seed: int) -> contextlib.AbstractContextManager[None]:
    """Return a context in which layers draw their first weights from (seed, "initialisation").

    Example:
        >>> import torch
        >>> with initialised(0):
        ...     one = torch.nn.Linear(2, 2)
        >>> with initialised(0):
        ...     other = torch.nn.Linear(2, 2)
        >>> bool((one.weight == other.weight).all())
        True
    """
    return seeded(seed, "initialisation")


@contextlib.contextmanager
def seeded(seed: int, purpose: str, *numbers: int) -> Iterator[None]:
    """Seed the global generators of PyTorch, NumPy and Python; leave them as they were after.

    CUDA's generators too, where CUDA is in use.
    """
    from whydrop.training.pytorch import torch

    own = seed_for(seed, purpose, *numbers)
    on_cuda = torch.cuda.is_initialized()
    cuda_states = torch.cuda.get_rng_state_all() if on_cuda else []
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    try:
        torch.default_generator.manual_seed(own)
        if on_cuda:
            torch.cuda.manual_seed_all(own)
        np.random.seed(own % 2**32)
        random.seed(own)
        yield
    finally:
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
        if on_cuda:
            torch.cuda.set_rng_state_all(cuda_states)
