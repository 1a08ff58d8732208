"""Metrics beside scikit-learn and torchmetrics, and counted by hand."""

import numpy as np
import pytest
import sklearn.metrics as sk
import tests.fixtures.torchvision_operators  # noqa: F401 - torchmetrics imports torchvision
import torch
from torchmetrics.classification import MulticlassAccuracy, MulticlassCalibrationError

from whydrop.core.errors import DataError, UsageError
from whydrop.core.metric import Metric
from whydrop.training.metrics.accuracy import confusion, macro, per_class, top1, topk
from whydrop.training.metrics.calibration import ece, nll
from whydrop.training.metrics.mistakes import (
    batch_mean_macro,
    batch_mean_top1,
    full_batches_top1,
    macro_all_classes,
    macro_seen_classes,
)
from whydrop.training.metrics.names import METRICS, Measure, measure_for

CLASSES = 6
rng = np.random.default_rng(4)
LABELS = rng.choice(CLASSES, 501, p=[0.5, 0.2, 0.15, 0.1, 0.05, 0.0])  # class 5 never occurs
LOGITS = rng.standard_normal((501, CLASSES)).astype(np.float32)
LOGITS[np.arange(501), LABELS] += 1
PREDICTED = LOGITS.argmax(1)


def of_torchmetrics(metric, labels=LABELS, logits=LOGITS):
    return float(metric(torch.from_numpy(logits), torch.from_numpy(labels)))


def test_top1_is_that_of_scikit_learn_and_micro_of_torchmetrics():
    assert top1(LABELS, LOGITS) == pytest.approx(sk.accuracy_score(LABELS, PREDICTED))
    micro = of_torchmetrics(MulticlassAccuracy(CLASSES, average="micro"))
    assert top1(LABELS, LOGITS) == pytest.approx(micro, abs=1e-6)


@pytest.mark.parametrize("k", range(1, CLASSES + 1))
def test_topk_is_that_of_scikit_learn(k):
    ids = np.arange(CLASSES)
    if k == CLASSES:
        assert topk(LABELS, LOGITS, k=k) == 1.0  # scikit-learn warns
    else:
        expected = sk.top_k_accuracy_score(LABELS, LOGITS, k=k, labels=ids)
        assert topk(LABELS, LOGITS, k=k) == pytest.approx(expected)


def test_equal_logits_count_as_for_argmax():
    labels, logits = np.array([0, 1, 2]), np.zeros((3, 3))
    assert top1(labels, logits) == topk(labels, logits, k=1) == pytest.approx(1 / 3)
    assert topk(labels, logits, k=2) == pytest.approx(2 / 3)


def test_macro_is_balanced_accuracy():
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        expected = sk.balanced_accuracy_score(LABELS, PREDICTED)
    assert macro(LABELS, LOGITS) == pytest.approx(expected)


def test_recall_by_class_is_that_of_scikit_learn():
    expected = sk.recall_score(LABELS, PREDICTED, average=None, labels=range(5))
    assert per_class(LABELS, LOGITS)[:5] == pytest.approx(expected)
    assert np.isnan(per_class(LABELS, LOGITS)[5])


def test_confusion_is_that_of_scikit_learn():
    expected = sk.confusion_matrix(LABELS, PREDICTED, labels=range(CLASSES))
    assert np.array_equal(confusion(LABELS, LOGITS), expected)


def test_nll_is_the_log_loss_of_scikit_learn():
    p = torch.from_numpy(LOGITS).double().softmax(1).numpy()
    assert nll(LABELS, LOGITS) == pytest.approx(sk.log_loss(LABELS, p, labels=range(CLASSES)))


def test_nll_of_extreme_logits_is_exact():
    logits = np.array([[1e4, 0.0], [0.0, 1e4]])
    assert nll(np.array([0, 0]), logits) == 5e3


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_ece_is_that_of_torchmetrics(bins):
    expected = of_torchmetrics(MulticlassCalibrationError(CLASSES, n_bins=bins, norm="l1"))
    assert ece(LABELS, LOGITS, bins=bins) == pytest.approx(expected, abs=1e-6)


def test_the_logarithm_of_probabilities_is_as_good_as_logits():
    p = torch.from_numpy(LOGITS).double().softmax(1).numpy()
    assert ece(LABELS, np.log(p)) == pytest.approx(ece(LABELS, LOGITS), abs=1e-12)


# -- mistakes ----------------------------------------------------------------------------------


