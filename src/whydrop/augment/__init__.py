"""Batched, per-sample, reproducible augmentation and mixing.

What is in it, by what it is for: the table ``_HOME`` below, and ``docs/augment.md``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _HOME says, in the form that type checkers and editors read
    from whydrop.augment.accuracy import mixed_accuracy as mixed_accuracy
    from whydrop.augment.batch import Batch as Batch
    from whydrop.augment.cutmix import CutMix as CutMix
    from whydrop.augment.expansion.expand import Expansion as Expansion
    from whydrop.augment.expansion.expand import expand_to as expand_to
    from whydrop.augment.expansion.plan import plan_expansion as plan_expansion
    from whydrop.augment.expansion.sampler import BalancedSampler as BalancedSampler
    from whydrop.augment.frameworks.collate import Collate as Collate
    from whydrop.augment.frameworks.indexed import Indexed as Indexed
    from whydrop.augment.frameworks.keras import keras_evaluation as keras_evaluation
    from whydrop.augment.frameworks.keras import keras_training as keras_training
    from whydrop.augment.frameworks.lightning import lightning_callback as lightning_callback
    from whydrop.augment.frameworks.order import EpochOrder as EpochOrder
    from whydrop.augment.importers.albumentations import from_albumentations as from_albumentations
    from whydrop.augment.importers.imported import Imported as Imported
    from whydrop.augment.importers.keras import from_keras as from_keras
    from whydrop.augment.importers.torchvision import from_torchvision as from_torchvision
    from whydrop.augment.loss import MixLoss as MixLoss
    from whydrop.augment.mixup import MixUp as MixUp
    from whydrop.augment.ops.affine import Affine as Affine
    from whydrop.augment.ops.autocontrast import AutoContrast as AutoContrast
    from whydrop.augment.ops.blur import GaussianBlur as GaussianBlur
    from whydrop.augment.ops.brightness_contrast import BrightnessContrast as BrightnessContrast
    from whydrop.augment.ops.color_jitter import ColorJitter as ColorJitter
    from whydrop.augment.ops.cutout import Cutout as Cutout
    from whydrop.augment.ops.equalize import Equalize as Equalize
    from whydrop.augment.ops.flip import HorizontalFlip as HorizontalFlip
    from whydrop.augment.ops.flip import VerticalFlip as VerticalFlip
    from whydrop.augment.ops.greyscale import Greyscale as Greyscale
    from whydrop.augment.ops.normalize import Normalize as Normalize
    from whydrop.augment.ops.pad_crop import PadCrop as PadCrop
    from whydrop.augment.ops.posterize import Posterize as Posterize
    from whydrop.augment.ops.rand_augment import RandAugment as RandAugment
    from whydrop.augment.ops.random_erasing import RandomErasing as RandomErasing
    from whydrop.augment.ops.resized_crop import ResizedCrop as ResizedCrop
    from whydrop.augment.ops.sharpen import Sharpen as Sharpen
    from whydrop.augment.ops.solarize import Solarize as Solarize
    from whydrop.augment.ops.translate import Translate as Translate
    from whydrop.augment.ops.trivial_augment import TrivialAugment as TrivialAugment
    from whydrop.augment.ops.zoom import Zoom as Zoom
    from whydrop.augment.pipeline import Pipeline as Pipeline
    from whydrop.augment.previews import Preview as Preview
    from whydrop.augment.previews import preview as preview
    from whydrop.augment.skeletons.crop import TemporalCrop as TemporalCrop
    from whydrop.augment.skeletons.jitter import JointJitter as JointJitter
    from whydrop.augment.skeletons.pipeline import SkeletonBatch as SkeletonBatch
    from whydrop.augment.skeletons.pipeline import SkeletonPipeline as SkeletonPipeline
    from whydrop.augment.skeletons.resample import TemporalResample as TemporalResample
    from whydrop.augment.skeletons.rotation import VerticalRotation as VerticalRotation
    from whydrop.augment.spec import from_json as from_json
    from whydrop.augment.spec import skeletons_from_json as skeletons_from_json
    from whydrop.augment.spec import to_json as to_json
    from whydrop.augment.switch import Switch as Switch
    from whydrop.augment.targets import Mixed as Mixed
    from whydrop.augment.visible import VisibilityWarning as VisibilityWarning
    from whydrop.augment.visible import hidden_share as hidden_share
    from whydrop.augment.visible import visible_share as visible_share
    from whydrop.augment.visible import visible_warning as visible_warning

# Public names and their homes; each is loaded on first use.
_HOME = {
    # pipelines, and what they return
    "Pipeline": "whydrop.augment.pipeline",
    "Batch": "whydrop.augment.batch",
    "SkeletonPipeline": "whydrop.augment.skeletons.pipeline",
    "SkeletonBatch": "whydrop.augment.skeletons.pipeline",
    # geometry
    "PadCrop": "whydrop.augment.ops.pad_crop",
    "ResizedCrop": "whydrop.augment.ops.resized_crop",
    "HorizontalFlip": "whydrop.augment.ops.flip",
    "VerticalFlip": "whydrop.augment.ops.flip",
    "Translate": "whydrop.augment.ops.translate",
    "Affine": "whydrop.augment.ops.affine",
    "Zoom": "whydrop.augment.ops.zoom",
    # colour, policies, Normalize
    "ColorJitter": "whydrop.augment.ops.color_jitter",
    "BrightnessContrast": "whydrop.augment.ops.brightness_contrast",
    "Greyscale": "whydrop.augment.ops.greyscale",
    "GaussianBlur": "whydrop.augment.ops.blur",
    "Sharpen": "whydrop.augment.ops.sharpen",
    "Posterize": "whydrop.augment.ops.posterize",
    "Solarize": "whydrop.augment.ops.solarize",
    "Equalize": "whydrop.augment.ops.equalize",
    "AutoContrast": "whydrop.augment.ops.autocontrast",
    "RandAugment": "whydrop.augment.ops.rand_augment",
    "TrivialAugment": "whydrop.augment.ops.trivial_augment",
    "Normalize": "whydrop.augment.ops.normalize",
    # erasing and mixing
    "Cutout": "whydrop.augment.ops.cutout",
    "RandomErasing": "whydrop.augment.ops.random_erasing",
    "MixUp": "whydrop.augment.mixup",
    "CutMix": "whydrop.augment.cutmix",
    "Switch": "whydrop.augment.switch",
    # skeletons
    "TemporalCrop": "whydrop.augment.skeletons.crop",
    "TemporalResample": "whydrop.augment.skeletons.resample",
    "VerticalRotation": "whydrop.augment.skeletons.rotation",
    "JointJitter": "whydrop.augment.skeletons.jitter",
    # mixed targets
    "Mixed": "whydrop.augment.targets",
    "MixLoss": "whydrop.augment.loss",
    "mixed_accuracy": "whydrop.augment.accuracy",
    # what a pipeline does, and how much it leaves to see
    "preview": "whydrop.augment.previews",
    "Preview": "whydrop.augment.previews",
    "visible_share": "whydrop.augment.visible",
    "hidden_share": "whydrop.augment.visible",
    "visible_warning": "whydrop.augment.visible",
    "VisibilityWarning": "whydrop.augment.visible",
    # in a loop: where the samples' positions and epochs come from
    "Indexed": "whydrop.augment.frameworks.indexed",
    "EpochOrder": "whydrop.augment.frameworks.order",
    "Collate": "whydrop.augment.frameworks.collate",
    "lightning_callback": "whydrop.augment.frameworks.lightning",
    "keras_training": "whydrop.augment.frameworks.keras",
    "keras_evaluation": "whydrop.augment.frameworks.keras",
    # the same number of images a class
    "plan_expansion": "whydrop.augment.expansion.plan",
    "expand_to": "whydrop.augment.expansion.expand",
    "Expansion": "whydrop.augment.expansion.expand",
    "BalancedSampler": "whydrop.augment.expansion.sampler",
    # as data, and from another library
    "to_json": "whydrop.augment.spec",
    "from_json": "whydrop.augment.spec",
    "skeletons_from_json": "whydrop.augment.spec",
    "from_torchvision": "whydrop.augment.importers.torchvision",
    "from_albumentations": "whydrop.augment.importers.albumentations",
    "from_keras": "whydrop.augment.importers.keras",
    "Imported": "whydrop.augment.importers.imported",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whydrop.augment' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
