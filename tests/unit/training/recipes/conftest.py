"""What tests of recipes share."""

import pytest
from tests.fixtures.small_recipe import plain, written_images, written_skeletons


@pytest.fixture(scope="package")
def images_file(tmp_path_factory):
    return written_images(tmp_path_factory.mktemp("data") / "images.npz")


@pytest.fixture
def recipe(images_file):
    """Return the values of a small recipe; keyword arguments replace sections."""

    def make(**parts):
        return plain(images_file, **parts)

    return make


@pytest.fixture(scope="package")
def skeletons_file(tmp_path_factory):
    return written_skeletons(tmp_path_factory.mktemp("data") / "skeletons.npz")
