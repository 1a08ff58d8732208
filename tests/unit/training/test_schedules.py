"""Schedules beside those of torch.optim.lr_scheduler, over all steps."""

import math

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from whydrop.core.errors import UsageError
from whydrop.training.schedules import (
    Constant,
    Cosine,
    OneCycle,
    Schedule,
    Step,
    Warmup,
    rate_factor,
)

STEPS = 7  # of an epoch


def of_torch(make, steps):
    """Return the learning rates over 1 of a scheduler of PyTorch, before each step."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    scheduler, rates = make(optimizer), []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < steps:
            scheduler.step()
    return rates


def ours(schedule, epochs):
    return [
        rate_factor(schedule, epoch=epoch, step=step, steps=STEPS)
        for epoch in range(epochs)
        for step in range(STEPS)
    ]


@pytest.mark.parametrize("end", [0.0, 0.05])
def test_cosine_by_step_is_cosine_annealing(end):
    expected = of_torch(lambda o: lr_scheduler.CosineAnnealingLR(o, 35, eta_min=end), 35)
    assert ours(Cosine(5, end=end), 5) == pytest.approx(expected, abs=1e-12)


def test_cosine_by_epoch_changes_between_epochs_only():
    expected = of_torch(lambda o: lr_scheduler.CosineAnnealingLR(o, 5), 5)
    assert ours(Cosine(5, unit="epoch"), 5)[::STEPS] == pytest.approx(expected, abs=1e-12)
    assert len(set(ours(Cosine(5, unit="epoch"), 5))) == 5


@pytest.mark.parametrize("rises", [0.0, 0.3, 0.5, 0.99])
def test_one_cycle_is_that_of_pytorch(rises):
    def make(optimizer):
        return lr_scheduler.OneCycleLR(
            optimizer, max_lr=1.0, total_steps=35, pct_start=rises, cycle_momentum=False,
            div_factor=20, final_div_factor=500,
        )  # fmt: skip

    schedule = OneCycle(5, rises=rises, start=1 / 20, end=1 / 20 / 500)
    assert ours(schedule, 5) == pytest.approx(of_torch(make, 35), abs=1e-12)


@pytest.mark.parametrize("rises", [0.3, 1.0])
def test_after_its_end_a_schedule_stays_where_it_is(rises):
    last = 1.0 if rises == 1.0 else 0.01
    assert OneCycle(1.5, rises=rises, end=last).factor(13, STEPS) == pytest.approx(last)
    assert Cosine(1.5, end=0.2).factor(13, STEPS) == pytest.approx(0.2)


def test_steps_are_those_of_pytorch():
    expected = of_torch(lambda o: lr_scheduler.StepLR(o, 2, gamma=0.5), 7)
    assert ours(Step(2, gamma=0.5), 7)[::STEPS] == pytest.approx(expected, abs=1e-12)
    expected = of_torch(lambda o: lr_scheduler.MultiStepLR(o, [1, 4], gamma=0.2), 7)
    assert ours(Step((1, 4), gamma=0.2), 7)[::STEPS] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "milestones", [[1, 4], (1, 4), np.array([1, 4]), [np.int64(1), np.int32(4)], range(1, 5, 3)]
)
def test_milestones_may_be_any_sequence_of_whole_numbers(milestones):
    schedule = Step(milestones, gamma=0.2)
    expected = of_torch(lambda o: lr_scheduler.MultiStepLR(o, [1, 4], gamma=0.2), 7)
    assert ours(schedule, 7)[::STEPS] == pytest.approx(expected, abs=1e-12)
    assert schedule == Step((1, 4), gamma=0.2)
    assert hash(schedule) == hash(Step((1, 4), gamma=0.2))
    assert repr(schedule) == "Step(every=(1, 4), gamma=0.2)"


def test_numbers_of_numpy_are_kept_as_those_of_python():
    assert repr(Step(np.int64(2), np.float64(0.5))) == "Step(every=2, gamma=0.5)"
    assert repr(Cosine(np.int64(3))) == repr(Cosine(3.0))
    assert Step(np.int64(2)) == Step(2)


def test_a_warm_up_is_a_linear_rise_and_then_the_other_schedule():
    def make(optimizer):
        rise = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=14)
        then = lr_scheduler.CosineAnnealingLR(optimizer, 21)
        return lr_scheduler.SequentialLR(optimizer, [rise, then], milestones=[14])

    assert ours(Warmup(2, Cosine(3)), 5) == pytest.approx(of_torch(make, 35), abs=1e-12)


def test_after_a_warm_up_epochs_are_counted_from_its_end():
    rates = ours(Warmup(2, Step(1, gamma=0.5)), 4)
    assert rates[2 * STEPS :] == [1.0] * STEPS + [0.5] * STEPS


def test_a_constant_rate_is_constant_and_never_ends():
    assert set(ours(Constant(), 3)) == {1.0}
    assert Warmup(1).lasts == Step(3).lasts == math.inf
    assert Warmup(2, OneCycle(3)).lasts == 5


@pytest.mark.parametrize("schedule", [Constant(), Step(1), Cosine(1), OneCycle(1), Warmup(1)])
def test_each_is_a_schedule(schedule):
    assert isinstance(schedule, Schedule)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Step(0), "every is 0"),
        (lambda: Step((3, 0)), "an epoch of every is 0"),
        (lambda: Step(2.5), r"every is 2\.5"),
        (lambda: Step("2"), "every is '2'"),
        (lambda: Step(True), "every is True"),
        (lambda: Step([1, True]), "an epoch of every is True"),
        (lambda: Step([1.0, 4.0]), r"an epoch of every is 1\.0"),
        (lambda: Step(["2"]), "an epoch of every is '2'"),
        (lambda: Step([]), r"every is \[\]"),
        (lambda: Step(None), "every is None"),
        (lambda: Step({2: 4}), "every is {2: 4}"),
        (lambda: Step(1, gamma=0), r"gamma is 0\.0"),
        (lambda: Step(1, gamma="0.1"), "gamma is '0.1'"),
        (lambda: Cosine(0), "epochs is 0"),
        (lambda: Cosine("2"), "epochs is '2'"),
        (lambda: Cosine(True), "epochs is True"),
        (lambda: Cosine(2, end=2), "end is 2"),
        (lambda: Cosine(2, unit="batch"), "unit is 'batch'"),
        (lambda: OneCycle(math.inf), "epochs is inf"),
        (lambda: OneCycle(2, rises=-0.1), "rises is -0.1"),
        (lambda: OneCycle([2]), r"epochs is \[2\]"),
        (lambda: Warmup(1, then=0.5), "then is 0.5"),
        (lambda: Warmup(1, then=Cosine), "then is <class"),
    ],
)
def test_values_outside_their_range_are_refused(make, message):
    with pytest.raises(UsageError, match=message):
        make()
