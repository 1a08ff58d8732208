"""What is a recipe, told without reading it as one."""

import pytest

from whydrop.training.recipes.kind import is_recipe


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schema: whydrop.recipe/1\n", True),
        ("schema: whydrop.recipe/7\nunknown: 1\n", True),
        ("schema: other/1\n", False),
        ("lr: 0.1\n", False),
        ("schema: 1\n", False),
        ("- a\n", False),
        ("schema: [", False),
    ],
)
def test_a_file_is_known_by_its_schema_alone(text, told, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(text)
    assert is_recipe(file) is told
    assert is_recipe(str(file)) is told


@pytest.mark.parametrize("side", ["python train.py", "none.yaml", None, 3, {"lr": 1}])
def test_what_is_no_file_of_a_recipe_is_none(side):
    assert not is_recipe(side)


def test_a_mapping_may_be_one():
    assert is_recipe({"schema": "whydrop.recipe/1"})
