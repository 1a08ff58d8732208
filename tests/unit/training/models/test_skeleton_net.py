"""Where BatchNorm stands, what it sees of whom, and what stops its averages."""

import warnings

import pytest
import torch
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.models.skeleton_net import SkeletonNet

SHAPE = (3, 16, 10, 2)
BATCH = torch.randn(6, *SHAPE, generator=torch.Generator().manual_seed(0))
ALONE = torch.cat([BATCH[..., :1], torch.zeros_like(BATCH[..., 1:])], -1)  # nobody is second


def net(norm="none", **settings):
    torch.manual_seed(0)
    return SkeletonNet(5, shape=SHAPE, norm=norm, **settings)


def test_the_rows_are_those_of_the_question():
    for joints in (24, 31):
        assert SkeletonNet(5, shape=(3, 64, joints, 2)).hidden.in_features == 128 * 8 * 3


def test_without_batchnorm_it_is_the_maximum_over_persons_of_plain_layers():
    model = net().eval()
    persons = []
    for person in (0, 1):
        x = BATCH[..., person]
        for conv in model.convs:
            x = nn.functional.max_pool2d(conv(x).relu(), 2)
        persons.append(x.flatten(1))
    rows = model.hidden(torch.maximum(*persons)).relu()
    torch.testing.assert_close(model(BATCH), model.linear(rows))


@pytest.mark.parametrize(
    ("norm", "copies", "moves"),
    [("none", 0, []), ("shared", 1, [2]), ("per_person", 2, [1, 1]), ("joined", 1, [1])],
)
def test_a_step_moves_the_averages_once_for_each_time_they_see_a_person(norm, copies, moves):
    model = net(norm)
    model(BATCH)
    assert len(model.norms) == copies
    assert [int(norms[0].num_batches_tracked) for norms in model.norms] == moves


def averages(model, person=0):
    return model.norms[person][0].running_mean


def test_each_person_has_averages_of_its_own_or_shares_them():
    seen = [model.convs[0](BATCH[..., p]).mean((0, 2, 3)) for model in (net(),) for p in (0, 1)]
    own, joined = net("per_person"), net("joined")
    own(BATCH), joined(BATCH)
    for person in (0, 1):
        torch.testing.assert_close(averages(own, person), 0.1 * seen[person])
    torch.testing.assert_close(averages(joined), 0.1 * (seen[0] + seen[1]) / 2)


def test_shared_averages_lean_to_the_person_seen_last():
    seen = [model.convs[0](BATCH[..., p]).mean((0, 2, 3)) for model in (net(),) for p in (0, 1)]
    model = net("shared")
    model(BATCH)
    torch.testing.assert_close(averages(model), 0.9 * 0.1 * seen[0] + 0.1 * seen[1])


@pytest.mark.parametrize("norm", ["none", "shared", "per_person", "joined"])
def test_an_empty_body_that_is_left_out_is_as_good_as_none(norm):
    alone = SkeletonNet(5, shape=(*SHAPE[:3], 1), norm="joined" if norm != "none" else "none")
    model = net(norm, empty_bodies="left_out", dropout="none")
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("norms.1")}
    alone.load_state_dict(state)
    alone.drop = nn.Identity()
    torch.testing.assert_close(model(ALONE), alone(ALONE[..., :1]))
    for mine, theirs in zip(model.norms, alone.norms, strict=False):
        torch.testing.assert_close(mine[2].running_var, theirs[2].running_var)


def test_an_empty_body_that_is_counted_pollutes_joined_averages():
    counted, left_out = net("joined"), net("joined", empty_bodies="left_out")
    counted(ALONE), left_out(ALONE)
    assert not torch.allclose(averages(counted), averages(left_out))


def test_where_nobody_is_there_at_all_it_still_answers():
    model = net("per_person", empty_bodies="left_out")
    assert torch.isfinite(model(torch.zeros(3, *SHAPE))).all()


@pytest.mark.parametrize("kind", ["dropout", "dropout2d"])
def test_dropout_on_rows_leaves_out_single_numbers_in_both_kinds(kind):
    model = net(dropout=kind, rate=0.25)
    seen = []
    model.linear.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].detach()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(20):
            model(BATCH)
    model.eval()(BATCH)
    *dropped, whole = seen
    rows, known = torch.stack(dropped), whole > 0
    kept = (rows != 0)[:, known]
    n = kept.numel()
    assert abs(kept.float().mean().item() - 0.75) < 4 * (0.75 * 0.25 / n) ** 0.5
    torch.testing.assert_close(rows[:, known][kept], (whole / 0.75).expand_as(rows)[:, known][kept])


def test_momentum_that_evaluation_sets_to_0_for_good_stops_the_averages():
    stopping, plain = net("shared", evaluation_stops_momentum=True), net("shared")
    for model in (stopping, plain):
        model.train()(BATCH)
        model.eval()(BATCH)
        before = averages(model).clone()
        model.train()(BATCH + 1)
        assert torch.equal(averages(model), before) == (model is stopping)


def test_a_checkpoint_knows_that_the_averages_have_stopped():
    first, second = (net("shared", evaluation_stops_momentum=True) for _ in range(2))
    first.eval()(BATCH)
    second.load_state_dict(first.state_dict())
    before = averages(second).clone()
    second.train()(BATCH)
    assert torch.equal(averages(second), before)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"shape": (3, 7, 10, 2)}, "number of frames is 7"),
        ({"shape": (3, 16, 6, 2)}, "number of joints is 6"),
        ({"shape": SHAPE, "norm": "both"}, "norm is 'both'"),
        ({"shape": SHAPE, "dropout": "2d"}, "dropout is '2d'"),
    ],
)
def test_what_cannot_be_built_is_refused(settings, what):
    with pytest.raises(UsageError, match=what):
        SkeletonNet(5, **settings)
