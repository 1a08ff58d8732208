"""Switch: MixUp for some samples, CutMix for the others."""

import numpy as np
import pytest
import torch

from whydrop.augment.cutmix import CutMix
from whydrop.augment.draws import uniforms
from whydrop.augment.mixup import MixUp
from whydrop.augment.op import Size
from whydrop.augment.switch import Switch
from whydrop.core.errors import UsageError

SIZE = Size(12, 10)


def chance(op, index, epoch=0):
    return uniforms(op.chance, seed=2, epoch=epoch, index=index)


def pictures(n):
    return np.random.default_rng(0).standard_normal((n, 3, *SIZE)).astype(np.float32)


@pytest.mark.parametrize("as_kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
def test_each_image_is_mixed_by_exactly_one(as_kind):
    op, images = Switch(MixUp(0.4), CutMix()), pictures(200)
    u = chance(op, np.arange(200))
    out = np.asarray(op.apply(as_kind(images), op.draw(u, SIZE)))
    ways = [
        m.apply(as_kind(images), m.draw(u[: len(m.chance)], SIZE)) for m in (op.first, op.second)
    ]
    second = u[-1] < 0.5
    assert 60 < second.sum() < 140
    assert np.array_equal(out[~second], np.asarray(ways[0])[~second])
    assert np.array_equal(out[second], np.asarray(ways[1])[second])


def test_labels_follow_the_choice():
    op = Switch(MixUp(0.4), CutMix(), probability=0.3)
    u = chance(op, np.arange(5000))
    drawn, second = op.draw(u, SIZE), u[-1] < 0.3
    assert np.array_equal(drawn["lam"][second], op.second.draw(u[:6], SIZE)["lam"][second])
    assert np.array_equal(drawn["lam"][~second], op.first.draw(u[:4], SIZE)["lam"][~second])
    assert np.all(drawn["blend"][second] == 1)
    assert second.mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.21 / 5000))


def test_a_batch_may_choose_once_in_any_order():
    op, index = Switch(MixUp(), CutMix(), per="batch"), np.arange(31)
    order = np.random.default_rng(1).permutation(31)
    chosen = set()
    for epoch in range(20):
        drawn = op.draw(chance(op, index, epoch), SIZE)
        shuffled = op.draw(chance(op, index[order], epoch), SIZE)
        pasted = bool(np.all(drawn["blend"] == 1))
        assert pasted or np.array_equal(drawn["blend"], drawn["lam"])
        assert np.array_equal(drawn["lam"][order], shuffled["lam"])
        chosen.add(pasted)
    assert chosen == {True, False}


def test_one_sample_alone_stays_as_it_is():
    op, images = Switch(MixUp(), CutMix()), pictures(1)
    drawn = op.draw(chance(op, [3]), SIZE)
    assert drawn["lam"].tolist() == [1.0]
    assert np.array_equal(op.apply(images, drawn), images)


def test_mixing_ends_at_the_epoch_given():
    op = Switch(MixUp(), CutMix(), until=1)
    assert (op.active(0), op.active(1)) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"first": MixUp(until=3), "second": CutMix()}, "first has until=3"),
        ({"first": CutMix(), "second": MixUp(stack_images=True)}, "stack_images"),
        ({"first": CutMix(), "second": None}, "second is None"),
        ({"first": CutMix(), "second": CutMix(), "probability": -1}, "probability is -1"),
    ],
)
def test_what_cannot_be_switched_is_refused(arguments, said):
    with pytest.raises(UsageError, match=said):
        Switch(**arguments)
