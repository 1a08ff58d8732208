"""EfficientNet-Lite0: its padding by the formula, its weights, and what it recognises."""

import io
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from whydrop.core.errors import DataError, UsageError
from whydrop.training.models.efficientnet_lite0 import (
    EfficientNetLite0,
    SameConv,
    load_imagenet,
)

WEIGHTS = "efficientnet-lite0-imagenet.safetensors"
# Classes of Caltech-101 and the number of each in ImageNet.
KNOWN = {"grand_piano": 579, "revolver": 763, "dalmatian": 251, "soccer_ball": 805, "umbrella": 879}


@pytest.mark.parametrize(
    ("size", "kernel", "before", "after"),
    [(8, 3, 0, 1), (9, 3, 1, 1), (8, 5, 1, 2), (7, 5, 2, 2)],
)
def test_padding_at_stride_2_puts_the_odd_pixel_at_the_end(size, kernel, before, after):
    conv = SameConv(1, 1, kernel, stride=2, bias=False)
    image = torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(image, (before, after, before, after))
    expected = torch.nn.functional.conv2d(padded, conv.weight, stride=2)
    torch.testing.assert_close(conv(image), expected)
    assert expected.shape[2] == -(-size // 2)


def test_it_has_as_many_weights_as_its_authors_say():
    assert sum(w.numel() for w in EfficientNetLite0(1000).parameters()) == 4_652_008


def test_a_block_is_skipped_or_counts_for_more_so_that_the_mean_stays():
    torch.manual_seed(0)
    block = EfficientNetLite0(2, skipped=0.5).blocks[2].eval()
    assert block.residual and block.skipped == pytest.approx(0.5 * 2 / 16)
    image = torch.randn(1, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    branch = block(image) - image
    block.training = True  # its BatchNorm stays in evaluation
    added = block(image.expand(800, -1, -1, -1)) - image
    kept = added.flatten(1).ne(0).any(1)
    torch.testing.assert_close(added[kept], (branch / (1 - 1 / 16)).expand_as(added[kept]))
    assert abs(kept.float().mean().item() - 15 / 16) < 4 * (15 / 16 / 16 / 800) ** 0.5


def photos(zip_file, name, count):
    from PIL import Image

    files = [f for f in zip_file.namelist() if f.startswith(f"test/{name}/")][:count]
    for file in files:
        picture = Image.open(io.BytesIO(zip_file.read(file))).convert("RGB")
        side = min(picture.size)
        left, top = ((length - side) // 2 for length in picture.size)
        square = picture.crop((left, top, left + side, top + side))
        yield np.moveaxis(np.asarray(square.resize((224, 224), Image.Resampling.BICUBIC)), 2, 0)


def test_its_weights_recognise_photos_of_classes_of_imagenet(real_data):
    model = EfficientNetLite0(1000)
    load_imagenet(model, real_data / WEIGHTS)
    model.eval()
    right = total = 0
    with zipfile.ZipFile(real_data / "caltech101-96px.zip") as file, torch.inference_mode():
        for name, label in KNOWN.items():
            images = torch.from_numpy(np.stack(list(photos(file, name, 4)))).float()
            found = model((images - 127) / 128).argmax(1)
            right, total = right + int((found == label).sum()), total + len(images)
    assert total == 20
    # 189 of 240 are right where these weights come from; fewer than 12 of 20 had chance 0.01
    assert right >= 12


def test_for_other_classes_all_but_the_last_layer_is_loaded(real_data):
    model = EfficientNetLite0(7)
    last = model.classifier.weight.clone()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    load_imagenet(model, real_data / WEIGHTS)
    assert torch.equal(model.classifier.weight, last)
    same = [
        name
        for name, value in model.state_dict().items()
        if torch.equal(value, before[name]) and not name.startswith("classifier")
    ]
    assert all(name.endswith("num_batches_tracked") for name in same)


def test_arrays_that_do_not_fit_are_refused_by_name(tmp_path):
    file = tmp_path / "w.safetensors"
    save_file({"_conv_stem.weight": torch.zeros(3), "_fc.bias": torch.zeros(1000)}, file)
    with pytest.raises(DataError, match="arrays do not fit") as caught:
        load_imagenet(EfficientNetLite0(1000), file)
    assert str(file) in caught.value.where


def test_no_file_and_no_weights_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no file with weights"):
        load_imagenet(EfficientNetLite0(10), tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"not weights")
    with pytest.raises(DataError, match="no weights in safetensors"):
        load_imagenet(EfficientNetLite0(10), tmp_path / "bad.safetensors")
