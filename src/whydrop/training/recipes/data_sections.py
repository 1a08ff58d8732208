"""What a recipe says of its data, one class for each kind of data set."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from whydrop.training.recipes.section import (
    Count,
    Counts,
    Ops,
    Part,
    Pixels,
    Section,
    Seed,
    Share,
    Text,
    Texts,
    each_once,
)


class Expand(Section):
    """The training part given the same number of images a class, made once before the training.

    Attributes:
        per_class: copies a class; its images take turns. See ``whydrop.augment.expand_to``.
        larger: a class with more images gives a "subset", or "keep" for one copy of each.
        ops: what copies go through, as in ``augment``; none gives the images as they are, only
            more often, so that ``augment`` can change each copy anew in every epoch.
        jpeg_quality: of copies that are stored as JPEG files before they are used; null keeps
            their pixels.
        size: side of copies that are stored smaller or larger, and resized when they are used;
            null stores them as they are.
    """

    per_class: Annotated[int, Field(ge=1, le=1_000_000)]
    larger: Literal["subset", "keep"] = "keep"
    ops: Ops = ()
    jpeg_quality: Annotated[int, Field(ge=1, le=95)] | None = None
    size: Pixels | None = None


class DataSection(Section):
    """What every data set has.

    Attributes:
        classes: names of those to keep, in the order of their new labels; null keeps all.
        class_shares: of each class in their order, how much of it is kept, in both parts; null
            keeps all. It makes a balanced data set an imbalanced one.
        valid: "test", the data set's own test part, or "split", a share of its training part.
        valid_share: of each class of the training part, for "split".
        split_seed: decides which samples that share has, and which ones ``fraction`` keeps.
        valid_transform: "clean", or "training": validation images are changed at random too, as
            happens where both parts are made from one data set object.
        fraction: of the samples to train on; a smaller one is contained in a larger.
        expand: gives each class the same number of images; null leaves them.
    """

    classes: Annotated[Texts, Field(min_length=1), AfterValidator(each_once)] | None = None
    class_shares: Annotated[tuple[Part, ...], Strict(False), Field(min_length=1)] | None = None
    valid: Literal["test", "split"] = "split"
    valid_share: Annotated[float, Field(gt=0, lt=1)] = 0.1
    split_seed: Seed = 0
    valid_transform: Literal["clean", "training"] = "clean"
    fraction: Part = 1.0
    expand: Expand | None = None

    @property
    def has_test_part(self) -> bool:
        """Return whether what is said is enough to read a test part."""
        return True


class FileSection(DataSection):
    """Attributes: path: absolute, or below the folder that WHYDROP_DATA names."""

    path: Text


class Digits(DataSection):
    """The 1,797 scanned digits of scikit-learn, images (1, 8, 8); half of them is its test part."""

    name: Literal["digits"]


class Cifar10(FileSection):
    """CIFAR-10, images (3, 32, 32): as its authors distribute it, or a zip of JPEG files."""

    name: Literal["cifar10"]
    path: Text = "cifar10-jpeg.zip"


class Mnist(FileSection):
    """MNIST or a set in its format, images (channels, 28, 28): the folder of its four files.

    Attributes: channels: 1, or 3 for the same grey in each.
    """

    name: Literal["mnist"]
    path: Text = "mnist"
    channels: Literal[1, 3] = 1


class Folder(FileSection):
    """A folder or zip of train/CLASS/FILE and test/CLASS/FILE, or of CLASS/FILE alone.

    Attributes:
        size: side of the images (3, size, size).
        resize: "crop" the middle, "pad" with black, or "squish".
        interpolation: of the resize.
        train, test: names of the two folders; train is null where the classes lie in path itself.
    """

    name: Literal["folder"]
    size: Pixels = 224
    resize: Literal["crop", "pad", "squish"] = "crop"
    interpolation: Literal["nearest", "box", "bilinear", "bicubic", "lanczos"] = "bilinear"
    train: Text | None = "train"
    test: Text = "test"

    @property
    def has_test_part(self) -> bool:
        return self.train is not None


class Pack(FileSection):
    """A zip of JPEG files with one header: see whydrop.training.readers.packs.

    Attributes: test: name of its test part.
    """

    name: Literal["pack"]
    test: Text = "test"


class Arrays(FileSection):
    """An npz file of arrays: images or other float32 inputs, and labels.

    Attributes:
        inputs, labels: names of the arrays.
        test_inputs, test_labels: likewise, of its test part; null where it has none.
        channels: where the channels of images are.
    """

    name: Literal["npz"]
    inputs: Text = "images"
    labels: Text = "labels"
    test_inputs: Text | None = None
    test_labels: Text | None = None
    channels: Literal["first", "last"] = "first"

    @property
    def has_test_part(self) -> bool:
        return self.test_inputs is not None and self.test_labels is not None


class Skeletons(FileSection):
    """An npz file of skeletons (3, frames, joints, persons).

    Attributes:
        frames: of every sequence: a longer one is cut, a shorter one filled with zeros.
        persons: bodies of every sequence. Of two, where the file has one, the second is another
            sequence of the class and part, or empty.
        empty_share: of each class, the sequences whose second body is empty: all zeros.
        train_subjects, test_subjects: numbers of the people of each part, where it has parts.
        drop_lost: leave out frames in which tracking was lost.
    """

    name: Literal["skeletons"]
    frames: Count = 64
    persons: Literal[1, 2] = 2
    empty_share: Share = 0.75
    train_subjects: Counts = (1, 3, 5, 7, 9)
    test_subjects: Counts = (2, 4, 6, 8, 10)
    drop_lost: bool = False

    @property
    def has_test_part(self) -> bool:
        return bool(self.train_subjects and self.test_subjects)


class Ntu(FileSection):
    """NTU RGB+D, skeletons (3, frames, 25, persons): a folder or zip of its text files.

    Attributes:
        frames: as of an npz file.
        persons: bodies of every sequence, the liveliest first; who is not there is zeros.
        protocol: who or what is its test part, by its authors: other people, or another camera.
    """

    name: Literal["ntu"]
    frames: Count = 64
    persons: Annotated[int, Field(ge=1, le=6)] = 2
    protocol: Literal["cross_subject", "cross_view"] = "cross_subject"


class Sbu(FileSection):
    """SBU Kinect Interaction, skeletons (3, frames, 15, 2): a folder or zip of its text files.

    Attributes:
        frames: as of an npz file.
        train_pairs, test_pairs: whose recordings each part has, such as "s01s02".
    """

    name: Literal["sbu"]
    frames: Count = 64
    train_pairs: Texts = ()
    test_pairs: Texts = ()

    @property
    def has_test_part(self) -> bool:
        return bool(self.train_pairs and self.test_pairs)


AnyData = Annotated[
    Digits | Cifar10 | Mnist | Folder | Pack | Arrays | Skeletons | Ntu | Sbu,
    Field(discriminator="name"),
]
