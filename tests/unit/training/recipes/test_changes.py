"""One value of a recipe said otherwise."""

import pytest

from whydrop.core.errors import DataError, UsageError
from whydrop.training.recipes.changes import changed

DATA = {
    "optimizer": {"name": "sgd"},
    "augment": {"ops": [{"op": "Cutout", "size": 8}, {"op": "MixUp"}, {"op": "Cutout", "size": 4}]},
}


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ("optimizer.lr=0.1", ("optimizer", "lr"), 0.1),
        ("train.epochs=3", ("train", "epochs"), 3),
        ("output=softmax", ("output",), "softmax"),
        ("a.b=x=y", ("a", "b"), "x=y"),
        ("optimizer={name: adam, betas: [0.9, 0.99]}", ("optimizer",),
         {"name": "adam", "betas": [0.9, 0.99]}),
        ("augment.Cutout.size=2", ("augment", "ops", 0, "size"), 2),
        ("augment.Cutout 2.size=2", ("augment", "ops", 2, "size"), 2),
        ("augment.ops[1].alpha=0.4", ("augment", "ops", 1, "alpha"), 0.4),
        ("augment.1.alpha=0.4", ("augment", "ops", 1, "alpha"), 0.4),
        ("augment.order=as given", ("augment", "order"), "as given"),
        ("data.expand=null", ("data", "expand"), None),
    ],
)  # fmt: skip
def test_a_change_sets_one_value_and_leaves_the_rest(change, path, value):
    found = changed(DATA, change)
    for key in path:
        found = found[key]
    assert found == value
    assert "lr" not in DATA["optimizer"] and DATA["augment"]["ops"][0] == {
        "op": "Cutout",
        "size": 8,
    }


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("optimizer.lr", "has no KEY=VALUE form"),
        ("=3", "has no KEY=VALUE form"),
        ("a..b=3", "has no KEY=VALUE form"),
        ("optimizer.name.lr=3", "'name' is 'sgd' and holds no keys"),
        ("augment.Cutuot.size=3", "no 'Cutuot' in this list"),
        ("augment.ops.7.size=3", "no '7' in this list"),
    ],
)
def test_a_change_that_has_no_place_is_refused(change, what):
    with pytest.raises(UsageError) as caught:
        changed(DATA, change)
    assert what in caught.value.what
    assert caught.value.do


def test_a_value_that_would_build_an_object_is_refused():
    with pytest.raises(DataError, match="not safe YAML"):
        changed(DATA, "a=!!python/object/apply:os.system [ls]")
