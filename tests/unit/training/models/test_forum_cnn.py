"""The network of the question, layer by layer."""

import pytest
import torch
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.models.forum_cnn import ForumCNN


def test_it_has_the_questions_numbers_of_weights():
    convolutions = (3 * 9 + 1) * 64 + (64 * 9 + 1) * 128 + (128 * 9 + 1) * 256
    batchnorms, linear = 2 * (64 + 128 + 256), (256 + 1) * 10
    total = sum(weight.numel() for weight in ForumCNN(10).parameters())
    assert total == convolutions + batchnorms + linear


def test_on_images_of_32_pixels_the_mean_is_an_average_pool_of_8():
    net = ForumCNN(10, width=0.125).eval().double()
    for weight in net.parameters():
        nn.init.normal_(weight, generator=torch.Generator().manual_seed(weight.numel()))
    theirs = nn.Sequential(
        net.conv1, net.bn1, nn.ReLU(), nn.MaxPool2d(2),
        net.conv2, net.bn2, nn.ReLU(), nn.MaxPool2d(2),
        net.conv3, net.bn3, nn.ReLU(), nn.AvgPool2d(8), nn.Flatten(), net.linear,
    )  # fmt: skip
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    torch.testing.assert_close(net(images), theirs(images))


def test_no_class_is_refused():
    with pytest.raises(UsageError, match="classes is 0"):
        ForumCNN(0)
