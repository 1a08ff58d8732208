"""The port beside the network in Keras whose weights it gets."""

import numpy as np
import pytest
import torch

from whydrop.core.errors import UsageError
from whydrop.training.models.keras_port_cnn import KerasPortCNN


def test_with_the_weights_of_keras_it_returns_what_keras_returns(keras_numbers):
    net = KerasPortCNN(4, shape=(3, 21, 18), filters=(4, 6))
    weights = [keras_numbers[f"net/{position}"] for position in range(6)]
    layers = (net.blocks[0], net.blocks[3], net.dense)
    for layer, kernel, bias in zip(layers, weights[::2], weights[1::2], strict=True):
        # kernels (h, w, in, out) and (in, out); the rows of dense stay in their order
        turned = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
        layer.weight.data = torch.from_numpy(np.ascontiguousarray(turned))
        layer.bias.data = torch.from_numpy(bias)
    images = torch.from_numpy(keras_numbers["net/inputs"]).permute(0, 3, 1, 2)
    outputs = net(images).detach().numpy()
    np.testing.assert_allclose(outputs, keras_numbers["net/outputs"], rtol=1e-4, atol=1e-4)


def test_images_that_are_too_small_are_refused():
    with pytest.raises(UsageError, match="images of 8 x 8 are too small for 2 blocks"):
        KerasPortCNN(4, shape=(3, 8, 8), filters=(4, 6))
