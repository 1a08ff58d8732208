"""fastai's simple_cnn."""

import pytest
import torch

from whydrop.core.errors import UsageError
from whydrop.training.models.simple_cnn import SimpleCNN


def test_it_has_the_weights_of_three_convolutions():
    counts = [weight.numel() for weight in SimpleCNN((3, 16, 16, 2)).parameters()]
    assert counts == [3 * 16 * 9, 16, 16 * 16 * 9, 16, 16 * 2 * 9, 2]


def test_each_layer_halves_the_image_and_no_output_is_negative():
    net = SimpleCNN((3, 16, 16, 2))
    images = torch.randn(32, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    sizes = []
    for layer in net.layers:
        layer.register_forward_hook(lambda _, __, output: sizes.append(output.shape[2]))
    assert (net(images) >= 0).all()
    assert sizes == [14, 14, 7, 7, 4, 4]


@pytest.mark.parametrize("widths", [(3,), (3, 0, 2)])
def test_widths_that_make_no_network_are_refused(widths):
    with pytest.raises(UsageError, match="width"):
        SimpleCNN(widths)
