"""Recipe: all that sets a training, as frozen plain values with their defaults."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from whydrop.training.recipes.operations import completed

SCHEMA = "whydrop.recipe/1"

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
Ops = Annotated[tuple[Op, ...], Strict(False)]


class Section(BaseModel):
    """What all parts of a recipe share: frozen, and no key is left unread."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )


# -- data --------------------------------------------------------------------------------------


class Expand(Section):
    """The training set made larger before the training, by copies that are drawn once.

    Attributes:
        per_class: images that each class has afterwards; a class with more keeps them all.
        ops: what copies go through, as in ``augment``; none repeats the images as they are.
        jpeg_quality: of the copies written as JPEG files and read again; null keeps their pixels.
        size: side to which copies are resized before they are kept, and back to the training's
            size when they are read; null leaves them as they are.
        seed: of the draws.
    """

    per_class: Count
    ops: Ops = ()
    jpeg_quality: Annotated[int, Field(ge=1, le=100)] | None = None
    size: Count | None = None
    seed: Seed = 0


class DataSection(Section):
    """What every data set has.

    Attributes:
        classes: names of those to keep, in the order of their new labels; null keeps all.
        valid: "test", the data set's own test part, or "split", a share of its training part.
        valid_share: of each class of the training part, for "split".
        split_seed: which samples that share has, and which ones ``fraction`` keeps.
        valid_transform: "clean", or "training": validation images are changed at random too, as
            happens where both parts are loaded by one data set object.
        fraction: of the samples to train on; a smaller one is contained in a larger.
        expand: makes the training part larger; null leaves it.
    """

    classes: Texts | None = None
    valid: Literal["test", "split"] = "split"
    valid_share: Annotated[float, Field(gt=0, lt=1)] = 0.1
    split_seed: Seed = 0
    valid_transform: Literal["clean", "training"] = "clean"
    fraction: Part = 1.0
    expand: Expand | None = None


class FileSection(DataSection):
    """Attributes: path: absolute, or below the folder that WHYDROP_DATA names."""

    path: Text


class Digits(DataSection):
    """The 1,797 scanned digits of scikit-learn, images (1, 8, 8); half of them is its test part."""

    name: Literal["digits"]


