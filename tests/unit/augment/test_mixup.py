"""MixUp: means of pairs, by weights that belong to the samples."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from whydrop.augment import blend as blending
from whydrop.augment import compiled
from whydrop.augment.draws import uniforms
from whydrop.augment.mixup import MixUp
from whydrop.augment.op import Size, Stage
from whydrop.core.errors import UsageError

SIZE = Size(6, 5)
DTYPES = ["float16", "bfloat16", "float32", "float64"]


def chance(op, index, epoch=0):
    return uniforms(op.chance, seed=1, epoch=epoch, index=index)


def pictures(n, dtype=np.float32):
    return np.random.default_rng(7).standard_normal((n, 3, *SIZE)).astype(dtype)


@pytest.mark.parametrize("n", [2, 3, 33])
def test_the_weights_and_partners_can_be_read_off_the_images(n):
    op, images = MixUp(alpha=0.4), pictures(n, np.float64)
    drawn = op.draw(chance(op, np.arange(n)), SIZE)
    out = op.apply(images, drawn).reshape(n, -1)
    flat = images.reshape(n, -1)
    for i, partner in enumerate(drawn["partner"]):
        pair = np.stack([flat[i], flat[partner]], 1)
        weights, residual, *_ = np.linalg.lstsq(pair, out[i])
        assert weights == pytest.approx([drawn["lam"][i], 1 - drawn["lam"][i]], abs=1e-12)
        assert residual < 1e-20


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.4, 1.0])
def test_folded_weights_have_the_known_mean(alpha):
    from scipy import stats

    op = MixUp(alpha=alpha)
    lam = op.draw(chance(op, np.arange(50_000)), SIZE)["lam"]
    # E max(l, 1 - l) = 2 * integral of x f(x) from 1/2 to 1 = 2 * E x * P(x > 1/2) of
    # Beta(alpha + 1, alpha), whose mean factor is 1/2
    expected = stats.beta(alpha + 1, alpha).sf(0.5)
    assert lam.min() >= 0.5
    assert lam.mean() == pytest.approx(expected, abs=5 * 0.25 / np.sqrt(len(lam)))


def test_weights_without_folding_are_under_a_half_for_half_the_samples():
    op = MixUp(fold=False)
    lam = op.draw(chance(op, np.arange(10_000)), SIZE)["lam"]
    assert np.mean(lam < 0.5) == pytest.approx(0.5, abs=5 * 0.5 / 100)


def test_only_the_share_that_was_asked_for_is_mixed():
    op = MixUp(probability=0.3)
    lam = op.draw(chance(op, np.arange(10_000)), SIZE)["lam"]
    assert np.mean(lam < 1) == pytest.approx(0.3, abs=5 * np.sqrt(0.21) / 100)


@pytest.mark.parametrize("per", ["sample", "batch"])
def test_a_batch_is_mixed_the_same_in_any_order(per):
    op, index, images = MixUp(per=per, probability=0.7), np.arange(40, 71), pictures(31)
    order = np.random.default_rng(1).permutation(31)
    for epoch in range(5):
        one = op.apply(images, op.draw(chance(op, index, epoch), SIZE))
        other = op.apply(images[order], op.draw(chance(op, index[order], epoch), SIZE))
        assert np.array_equal(one[order], other)


def test_a_sample_has_the_same_weight_in_any_batch():
    op = MixUp(alpha=0.3)
    whole = op.draw(chance(op, np.arange(50)), SIZE)["lam"]
    part = op.draw(chance(op, np.arange(20, 27)), SIZE)["lam"]
    assert np.array_equal(whole[20:27], part)


def test_one_weight_a_batch_has_the_same_distribution():
    from scipy import stats

    op = MixUp(alpha=0.4, fold=False, per="batch")
    lam = [op.draw(chance(op, np.arange(8), epoch), SIZE)["lam"] for epoch in range(2000)]
    assert all(len(set(batch.tolist())) == 1 for batch in lam)
    assert stats.kstest([batch[0] for batch in lam], stats.beta(0.4, 0.4).cdf).pvalue > 1e-4


def test_one_sample_alone_stays_as_it_is():
    op, images = MixUp(), pictures(1)
    drawn = op.draw(chance(op, [4]), SIZE)
    assert drawn["lam"].tolist() == [1.0]
    assert np.array_equal(op.apply(images, drawn), images)


def test_a_sample_that_meets_itself_has_weight_1():
    op = MixUp(pairing="flip")
    drawn = op.draw(chance(op, np.arange(7)), SIZE)
    assert (drawn["lam"] == 1).tolist() == [False] * 3 + [True] + [False] * 3


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("library", ["numpy", "torch", "torch, channels last"])
def test_images_are_the_weighted_means(dtype, library):
    if library == "numpy" and dtype == "bfloat16":
        pytest.skip("NumPy has no bfloat16")
    op, n = MixUp(alpha=0.4), 300  # more than one block
    tensor = torch.from_numpy(pictures(n)).to(getattr(torch, dtype))
    images = tensor.numpy() if library == "numpy" else tensor
    if "last" in library:
        images = images.contiguous(memory_format=torch.channels_last)
    before = tensor.clone()
    drawn = op.draw(chance(op, np.arange(n)), SIZE)
    out = torch.as_tensor(op.apply(images, drawn))
    assert out.dtype == tensor.dtype
    assert torch.equal(torch.as_tensor(images), before)
    own = torch.from_numpy(drawn["lam"]).double().view(-1, 1, 1, 1)
    exact = own * tensor.double() + (1 - own) * tensor[torch.from_numpy(drawn["partner"])].double()
    # half a unit in the last place of the result, and the rounding of float32 before it
    rounding = torch.finfo(tensor.dtype).eps / 2
    bound = exact.abs() * rounding + (3e-7 if dtype != "float64" else 1e-15) * tensor.abs().max()
    assert torch.all((out.double() - exact).abs() <= bound)


@pytest.mark.parametrize("as_kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
def test_a_kept_buffer_is_written(as_kind):
    op, n = MixUp(), 9
    images, out = as_kind(pictures(n)), as_kind(np.full((n, 3, *SIZE), np.nan, np.float32))
    drawn = op.draw(chance(op, np.arange(n)), SIZE)
    assert op.apply(images, drawn, out=out) is out
    assert np.array_equal(out, op.apply(images, drawn))


def test_weight_1_leaves_an_image_to_the_bit():
    op, images = MixUp(probability=0.5), pictures(64)
    drawn = op.draw(chance(op, np.arange(64)), SIZE)
    kept = drawn["lam"] == 1
    assert 0 < kept.sum() < 64
    for form in (images, torch.from_numpy(images)):
        assert np.array_equal(np.asarray(op.apply(form, drawn))[kept], images[kept])


def test_the_compiled_loop_gives_what_numpy_gives(monkeypatch):
    pytest.importorskip("numba")
    op, images = MixUp(alpha=0.4), pictures(40)
    drawn = op.draw(chance(op, np.arange(40)), SIZE)
    by_machine = op.apply(images, drawn)
    monkeypatch.setattr(compiled, "available", lambda: False)
    assert np.array_equal(by_machine, op.apply(images, drawn))


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_a_device_mixes_as_the_cpu_does(monkeypatch, dtype):
    op, images = MixUp(alpha=0.4), torch.from_numpy(pictures(9)).to(getattr(torch, dtype))
    drawn = op.draw(chance(op, np.arange(9)), SIZE)
    on_cpu = op.apply(images, drawn)
    monkeypatch.setattr(blending, "is_on_cpu", lambda _: False)
    assert torch.allclose(op.apply(images, drawn), on_cpu, rtol=0, atol=1e-6)


def test_a_model_may_get_both_images_to_mix_them_itself():
    op, images = MixUp(stack_images=True), pictures(5)
    drawn = op.draw(chance(op, np.arange(5)), SIZE)
    for form in (images, torch.from_numpy(images)):
        out = np.asarray(op.apply(form, drawn))
        assert out.shape == (5, 2, 3, *SIZE)
        assert np.array_equal(out[:, 0], images)
        assert np.array_equal(out[:, 1], images[drawn["partner"]])


def test_mixing_ends_at_the_epoch_given():
    assert [MixUp(until=2).active(epoch) for epoch in range(4)] == [True, True, False, False]
    assert MixUp().active(10**6)


def test_it_is_plain_data_of_the_last_stage():
    op = MixUp(alpha=0.2, per="batch", until=90)
    assert op.stage is Stage.MIX
    assert MixUp(**json.loads(json.dumps(dataclasses.asdict(op)))) == op


@pytest.mark.parametrize(
    "fields",
    [
        {"alpha": 0},
        {"alpha": -1.0},
        {"alpha": float("nan")},
        {"alpha": float("inf")},
        {"alpha": "1"},
        {"probability": 1.5},
        {"per": "image"},
        {"pairing": "random"},
        {"until": -1},
        {"until": 1.5},
    ],
    ids=repr,
)
def test_a_value_outside_its_range_is_refused(fields):
    with pytest.raises(UsageError, match=f"{next(iter(fields))} is"):
        MixUp(**fields)


def test_an_empty_batch_is_refused():
    op = MixUp()
    with pytest.raises(UsageError, match="no samples"):
        op.draw(np.empty((len(op.chance), 0)), SIZE)


@pytest.mark.parametrize(
    ("images", "out"),
    [
        (np.zeros((4, 3, 6, 5), np.uint8), None),
        (np.zeros((4, 6, 5), np.float32), None),
        (torch.zeros(4, 3, 6, 5, requires_grad=True), None),
        (np.zeros((4, 3, 6, 5), np.float32), np.zeros((4, 3, 5, 5), np.float32)),
        (np.zeros((4, 3, 6, 5), np.float32), np.zeros((4, 3, 6, 5))),
    ],
    ids=["bytes", "three axes", "gradients", "shape of out", "dtype of out"],
)
def test_images_that_cannot_be_mixed_are_refused(images, out):
    op = MixUp()
    with pytest.raises(UsageError):
        op.apply(images, op.draw(chance(op, np.arange(4)), SIZE), out=out)


@pytest.mark.parametrize("as_kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
def test_the_input_cannot_be_the_output(as_kind):
    op, images = MixUp(), as_kind(pictures(4))
    with pytest.raises(UsageError, match="shares the memory"):
        op.apply(images, op.draw(chance(op, np.arange(4)), SIZE), out=images)


def test_partners_of_another_batch_are_refused():
    op = MixUp()
    drawn = op.draw(chance(op, np.arange(9)), SIZE)
    with pytest.raises(UsageError, match="positions in a batch of 4"):
        op.apply(pictures(4), {name: values[:4] + 9 for name, values in drawn.items()})
