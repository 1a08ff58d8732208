"""MixLoss against the formulas, written out in float64."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.nn import functional

from whydrop.augment.loss import MixLoss
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError

N, CLASSES, IGNORED = 9, 6, -100
EXACT = 1e-12
rng = np.random.default_rng(11)
LOGITS = rng.standard_normal((N, CLASSES)) * 2
A, B = rng.integers(0, CLASSES, N), rng.integers(0, CLASSES, N)
LAM = rng.random(N).astype(np.float32)
LAM[3] = 1.0
LAM[5] = 0.0
WEIGHT = rng.random(CLASSES) + 0.2
REDUCTIONS = ["none", "mean", "sum"]


def logits(dtype=torch.float64):
    return torch.from_numpy(LOGITS).to(dtype).requires_grad_()


def mixed(a=A, b=B):
    return Mixed(
        torch.from_numpy(np.asarray(a)), torch.from_numpy(np.asarray(b)), torch.from_numpy(LAM)
    )


def log_softmax(z):
    z = z - z.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


def cross_entropy_and_gradient(a, b, *, reduction, weight=None, smoothing=0.0, ignore=IGNORED):
    """Return loss and gradient of its sum, by loops over the two labels of each sample."""
    log_p, lam = log_softmax(LOGITS), LAM.astype(np.float64)
    p = np.exp(log_p)
    w = np.ones(CLASSES) if weight is None else weight
    value, gradient, counted = np.zeros(N), np.zeros((N, CLASSES)), 0.0
    for i in range(N):
        for share, label in ((lam[i], a[i]), (1 - lam[i], b[i])):
            if label == ignore:
                continue
            # PyTorch smooths to q = (1 - s) e_y w_y + s / K w
            q = smoothing / CLASSES * w
            q[label] += (1 - smoothing) * w[label]
            value[i] += share * -(q * log_p[i]).sum()
            gradient[i] += share * (q.sum() * p[i] - q)
            counted += share * w[label]
    if reduction == "none":
        return value, gradient
    if reduction == "sum":
        return value.sum(), gradient
    return value.sum() / counted, gradient / counted


def check(loss, targets, expected):
    z = logits()
    value = loss(z, targets)
    value.sum().backward()
    assert value.detach().numpy() == pytest.approx(expected[0], abs=EXACT)
    assert z.grad.numpy() == pytest.approx(expected[1], abs=EXACT)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weights"])
@pytest.mark.parametrize("ignored", [False, True], ids=["", "ignored"])
@pytest.mark.parametrize("as_function", [False, True], ids=["module", "function"])
def test_cross_entropy_and_gradient_are_those_of_the_formula(
    reduction, smoothing, weight, ignored, as_function
):
    a, b = A.copy(), B.copy()
    if ignored:
        a[[0, 1]], b[[1, 2]] = IGNORED, IGNORED
    options = {
        "reduction": reduction,
        "label_smoothing": smoothing,
        "weight": None if weight is None else torch.from_numpy(weight),
    }
    criterion = (
        partial(functional.cross_entropy, **options)
        if as_function
        else torch.nn.CrossEntropyLoss(**options)
    )
    expected = cross_entropy_and_gradient(
        a, b, reduction=reduction, weight=weight, smoothing=smoothing
    )
    check(MixLoss(criterion), mixed(a, b), expected)


def test_at_weight_1_it_is_the_loss_of_plain_labels():
    criterion = torch.nn.CrossEntropyLoss(
        weight=torch.from_numpy(WEIGHT), ignore_index=2, label_smoothing=0.2
    )
    a = torch.from_numpy(A)
    clean = Mixed(a, torch.from_numpy(B), torch.ones(N))
    assert MixLoss(criterion)(logits(), clean).item() == pytest.approx(
        criterion(logits(), a).item(), abs=EXACT
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_soft_rows_give_the_same_as_ids(reduction):
    criterion = torch.nn.CrossEntropyLoss(reduction=reduction, label_smoothing=0.1)
    rows = np.eye(CLASSES)
    expected = cross_entropy_and_gradient(A, B, reduction=reduction, smoothing=0.1)
    check(MixLoss(criterion), mixed(rows[A], rows[B]), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_nll_loss_is_cross_entropy_of_log_probabilities(reduction):
    loss = MixLoss(torch.nn.NLLLoss(weight=torch.from_numpy(WEIGHT), reduction=reduction))
    expected = cross_entropy_and_gradient(A, B, reduction=reduction, weight=WEIGHT)
    check(lambda z, t: loss(z.log_softmax(1), t), mixed(), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_])
def test_binary_cross_entropy_takes_several_labels_a_sample(reduction, dtype):
    a = rng.integers(0, 2, (N, CLASSES))
    b = rng.integers(0, 2, (N, CLASSES))
    lam = LAM.astype(np.float64)[:, None]
    target = lam * a + (1 - lam) * b
    value = np.logaddexp(0, LOGITS) - target * LOGITS
    gradient = 1 / (1 + np.exp(-LOGITS)) - target
    if reduction != "none":
        divisor = value.size if reduction == "mean" else 1
        value, gradient = value.sum() / divisor, gradient / divisor
    loss = MixLoss(torch.nn.BCEWithLogitsLoss(reduction=reduction))
    check(loss, mixed(a.astype(dtype), b.astype(dtype)), (value, gradient))


def focal(z, y):
    """Return the focal loss of Lin et al. (2017), gamma 2: a mean, without a ``reduction``."""
    log_p = z.log_softmax(1).gather(1, y[:, None])[:, 0]
    return (-((1 - log_p.exp()) ** 2) * log_p).mean()


def focal_by_sample(z, y):
    log_p = z.log_softmax(1).gather(1, y[:, None])[:, 0]
    return -((1 - log_p.exp()) ** 2) * log_p


class Focal(torch.nn.Module):
    def __init__(self, reduction="mean"):
        super().__init__()
        self.reduction = reduction

    def forward(self, z, y):
        each = focal_by_sample(z, y)
        return {"none": each, "mean": each.mean(), "sum": each.sum()}[self.reduction]


def focal_and_gradient():
    """Return values (N,) and gradients (N, classes) by hand."""
    log_p, lam = log_softmax(LOGITS), LAM.astype(np.float64)
    p = np.exp(log_p)
    value, gradient = np.zeros(N), np.zeros((N, CLASSES))
    for i in range(N):
        for share, y in ((lam[i], A[i]), (1 - lam[i], B[i])):
            q = p[i, y]
            value[i] += share * -((1 - q) ** 2) * log_p[i, y]
            # d/dq of -(1-q)^2 ln q, and dq/dz = q (e_y - p)
            slope = 2 * (1 - q) * log_p[i, y] - (1 - q) ** 2 / q
            gradient[i] += share * slope * q * (np.eye(CLASSES)[y] - p[i])
    return value, gradient


@pytest.mark.parametrize(
    "criterion", [focal, Focal(), Focal("mean")], ids=["function", "module", ""]
)
def test_any_loss_can_be_mixed(criterion):
    value, gradient = focal_and_gradient()
    check(MixLoss(criterion), mixed(), (value.mean(), gradient / N))


@pytest.mark.parametrize("criterion", [focal_by_sample, Focal("none")], ids=["function", "module"])
def test_a_loss_of_each_sample_stays_one(criterion):
    check(MixLoss(criterion), mixed(), focal_and_gradient())


def test_a_sum_over_samples_stays_one():
    value, gradient = focal_and_gradient()
    check(MixLoss(Focal("sum")), mixed(), (value.sum(), gradient))
    summed = MixLoss(lambda z, y: focal_by_sample(z, y).sum(), reduction="sum")
    check(summed, mixed(), (value.sum(), gradient))


def test_a_loss_that_couples_samples_is_refused():
    with pytest.raises(UsageError, match="losses of its samples give"):
        MixLoss(lambda z, y: functional.cross_entropy(z, y) * z.mean(0).square().sum())(
            logits(), mixed()
        )
    with pytest.raises(UsageError, match="losses of its samples give"):
        MixLoss(lambda z, y: focal_by_sample(z, y).sum())(logits(), mixed())
    hidden = torch.from_numpy(WEIGHT)
    with pytest.raises(UsageError, match="losses of its samples give"):
        MixLoss(lambda z, y: functional.cross_entropy(z, y, weight=hidden))(logits(), mixed())


def test_the_criterion_is_not_changed_and_followed():
    criterion = torch.nn.CrossEntropyLoss(weight=torch.from_numpy(WEIGHT).float())
    loss = MixLoss(criterion)
    criterion.double()
    expected = cross_entropy_and_gradient(
        A, B, reduction="mean", weight=WEIGHT.astype(np.float32).astype(np.float64)
    )
    check(loss, mixed(), expected)
    assert criterion.reduction == "mean"


def test_plain_targets_go_to_the_criterion_untouched():
    def criterion(z, y):
        return z, y

    z, y = logits(), torch.from_numpy(A)
    assert MixLoss(criterion)(z, y) == (z, y)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_logits_keep_the_weights_in_float32(dtype):
    loss = MixLoss(torch.nn.CrossEntropyLoss(reduction="none"))
    each = loss(logits(dtype), mixed())
    assert each.dtype == torch.float32
    ce = partial(functional.cross_entropy, logits(dtype), reduction="none")
    of_a, of_b = (ce(torch.from_numpy(y)).double() for y in (A, B))
    lam = torch.from_numpy(LAM).double()
    assert torch.allclose(each.double(), lam * of_a + (1 - lam) * of_b, rtol=1e-6)


def test_one_sample_and_one_class_of_weight_0_are_numbers():
    z = torch.tensor([[0.0, -torch.inf]])
    clean = Mixed(torch.tensor([0]), torch.tensor([1]), torch.ones(1))
    assert MixLoss(torch.nn.CrossEntropyLoss())(z, clean).item() == 0.0
    assert MixLoss(lambda z, y: functional.cross_entropy(z, y))(z, clean).item() == 0.0


def test_all_labels_ignored_is_no_number_as_for_the_criterion():
    gone = np.full(N, IGNORED)
    criterion = torch.nn.CrossEntropyLoss()
    assert torch.isnan(criterion(logits(), torch.from_numpy(gone)))
    assert torch.isnan(MixLoss(criterion)(logits(), mixed(gone, gone)))


def test_the_mean_over_a_batch_of_kl_divergence_is_kept():
    rows = rng.dirichlet(np.ones(CLASSES), (2, N))
    criterion = torch.nn.KLDivLoss(reduction="batchmean")
    value = MixLoss(criterion)(logits().log_softmax(1), mixed(*rows))
    log_p, lam = log_softmax(LOGITS), LAM.astype(np.float64)[:, None]
    parts = [share * q * (np.log(q) - log_p) for share, q in ((lam, rows[0]), (1 - lam, rows[1]))]
    assert value.item() == pytest.approx(sum(part.sum() for part in parts) / N, abs=EXACT)


SMOOTHED = 0.9 * np.eye(CLASSES) + 0.1 / CLASSES


@pytest.mark.parametrize(
    ("criterion", "targets", "said"),
    [
        (torch.nn.CrossEntropyLoss(), mixed(A + 1, B), "label 6 is not one of 6 classes"),
        (functional.cross_entropy, mixed(A, B - 1), "label -1 is not one of 6 classes"),
        (torch.nn.CrossEntropyLoss(torch.ones(5)), mixed(), r"class weights have shape \(5,\)"),
        (torch.nn.CrossEntropyLoss(), mixed(*np.zeros((2, N, 5))), "rows have 5 classes, logits 6"),
        (torch.nn.CrossEntropyLoss(), Mixed(A, B, LAM), "NumPy"),
        (
            torch.nn.CrossEntropyLoss(label_smoothing=0.1),
            mixed(SMOOTHED[A], SMOOTHED[B]),
            "smoothed already",
        ),
        (
            torch.nn.CrossEntropyLoss(label_smoothing=0.1),
            torch.from_numpy(SMOOTHED[A]),
            "smoothed already",
        ),
    ],
)
def test_targets_that_do_not_fit_are_refused(criterion, targets, said):
    with pytest.raises(UsageError, match=said):
        MixLoss(criterion)(logits(), targets)


def test_another_batch_size_is_refused():
    with pytest.raises(UsageError, match="targets 9 samples"):
        MixLoss(torch.nn.CrossEntropyLoss())(logits()[:4], mixed())


def test_an_unknown_reduction_is_refused():
    with pytest.raises(UsageError, match="reduction is 'median'"):
        MixLoss(focal, reduction="median")