class Cifar10(FileSection):
    """CIFAR-10, images (3, 32, 32): its folder of binary batches, or a zip of JPEG files."""

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

    Attributes: size: side of the images (3, size, size).
    """

    name: Literal["folder"]
    size: Count = 224


class Arrays(FileSection):
    """An npz file with inputs and labels."""

    name: Literal["npz"]


class Skeletons(FileSection):
    """An npz file of skeletons (3, frames, joints, persons).

    Attributes:
        frames: sequences are cut or padded to so many.
        persons: bodies of each; those who are not there are zeros.
    """

    name: Literal["skeletons"]
    frames: Count = 64
    persons: Count = 2


AnyData = Annotated[
    Digits | Cifar10 | Mnist | Folder | Arrays | Skeletons, Field(discriminator="name")
]


# -- model -------------------------------------------------------------------------------------


class ForumCNN(Section):
    """See whydrop.training.models.forum_cnn."""

    name: Literal["forum_cnn"]
    width: Positive = 1.0


class SimpleCNN(Section):
    """See whydrop.training.models.simple_cnn.

    Attributes: hidden: channels between those of the images and the classes.
    """

    name: Literal["simple_cnn"]
    hidden: Counts = (16, 16)


class MLP(Section):
    """See whydrop.training.models.mlp."""

    name: Literal["mlp"]
    hidden: Counts = (128,)
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class KerasPortCNN(Section):
    """See whydrop.training.models.keras_port_cnn."""

    name: Literal["keras_port_cnn"]
    filters: Counts = (32, 64)


class SkeletonNet(Section):
    """See whydrop.training.models.skeleton_net."""

    name: Literal["skeleton_net"]
    norm: Literal["none", "shared", "per_person", "joined"] = "none"
    empty_bodies: Literal["counted", "left_out"] = "counted"
    dropout: Literal["dropout", "dropout2d", "none"] = "dropout"
    rate: Annotated[float, Field(ge=0, lt=1)] = 0.5
    evaluation_stops_momentum: bool = False


class EfficientNetLite0(Section):
    """See whydrop.training.models.efficientnet_lite0.

    Attributes: weights: a safetensors file, as ``path`` of data; null begins from nothing.
    """

    name: Literal["efficientnet_lite0"]
    weights: Text | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2
    skipped: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Own(Section):
    """A network of yours.

    Attributes:
        callable: ``package.module:callable``; it returns a torch.nn.Module. The module must be
            allowed: see whydrop.training.models.named.
        options: what it is called with.
    """

    name: Literal["own"]
    callable: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")]
    options: dict[str, Any] = {}


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


class BatchNorm(Section):
    """BatchNorm of the whole network; null leaves what the network has.

    Attributes:
        momentum: share of a new batch in the running averages, or "cumulative" for their plain
            mean. Keras's 0.99 is 0.01 here.
        eps: added to each variance.
        frozen: running averages are used in training too, and stay as they are.
        evaluation: "running" averages, or the statistics of each "batch".
    """

    momentum: Share | Literal["cumulative"] | None = None
    eps: Positive | None = None
    frozen: bool = False
    evaluation: Literal["running", "batch"] = "running"


# -- loss and optimiser ------------------------------------------------------------------------


class Loss(Section):
    """What is made small.

    Attributes:
        name: "cross_entropy", which applies log-softmax itself and so wants logits;
            "categorical_cross_entropy", Keras's, which wants probabilities; "mse", the mean
            squared distance of what the model returns from rows of 0 and 1.
        label_smoothing: share of each label that is spread over all classes.
    """

    name: Literal["cross_entropy", "categorical_cross_entropy", "mse"] = "cross_entropy"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Penalty(Section):
    """Weights that add to the loss: see whydrop.training.penalties."""

    kind: Literal["none", "squares", "norm"] = "none"
    strength: NotNegative = 5e-4


class Optimizer(Section):
    """What every optimiser has.

    Attributes:
        lr: of the last layer, and of all if ``backbone_lr`` is 1.
        backbone_lr: factor of it for all layers but the last.
        weight_decay: of the weights that decay.
        decay_scope: "all" weights, or the "kernels" of convolutions and linear layers.
        decay: "coupled", through the gradient, or "decoupled", beside it; AdamW's is decoupled.
    """

    lr: Positive
    backbone_lr: Positive = 1.0
    weight_decay: NotNegative = 0.0
    decay_scope: Literal["all", "kernels"] = "all"


class Sgd(Optimizer):
    """torch.optim.SGD."""

    name: Literal["sgd"]
    lr: Positive = 0.01
    decay: Decay = "coupled"
    momentum: Share = 0.0
    dampening: Share = 0.0
    nesterov: bool = False


class Adam(Optimizer):
    """torch.optim.Adam.

    Attributes: eps_place: see whydrop.training.optimisers; Keras has 1e-7, "uncorrected".
    """

    name: Literal["adam"]
    lr: Positive = 0.001
    decay: Decay = "coupled"
    betas: Pair = (0.9, 0.999)
    eps: Positive = 1e-8
    eps_place: Literal["corrected", "uncorrected"] = "corrected"
    amsgrad: bool = False


class AdamW(Optimizer):
    """torch.optim.AdamW, which is Adam with decoupled decay."""

    name: Literal["adamw"]
    lr: Positive = 0.001
    weight_decay: NotNegative = 0.01
    betas: Pair = (0.9, 0.999)
    eps: Positive = 1e-8
    eps_place: Literal["corrected", "uncorrected"] = "corrected"
    amsgrad: bool = False


class RmsProp(Optimizer):
    """torch.optim.RMSprop."""

    name: Literal["rmsprop"]
    lr: Positive = 0.01
    decay: Decay = "coupled"
    alpha: Share = 0.99
    eps: Positive = 1e-8
    momentum: Share = 0.0
    centered: bool = False


class Adagrad(Optimizer):
    """torch.optim.Adagrad."""

    name: Literal["adagrad"]
    lr: Positive = 0.01
    decay: Decay = "coupled"
    lr_decay: NotNegative = 0.0
    initial_accumulator_value: NotNegative = 0.0
    eps: Positive = 1e-10


AnyOptimizer = Annotated[Sgd | Adam | AdamW | RmsProp | Adagrad, Field(discriminator="name")]


class Constant(Section):
    """One learning rate.

    Attributes: warmup: epochs in which it rises to that from a tenth.
    """

    name: Literal["constant"]
    warmup: NotNegative = 0.0


class Step(Section):
    """A learning rate that is multiplied by gamma after every so many epochs."""

    name: Literal["step"]
    warmup: NotNegative = 0.0
    every: Count | Counts
    gamma: Positive = 0.1


class Cosine(Section):
    """Half a cosine over the epochs, down to a share of the learning rate."""

    name: Literal["cosine"]
    warmup: NotNegative = 0.0
    end: Share = 0.0


class OneCycle(Section):
    """Up and down once, over the epochs: see whydrop.training.schedules."""

    name: Literal["one_cycle"]
    rises: Share = 0.3


AnySchedule = Annotated[Constant | Step | Cosine | OneCycle, Field(discriminator="name")]


# -- augmentation, metrics, training -----------------------------------------------------------


class Augment(Section):
    """What training images go through: the form of ``whydrop.augment.to_json``.

    Attributes:
        ops: in order, each with its name under ``op`` and its fields.
        order: "safe", or "as given" to repeat published code.
        target: "pairs" or "soft", what mixed labels are given as.
        smoothing: of soft labels.
    """

    ops: Ops = ()
    order: Literal["safe", "as given"] = "safe"
    target: Literal["pairs", "soft"] = "pairs"
    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Metrics(Section):
    """What is told of the validation samples, as shares.

    Attributes:
        report: the accuracy that this program reports; ``explain`` studies it.
        also: told beside it.
    """

    report: Text = "top1"
    also: Texts = ()


class Train(Section):
    """How long, in what portions.

    Attributes:
        layers: "all", "last", or "from NAME": see whydrop.training.trainable.
        dtype: of the calculation; the 16-bit ones are mixed with float32.
        seed: of all chance, unless another is given.
    """

    epochs: Count
    batch_size: Count = 128
    drop_last: bool = False
    layers: Annotated[str, Field(pattern=r"^(all|last|from [\w.]+)$")] = "all"
    dtype: Literal["float32", "float64", "bfloat16", "float16"] = "float32"
    seed: Seed = 0


class Recipe(Section):
    """All that sets a training.

    Attributes:
        output: what the model returns, "logits" or, by a softmax at its end, probabilities.
        initialisation: see whydrop.training.initialisers.

    Raises:
        ValidationError: an unknown key, a value of the wrong kind, or a combination that makes
            no sense. ``whydrop.training.recipes.load`` says it in words.
    """

    schema_: Literal["whydrop.recipe/1"] = Field(alias="schema")
    data: AnyData
    model: AnyModel
    output: Literal["logits", "softmax"] = "logits"
    initialisation: Literal["torch", "keras", "kaiming_normal"] = "torch"
    batchnorm: BatchNorm = BatchNorm()
    loss: Loss = Loss()
    penalty: Penalty = Penalty()
    optimizer: AnyOptimizer
    schedule: AnySchedule = Constant(name="constant")
    augment: Augment = Augment()
    metrics: Metrics = Metrics()
    train: Train

    def plain(self) -> dict[str, Any]:
        """Return the recipe as JSON-like values, with every default."""
        return self.model_dump(mode="json", by_alias=True)