def test_macro_over_seen_classes_is_the_default_of_torchmetrics():
    expected = of_torchmetrics(MulticlassAccuracy(CLASSES))
    assert macro_seen_classes(LABELS, LOGITS) == pytest.approx(expected, abs=1e-6)
    assert macro_seen_classes(LABELS, LOGITS) < macro(LABELS, LOGITS)


def test_one_right_class_of_four_is_a_quarter_where_absent_classes_count():
    labels, logits = np.array([0, 0]), np.eye(4)[[0, 0]]
    assert top1(labels, logits) == macro(labels, logits) == macro_seen_classes(labels, logits) == 1
    assert macro_all_classes(labels, logits) == 0.25


def test_a_mean_of_batches_gives_a_short_last_batch_too_much():
    right = np.array([1, 1, 1, 0, 0])
    logits = np.eye(2)[right]
    labels = np.ones(5, np.int64)
    assert top1(labels, logits) == 0.6
    assert batch_mean_top1(labels, logits, batch_size=4) == (0.75 + 0.0) / 2
    assert full_batches_top1(labels, logits, batch_size=4) == 0.75


def test_a_mean_of_batches_of_macro_is_what_torchmetrics_averages_to():
    metric = MulticlassAccuracy(CLASSES)
    cut = [slice(start, start + 128) for start in range(0, 501, 128)]
    expected = np.mean([of_torchmetrics(metric, LABELS[s], LOGITS[s]) for s in cut])
    assert batch_mean_macro(LABELS, LOGITS, batch_size=128) == pytest.approx(expected, abs=1e-6)


# -- by name -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", METRICS)
def test_every_name_gives_a_number_in_its_range(name):
    measure = measure_for(name, batch_size=100)
    assert measure.name == name
    assert 0 <= measure.compute(LABELS, LOGITS) <= (1 if measure.metric.unit == "points" else 9)


def test_top_and_a_number_is_a_name():
    assert measure_for("top3", batch_size=1).compute(LABELS, LOGITS) == topk(LABELS, LOGITS, k=3)


def test_a_measure_says_which_way_it_is_better_and_how_it_is_shown():
    given = Measure("zero_one", sk.zero_one_loss, minimize=True, unit="points")
    assert measure_for(given, batch_size=1) is given
    assert given.metric == Metric("zero_one", minimize=True, unit="points")
    assert measure_for(sk.zero_one_loss, batch_size=1).metric == Metric("zero_one_loss")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "error rate"}, "the name of a metric is 'error rate'"),
        ({"name": sk.zero_one_loss}, "the name of a metric is <function"),
        ({"compute": "top1"}, "error is computed by 'top1'"),
        ({"minimize": "yes"}, "minimize is 'yes'"),
        ({"unit": "percent"}, "unit 'percent'"),
    ],
)
def test_a_measure_of_other_values_is_refused(given, message):
    with pytest.raises(UsageError, match=message):
        Measure(**({"name": "error", "compute": sk.zero_one_loss} | given))


def test_a_name_near_to_one_is_suggested():
    with pytest.raises(UsageError, match="no metric 'marco'") as caught:
        measure_for("marco", batch_size=1)
    assert caught.value.do == "did you mean 'macro'?"


@pytest.mark.parametrize("metric", [top1, topk, macro, nll, ece, confusion])
@pytest.mark.parametrize(
    ("labels", "logits", "message"),
    [
        (LOGITS, LABELS, "labels have shape"),
        (LABELS[:5], LOGITS, "labels have shape"),
        (LABELS[:0], LOGITS[:0], "labels have shape"),
        (LABELS - 1, LOGITS, "labels go from -1 to 3"),
        (LABELS + 2, LOGITS, "labels go from 2 to 6, logits have 6 classes"),
        (LABELS.astype(float), LOGITS, "labels are float64"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(metric, labels, logits, message):
    with pytest.raises(UsageError, match=message):
        metric(labels, logits)


@pytest.mark.parametrize("metric", [top1, topk, macro, nll, ece])
def test_outputs_that_are_not_numbers_are_never_right(metric):
    logits = LOGITS.copy()
    logits[3, 2] = np.nan
    with pytest.raises(DataError, match="1 of 501 samples are not numbers"):
        metric(LABELS, logits)


def test_k_beyond_the_classes_is_refused():
    with pytest.raises(UsageError, match="k is 7, logits have 6 classes"):
        topk(LABELS, LOGITS, k=7)


def test_without_a_full_batch_there_is_no_mean_of_full_batches():
    with pytest.raises(UsageError, match="501 samples, a batch has 512"):
        full_batches_top1(LABELS, LOGITS, batch_size=512)
