"""Batched, per-sample, reproducible augmentation and mixing."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _HOME says, in the form that type checkers and editors read
    from whydrop.augment.batch import Batch as Batch
    from whydrop.augment.cutmix import CutMix as CutMix
    from whydrop.augment.importers.albumentations import from_albumentations as from_albumentations
    from whydrop.augment.importers.imported import Imported as Imported
    from whydrop.augment.importers.keras import from_keras as from_keras
    from whydrop.augment.importers.torchvision import from_torchvision as from_torchvision
    from whydrop.augment.loss import MixLoss as MixLoss
    from whydrop.augment.mixed_accuracy import mixed_accuracy as mixed_accuracy
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
    from whydrop.augment.spec import from_json as from_json
    from whydrop.augment.spec import to_json as to_json
    from whydrop.augment.switch import Switch as Switch
    from whydrop.augment.targets import Mixed as Mixed
    from whydrop.augment.visible import visible_share as visible_share

# Public names and their homes; each is loaded on first use.
_HOME = {
    "Affine": "whydrop.augment.ops.affine",
    "AutoContrast": "whydrop.augment.ops.autocontrast",
    "Batch": "whydrop.augment.batch",
    "BrightnessContrast": "whydrop.augment.ops.brightness_contrast",
    "ColorJitter": "whydrop.augment.ops.color_jitter",
    "CutMix": "whydrop.augment.cutmix",
    "Cutout": "whydrop.augment.ops.cutout",
    "Equalize": "whydrop.augment.ops.equalize",
    "GaussianBlur": "whydrop.augment.ops.blur",
    "Greyscale": "whydrop.augment.ops.greyscale",
    "HorizontalFlip": "whydrop.augment.ops.flip",
    "Imported": "whydrop.augment.importers.imported",
    "MixLoss": "whydrop.augment.loss",
    "MixUp": "whydrop.augment.mixup",
    "Mixed": "whydrop.augment.targets",
    "Normalize": "whydrop.augment.ops.normalize",
    "PadCrop": "whydrop.augment.ops.pad_crop",
    "Pipeline": "whydrop.augment.pipeline",
    "Posterize": "whydrop.augment.ops.posterize",
    "RandAugment": "whydrop.augment.ops.rand_augment",
    "RandomErasing": "whydrop.augment.ops.random_erasing",
    "ResizedCrop": "whydrop.augment.ops.resized_crop",
    "Sharpen": "whydrop.augment.ops.sharpen",
    "Solarize": "whydrop.augment.ops.solarize",
    "Switch": "whydrop.augment.switch",
    "Translate": "whydrop.augment.ops.translate",
    "TrivialAugment": "whydrop.augment.ops.trivial_augment",
    "VerticalFlip": "whydrop.augment.ops.flip",
    "Zoom": "whydrop.augment.ops.zoom",
    "from_albumentations": "whydrop.augment.importers.albumentations",
    "from_json": "whydrop.augment.spec",
    "from_keras": "whydrop.augment.importers.keras",
    "from_torchvision": "whydrop.augment.importers.torchvision",
    "mixed_accuracy": "whydrop.augment.mixed_accuracy",
    "to_json": "whydrop.augment.spec",
    "visible_share": "whydrop.augment.visible",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whydrop.augment' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
