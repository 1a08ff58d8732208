"""Pipelines as data: what is written comes back, and nothing else is accepted."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whydrop.augment import (
    Affine,
    ColorJitter,
    CutMix,
    Cutout,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    Switch,
)
from whydrop.augment.spec import SCHEMA, from_dict, from_json, to_dict, to_json
from whydrop.core.errors import DataError, UsageError

OPS = [
    PadCrop(2, "reflect"),
    HorizontalFlip(0.3),
    Affine(10, 0.1, (0.9, 1.2), 5),
    ColorJitter((0.5, 1.5), 0.2, 0.1, 0.05),
    Normalize.preset("imagenet"),
    Cutout(5, holes=2),
    Switch(MixUp(0.4), CutMix(0.7), 0.25),
]


@given(st.sets(st.integers(0, len(OPS) - 1)), st.integers(0, 2**31))
def test_json_both_ways_gives_the_same_pipeline(chosen, seed):
    pipeline = Pipeline([OPS[i] for i in sorted(chosen)], classes=10, seed=seed)
    back = from_json(to_json(pipeline))
    assert back.ops == pipeline.ops
    assert to_dict(back) == to_dict(pipeline)


def test_a_pipeline_that_was_read_makes_the_same_bytes():
    pipeline = Pipeline(OPS, classes=10, seed=5)
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 16, 16), dtype=np.uint8)
    labels = np.arange(6)
    one, other = (
        p(images, labels, epoch=1, index=labels).images
        for p in (pipeline, from_json(to_json(pipeline)))
    )
    assert one.tobytes() == other.tobytes()


def of(*ops, **fields):
    return {"schema": SCHEMA, "ops": list(ops), **fields}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the schema is 'list'"),
        ({"ops": []}, "the schema is None"),
        ({"schema": "whydrop.augment/2", "ops": []}, "whydrop.augment/1"),
        (of(sed=1), "did you mean seed"),
        ({"schema": SCHEMA}, "ops is not a list"),
        (of({"op": "padcrop"}), "did you mean PadCrop"),
        (of({"op": "Pipeline"}), "no operation 'Pipeline'"),
        (of({"op": "__import__"}), "no operation"),
        (of("PadCrop"), "no operation"),
        (of({"op": "PadCrop", "pads": 4}), "did you mean pad"),
        (of({"op": "PadCrop"}), "missing 1 required"),
        (of({"op": "Switch", "first": {"op": "MixUp"}, "second": {"op": "Mix"}}), "'Mix'"),
    ],
)
def test_what_is_no_specification_is_refused(data, message):
    with pytest.raises(DataError, match=message):
        from_dict(data)


def test_values_are_checked_as_in_python():
    with pytest.raises(UsageError, match="pad is -1"):
        from_dict(of({"op": "PadCrop", "pad": -1}))
    with pytest.raises(DataError, match="line 1"):
        from_json("{")
    with pytest.raises(UsageError):
        from_json(json.dumps(of({"op": "MixUp", "alpha": "1"})))
