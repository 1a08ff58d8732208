"""Pipelines as data: what is written comes back, and nothing else is accepted."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whydrop import augment
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
    SkeletonPipeline,
    Switch,
    TemporalCrop,
    TemporalResample,
)
from whydrop.augment.op import Op
from whydrop.augment.spec import (
    SCHEMA,
    from_dict,
    from_json,
    operations,
    skeletons_from_dict,
    to_dict,
    to_json,
)
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


def test_what_is_drawn_again_and_softened_is_part_of_it():
    pipeline = Pipeline(OPS, classes=10, least_visible=0.75, soften=2.5, target="soft")
    data = to_dict(pipeline)
    assert (data["least_visible"], data["soften"]) == (0.75, 2.5)
    back = from_json(to_json(pipeline))
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 16, 16), dtype=np.uint8)
    labels = np.arange(6)
    one, other = (p(images, labels, epoch=1, index=labels) for p in (pipeline, back))
    assert one.images.tobytes() == other.images.tobytes()
    assert one.targets.tobytes() == other.targets.tobytes()


def test_a_specification_without_the_newer_fields_is_read():
    data = to_dict(Pipeline(OPS, classes=10))
    del data["least_visible"], data["soften"]
    back = from_dict(data)
    assert (back.least_visible, back.soften) == (0.0, None)


def test_plain_values_give_the_same_pipeline_of_skeletons():
    pipeline = SkeletonPipeline([TemporalCrop((0.4, 0.9), 8), TemporalResample(16)], seed=3)
    back = skeletons_from_dict(to_dict(pipeline))
    assert back.ops == pipeline.ops and to_dict(back) == to_dict(pipeline)
    with pytest.raises(DataError, match="read it by skeletons_from_json"):
        from_dict(to_dict(pipeline))


def test_every_public_operation_is_named_for_the_pipelines_that_take_it():
    made = {op: getattr(augment, op) for op in augment.__all__}
    kinds = {op for op, kind in made.items() if isinstance(kind, type) and issubclass(kind, Op)}
    assert kinds == {*operations("images"), *operations("skeletons")}
    fields = {  # of those that have no default
        "PadCrop": [4], "Translate": [0.1], "Zoom": [(0.8, 1.2)], "GaussianBlur": [3],
        "Sharpen": [2.0], "Posterize": [4], "Solarize": [0.5], "Normalize": [(0.5,), (0.5,)],
        "Cutout": [4], "Switch": [MixUp(), CutMix()], "TemporalResample": [8],
    }  # fmt: skip
    for make, changes in ((Pipeline, "images"), (SkeletonPipeline, "skeletons")):
        for op in kinds:
            one = made[op](*fields.get(op, ()))
            if op in operations(changes):
                assert make([one]).ops == (one,)
            else:
                with pytest.raises(UsageError, match="on skeletons"):
                    make([one])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.data())
def test_whatever_else_stands_in_a_field_there_is_one_error_or_a_pipeline(data):
    made = to_dict(Pipeline(OPS, classes=10, least_visible=0.5, soften=1.0))
    op = data.draw(st.sampled_from([made, *made["ops"], made["ops"][-1]["first"]]))
    op[data.draw(st.sampled_from(sorted(op)))] = data.draw(VALUES)
    try:
        pipeline = from_json(json.dumps(made))
    except (DataError, UsageError) as error:
        assert error.do
    else:
        assert to_dict(from_json(to_json(pipeline))) == to_dict(pipeline)


def of(*ops, **fields):
    return {"schema": SCHEMA, "ops": list(ops), **fields}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the schema is 'list'"),
        ({"ops": []}, "the schema is None"),
        ({"schema": "whydrop.augment/2", "ops": []}, "whydrop.augment/1"),
        (of(sed=1), "did you mean seed"),
        (of(seed="1"), "seed is '1'"),
        (of(classes=True), "classes is True"),
        (of(smoothing=None), "smoothing is None"),
        (of(soften="much"), "soften is 'much'"),
        (of({"op": "Cutout", "size": 1 << 31}), "size is beyond all bounds"),
        (of({"op": "Normalize", "mean": "abc", "std": "abc"}), "could not convert"),
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
    with pytest.raises(UsageError, match="least_visible is 2"):
        from_dict(of(least_visible=2))


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 10_000])
def test_json_beyond_all_bounds_is_refused(text):
    with pytest.raises(DataError, match="no JSON of a pipeline"):
        from_json(text)
