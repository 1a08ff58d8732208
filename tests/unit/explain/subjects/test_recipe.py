"""Two recipes as a subject: what is measured, what an arm is, what is never tried."""

from pathlib import Path

import pytest
from tests.fixtures.small_recipe import plain, written_images

from whydrop.core.errors import UsageError
from whydrop.core.trial import Trial
from whydrop.explain import assemble
from whydrop.explain.request import Request
from whydrop.explain.subjects.recipe import recipe_subject
from whydrop.training.recipes.kind import TRAINER
from whydrop.training.recipes.load import checked

FLIP = {"op": "HorizontalFlip"}
GOOD = plain(Path("/x.npz"))
BAD = plain(
    Path("/x.npz"),
    output="softmax",
    loss={"name": "categorical_cross_entropy"},
    augment={"ops": [FLIP]},
)


def test_a_trial_is_a_call_of_the_trainer_with_the_recipe_of_its_arm():
    subject = recipe_subject(GOOD, BAD)
    arm = 1 << [factor.name for factor in subject.factors].index("augment.HorizontalFlip")
    task = subject.task(Trial(1, arm, 7, "gap"), Path())
    assert (task.function, task.seed) == (TRAINER, 7)
    flipped = {**GOOD, "augment": {"ops": [FLIP]}, "metrics": {"also": ["top1"]}}
    assert checked(task.config) == checked(flipped)


@pytest.mark.parametrize(
    ("good", "bad", "asked", "name", "direction"),
    [
        ({}, {}, None, "top1", "maximize"),
        ({"report": "macro"}, {"report": "macro"}, None, "macro", "maximize"),
        ({"report": "nll"}, {"report": "nll"}, None, "nll", "minimize"),
        ({}, {"report": "macro"}, None, "reported", "maximize"),
        ({"report": "nll"}, {"report": "ece"}, None, "reported", "minimize"),
        ({}, {}, "valid_loss", "valid_loss", "minimize"),
        ({}, {"report": "macro"}, "top1", "top1", "maximize"),
        ({"report": "nll"}, {"report": "nll"}, "reported", "reported", "minimize"),
    ],
)
def test_what_is_measured_is_what_the_recipes_report_or_what_is_asked_for(
    good, bad, asked, name, direction
):
    subject = recipe_subject({**GOOD, "metrics": good}, {**BAD, "metrics": bad}, asked)
    assert (subject.metric.name, subject.metric.direction) == (name, direction)
    assert (subject.key, recipe_subject(GOOD, None).metric.name) == (name, "top1")


@pytest.mark.parametrize(("asked", "direction"), [("macro", "maximize"), ("ece", "minimize")])
def test_a_metric_that_the_recipes_do_not_list_is_told_beside_what_they_do(asked, direction):
    subject = recipe_subject(GOOD, BAD, asked)
    assert (subject.metric.name, subject.metric.direction) == (asked, direction)
    assert [f.name for f in subject.factors] == [f.name for f in recipe_subject(GOOD, BAD).factors]
    for arm in (0, (1 << len(subject.factors)) - 1):
        config = subject.task(Trial(1, arm, 7, "gap"), Path()).config
        assert config["metrics"] == {"report": "top1", "also": ["top1", asked]}


@pytest.mark.parametrize(
    ("asked", "do"),
    [
        ("bogus", "give one of top1, top5, macro, "),
        ("marco", "did you mean 'macro'?"),
        ("val_loss", "did you mean 'valid_loss'?"),
    ],
)
def test_a_metric_that_no_recipe_has_is_refused_with_the_nearest(asked, do):
    with pytest.raises(UsageError, match=f"no training of a recipe tells '{asked}'") as caught:
        assemble.understood(Request.of("explain", good=GOOD, bad=BAD, metric=asked))
    assert caught.value.do.startswith(do)


def test_a_request_about_recipes_knows_its_trainer_its_metric_and_what_is_never_tried():
    request = assemble.understood(Request.of("explain", good=GOOD, bad=BAD, forbid=["output"]))
    assert request.function == TRAINER
    assert request.metric == "top1"
    assert request.forbid == ("output", "loss.name,!output")
    assert assemble.understood(request) == request
    notes = assemble.subject_of(
        assemble.understood(Request.of("explain", good=GOOD, bad=BAD))
    ).notes
    assert len(notes) == 1 and "probabilities" in notes[0]


def test_what_is_left_as_in_good_needs_no_rule():
    asked = Request.of("explain", good=GOOD, bad=BAD, without="loss.name")
    assert assemble.understood(asked).forbid == ()


def test_a_request_about_something_else_stays_as_it_is():
    for request in (
        Request.of("explain", good={"lr": 1}, bad={"lr": 2}, function=print),
        Request.of("explain", good="python a.py", bad="python b.py"),
        Request.of("explain", good=GOOD, bad=BAD, function="mine:train"),
    ):
        assert assemble.understood(request) == request


def test_recipes_that_train_alike_are_no_study():
    with pytest.raises(UsageError, match="no difference"):
        recipe_subject(GOOD, {**GOOD, "output": "logits"})


def test_a_trial_is_repeated_by_hand_to_the_bit(tmp_path, capsys):
    pytest.importorskip("torch")
    from whydrop.training.recipes.train import train

    good = plain(written_images(tmp_path / "images.npz"), train={"epochs": 1, "batch_size": 16})
    subject = recipe_subject(good, None)
    code = subject.by_hand(Trial(1, 0, 3, "gap"), tmp_path)
    exec(code, {})
    assert capsys.readouterr().out.strip() == str(train(good, 3))
