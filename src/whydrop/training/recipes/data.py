"""The samples that a recipe trains on and validates with."""

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from whydrop.core.errors import UsageError
from whydrop.training.data import Data
from whydrop.training.readers.arrays import read_npz
from whydrop.training.readers.cifar import read_cifar10
from whydrop.training.readers.digits import read_digits
from whydrop.training.readers.folder import read_folder
from whydrop.training.readers.mnist import read_mnist
from whydrop.training.readers.ntu import CROSS_SUBJECT, CROSS_VIEW, read_ntu
from whydrop.training.readers.packs import read_jpeg_pack
from whydrop.training.readers.sbu import read_sbu
from whydrop.training.readers.skeletons import read_skeletons
from whydrop.training.recipes import data_sections as sections
from whydrop.training.recipes.expansion import expanded
from whydrop.training.samples import Samples
from whydrop.training.second_body import with_second_body
from whydrop.training.split import first_of_each_class, fraction, stratified

HOME = "WHYDROP_DATA"
# Of NTU RGB+D and NTU RGB+D 120: who and what is not trained on.
OTHERS = tuple(set(range(1, 107)) - set(CROSS_SUBJECT))
FRONT = (1,)
Section = sections.AnyData


def read_data(section: Section) -> Data:
    """Return the samples that a recipe's ``data`` describes.

    Raises:
        UsageError: there is no such file, class or part.
        DataError: a file is damaged.
        MissingExtra: a package is needed to read it.
    """
    whole = _read(section)
    train = _kept(whole, section)
    if section.valid == "test":
        valid = _kept(_read(section, test_of=whole), section)
    else:
        with _named("data.valid_share"):
            train, valid = stratified(train, section.valid_share, seed=section.split_seed)
    if section.fraction < 1:
        train = fraction(train, section.fraction, seed=section.split_seed)
    if isinstance(section, sections.Skeletons):
        train, valid = (_with_persons(part, section) for part in (train, valid))
    if section.expand is not None:
        train = expanded(train, section.expand, seed=section.split_seed)
    return Data(train, valid)


def located(path: str) -> Path:
    """Return a path of a recipe: itself where it is absolute, or below WHYDROP_DATA.

    Raises:
        UsageError: it is relative, and the variable is not set.
    """
    if Path(path).is_absolute():
        return Path(path)
    home = os.environ.get(HOME)
    if not home:
        raise UsageError(
            f"the path {path!r} is relative to the folder of data, and {HOME} is not set",
            where="the recipe",
            do=f"export {HOME}=/where/data/are, or give an absolute path",
        )
    return Path(home) / path


def _read(section: Section, *, test_of: Samples | None = None) -> Samples:
    """Return the training part of a data set; or, of a training part, the test part."""
    test = test_of is not None
    part: Literal["train", "test"] = "test" if test else "train"
    match section:
        case sections.Digits():
            rest, half = stratified(read_digits(), 0.5, seed=0)
            return half if test else rest
        case sections.Cifar10():
            return read_cifar10(located(section.path), part, cache=_cache())
        case sections.Mnist():
            return _in_channels(read_mnist(located(section.path), part), section.channels)
        case sections.Folder():
            return _read_folder(section, test_of)
        case sections.Pack():
            name = section.test if test else "train"
            return read_jpeg_pack(located(section.path), name, cache=_cache())
        case sections.Arrays():
            return _read_arrays(section, test_of)
        case sections.Skeletons():
            return _read_skeletons(section, test=test)
        case sections.Ntu():
            return _read_ntu(section, test=test)
        case sections.Sbu():
            return _read_sbu(section, test=test)


def _read_folder(section: sections.Folder, test_of: Samples | None) -> Samples:
    if test_of is not None and section.train is None:
        raise _no_test_part(section)
    return read_folder(
        located(section.path),
        section.size,
        split=section.train if test_of is None else section.test,
        classes=None if test_of is None else test_of.classes,
        resize=section.resize,
        interpolation=section.interpolation,
        cache=_cache(),
    )


def _read_arrays(section: sections.Arrays, test_of: Samples | None) -> Samples:
    inputs, labels = section.inputs, section.labels
    if test_of is not None:
        if section.test_inputs is None or section.test_labels is None:
            raise _no_test_part(section)
        inputs, labels = section.test_inputs, section.test_labels
    return read_npz(
        located(section.path),
        inputs=inputs,
        labels=labels,
        classes="classes" if test_of is None else test_of.classes,
        channels=section.channels,
        every_class=test_of is None,
    )


def _read_skeletons(section: sections.Skeletons, *, test: bool) -> Samples:
    subjects = section.test_subjects if test else section.train_subjects
    return read_skeletons(
        located(section.path),
        frames=section.frames,
        subjects=subjects if section.valid == "test" else None,
        drop_lost=section.drop_lost,
    )


def _read_ntu(section: sections.Ntu, *, test: bool) -> Samples:
    subjects: Collection[int] | None = None
    cameras: Collection[int] | None = None
    if section.valid == "test" and section.protocol == "cross_subject":
        subjects = OTHERS if test else CROSS_SUBJECT
    elif section.valid == "test":
        cameras = FRONT if test else CROSS_VIEW
    return read_ntu(
        located(section.path),
        frames=section.frames,
        bodies=section.persons,
        subjects=subjects,
        cameras=cameras,
    )


def _read_sbu(section: sections.Sbu, *, test: bool) -> Samples:
    pairs = section.test_pairs if test else section.train_pairs
    return read_sbu(
        located(section.path),
        frames=section.frames,
        pairs=pairs if section.valid == "test" else None,
    )


def _no_test_part(section: Section) -> UsageError:
    return UsageError(
        f"the data set {section.name!r} has no test part",
        where="data.valid",
        do="give valid: split, or name the test part",
    )


def _in_channels(samples: Samples, channels: int) -> Samples:
    """Return grey images (n, 1, h, w) as (n, channels, h, w)."""
    grey = samples.inputs
    repeated = np.repeat(grey, channels, axis=1) if channels > 1 else grey
    return Samples(repeated, samples.labels, samples.classes)


def _with_persons(samples: Samples, section: sections.Skeletons) -> Samples:
    """Return skeletons (n, c, t, v, m) with as many bodies as are asked for."""
    bodies = samples.inputs
    if bodies.shape[4] == 1 and section.persons == 2:
        return with_second_body(samples, empty_share=section.empty_share, seed=section.split_seed)
    return Samples(bodies[..., : section.persons], samples.labels, samples.classes)


def _kept(samples: Samples, section: Section) -> Samples:
    """Return the samples of the classes that are kept, as many of each as are kept."""
    if section.classes is not None:
        with _named("data.classes"):
            samples = samples.only(section.classes)
    shares = section.class_shares
    if shares is None:
        return samples
    if len(shares) != len(samples.classes):
        what = f"there are {len(shares)} class_shares for {len(samples.classes)} classes"
        raise UsageError(what, where="data.class_shares", do="give one share a class")
    wanted = np.maximum(np.rint(samples.counts * np.array(shares)), 1).astype(np.int64)
    chosen = first_of_each_class(
        samples.labels, wanted, seed=section.split_seed, purpose="class share"
    )
    return samples.part(chosen)


@contextlib.contextmanager
def _named(key: str) -> Iterator[None]:
    """Let an error name the key of the recipe that it comes from."""
    try:
        yield
    except UsageError as error:
        raise UsageError(error.what, where=key, do=error.do) from None


def _cache() -> Path:
    """Return where decoded pictures are kept from one training to the next."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "whydrop"
