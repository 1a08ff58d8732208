"""The demonstration's program: its innocent knobs are innocent, and its two sides comparable."""

import math
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from whydrop.demo import BAD, GOOD, PLANTED  # noqa: E402
from whydrop.demo.digits import (  # noqa: E402
    Settings,
    accuracy,
    build,
    fit,
    flipped,
    loss_of,
    read_digits,
    train,
)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def settings(**changed: Any) -> Settings:
    return Settings(**(GOOD | changed))


def test_the_two_sides_set_the_same_eight_things_and_agree_on_none():
    assert len(GOOD) == 8
    assert GOOD.keys() == BAD.keys() == Settings.__dataclass_fields__.keys()
    assert all(GOOD[name] != BAD[name] for name in GOOD)
    assert GOOD.keys() > PLANTED


def test_the_same_seed_gives_the_same_accuracies_and_another_gives_others():
    assert train(GOOD, 3) == train(GOOD, 3)
    assert train(GOOD, 3) != train(GOOD, 4)


def test_each_epoch_has_its_accuracy_and_the_good_run_learns():
    accuracies = train(GOOD, 0)["accuracy"]
    assert len(accuracies) == 4
    assert 0.1 < accuracies[0] < accuracies[-1] <= 1


def test_the_bad_run_reads_fewer_digits():
    assert train(BAD, 0)["accuracy"][-1] < train(GOOD, 0)["accuracy"][-1] - 0.03


@pytest.mark.parametrize("eval_mode", [True, False])
def test_testing_after_each_epoch_leaves_the_last_accuracy_as_it_is(eval_mode):
    chosen = settings(eval_mode=eval_mode, test_order="by class")
    *_, model = fit(chosen, 5)
    told = train(GOOD | {"eval_mode": eval_mode, "test_order": "by class"}, 5)["accuracy"]
    assert accuracy(model, chosen) == told[-1]


def test_with_training_averages_the_order_of_the_test_images_is_exactly_nothing():
    *_, model = fit(settings(), 1)
    assert accuracy(model, settings()) == accuracy(model, settings(test_order="by class"))


def test_the_two_formulas_are_one_loss():
    logits, labels = torch.randn(6, 10), torch.arange(6)
    by_hand = [
        math.log(sum(math.exp(v) for v in row)) - row[label]
        for row, label in zip(logits.tolist(), labels.tolist(), strict=True)
    ]
    for formula in (GOOD["loss"], BAD["loss"]):
        assert loss_of(logits, labels, formula).item() == pytest.approx(sum(by_hand) / 6)


def test_a_bias_before_batchnorm_does_not_move_what_the_net_gives_in_training():
    model = build(settings(conv_bias=True)).train()
    images = read_digits()[0].images[:32]
    before = model(images)
    with torch.no_grad():
        for layer in (model[0], model[4]):
            layer.bias += 1.0
    torch.testing.assert_close(model(images), before, atol=1e-4, rtol=1e-4)


def test_the_initialisation_by_hand_has_the_bounds_and_spread_of_the_default():
    # PyTorch's default is uniform within 1/sqrt(inputs): 9 inputs of conv1, 256 of the last layer
    drawn = {"default": [], "kaiming_uniform": []}
    for init, weights in drawn.items():
        for seed in range(40):
            torch.manual_seed(seed)
            weights.append(build(settings(init=init))[-1].weight.flatten())
        values = torch.cat(weights)
        assert values.abs().max() <= 1 / math.sqrt(256)
        # 102,400 draws: the sd is known to about 0.2 %
        assert values.std().item() == pytest.approx(1 / math.sqrt(3 * 256), rel=0.01)


def test_the_halves_share_no_image_and_are_the_whole_data_set():
    training, testing = read_digits()
    assert len(training.labels) + len(testing.labels) == 1797
    assert abs(len(training.labels) - len(testing.labels)) <= 1
    rows = torch.cat([training.images, testing.images]).flatten(1)
    assert len(rows.unique(dim=0)) == len(rows)


def test_a_mirrored_image_is_mirrored_left_to_right():
    images = read_digits()[0].images[:5]
    random = torch.Generator().manual_seed(0)
    assert torch.equal(flipped(images, 1.0, random)[2, 0, 3], images[2, 0, 3].flip(0))
    assert torch.equal(flipped(images, 0.0, random), images)


def test_a_setting_it_does_not_know_is_refused():
    with pytest.raises(TypeError, match="dropout"):
        train(GOOD | {"dropout": 0.5}, 0)
