"""Operations as a recipe has them."""

import pytest
from pydantic_core import PydanticCustomError

from whydrop.augment import Cutout, JointJitter, Normalize, PadCrop, SkeletonPipeline
from whydrop.training.recipes.operations import (
    completed,
    frames_after,
    names_of,
    pipeline_of,
    skeleton_pipeline_of,
    staged,
)


def test_names_are_those_of_a_pipeline():
    ops = [{"op": "Cutout", "size": 4}, {"op": "Cutout", "size": 8}]
    assert tuple(names_of(ops)) == pipeline_of(ops).names


def test_an_operation_gets_the_fields_that_it_has():
    assert completed({"op": "PadCrop", "pad": 4}) == {"op": "PadCrop", **vars(PadCrop(4))}


@pytest.mark.parametrize("op", [{}, {"op": "Pipeline"}, {"op": "Cutout"}, {"op": "to_json"}])
def test_what_is_no_operation_is_refused(op):
    with pytest.raises(PydanticCustomError):
        completed(op)


def test_stages_order_operations_and_keep_the_order_within():
    ops = [{"op": name} for name in ("Cutout", "HorizontalFlip", "Normalize", "PadCrop")]
    assert [op["op"] for op in staged(ops)] == ["HorizontalFlip", "PadCrop", "Normalize", "Cutout"]
    assert PadCrop(4).stage < Normalize((0.5,), (0.5,)).stage < Cutout(4).stage


def test_an_operation_on_skeletons_gets_the_fields_that_it_has():
    whole = {"op": "JointJitter", **vars(JointJitter(0.02))}
    assert completed({"op": "JointJitter", "sigma": 0.02}) == whole
    made = skeleton_pipeline_of([whole], classes=3, seed=2)
    assert isinstance(made, SkeletonPipeline)
    assert (made.ops, made.classes, made.seed) == ((JointJitter(0.02),), 3, 2)


def test_stages_of_skeletons_order_operations():
    names = ["TemporalCrop", "TemporalResample", "VerticalRotation", "JointJitter", "MixUp"]
    assert [op["op"] for op in staged([{"op": name} for name in reversed(names)])] == names


def test_frames_stay_without_resampling():
    assert frames_after([{"op": "JointJitter"}], 90) == 90
