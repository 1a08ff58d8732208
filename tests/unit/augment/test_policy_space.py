"""What policies draw: strengths against torchvision's tables, frequencies as said."""

from fractions import Fraction

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401 - lets torchvision import
from scipy import stats
from tests.fixtures.colour import drawn_for
from torchvision.transforms import v2 as vision

from whydrop.augment import Pipeline, RandAugment, TrivialAugment, from_json, to_json
from whydrop.augment.op import Size
from whydrop.augment.ops.policy_space import NAMES, NUMBER
from whydrop.core.errors import UsageError

SIZE = Size(20, 331)
PAIRS = [(RandAugment, vision.RandAugment), (TrivialAugment, vision.TrivialAugmentWide)]
BINS = pytest.mark.parametrize("bins", [2, 10, 31, 64])


def drawn_bins(ours, bins, op):
    """Return the magnitudes of all bins of an operation, as drawn with a positive sign."""
    u_op, positive = (NUMBER[op] + 0.5) / 14, 0.9
    if ours is TrivialAugment:
        u = np.stack([np.full(bins, u_op), (np.arange(bins) + 0.5) / bins, np.full(bins, positive)])
        return ours(bins).draw(u, SIZE)["magnitude"][:, 0]
    u = np.array([[u_op], [positive]])
    each = [ours(1, at, bins).draw(u, SIZE)["magnitude"] for at in range(bins)]
    return np.concatenate(each)[:, 0]


def test_the_operations_are_torchvisions():
    for _, theirs in PAIRS:
        assert tuple(theirs._AUGMENTATION_SPACE) == NAMES


@BINS
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("Translate")])
def test_magnitudes_are_torchvisions(ours, theirs, name, bins):
    magnitudes_of, _ = theirs._AUGMENTATION_SPACE[name]
    expected = magnitudes_of(bins, *SIZE)
    expected = np.zeros(bins) if expected is None else expected.numpy()
    np.testing.assert_allclose(drawn_bins(ours, bins, name), expected, rtol=0, atol=3e-5)


@BINS
def test_distances_are_the_exact_ones_cut_to_whole_pixels(bins):
    # torchvision's float32 makes 15.999999, cut to 15, of one 16.
    shares = [Fraction(at, bins - 1) for at in range(bins)]
    wide = [int(32 * share) for share in shares]
    for name, side in (("TranslateY", SIZE.height), ("TranslateX", SIZE.width)):
        assert drawn_bins(TrivialAugment, bins, name).tolist() == wide
        expected = [int(Fraction(150, 331) * side * share) for share in shares]
        assert drawn_bins(RandAugment, bins, name).tolist() == expected


@pytest.mark.parametrize("ours", [RandAugment(3), TrivialAugment()], ids=repr)
def test_operations_and_signs_are_equally_likely(ours):
    drawn = drawn_for(ours, 40_000)
    for op, magnitude in zip(drawn["op"].T, drawn["magnitude"].T, strict=True):
        assert stats.chisquare(np.bincount(op, minlength=14)).pvalue > 1e-4
        for number, name in enumerate(NAMES):
            negative, positive = ((sign * magnitude[op == number] > 0).sum() for sign in (-1, 1))
            if vision.RandAugment._AUGMENTATION_SPACE[name][1]:
                assert stats.binomtest(int(negative), int(negative + positive)).pvalue > 1e-5
            else:
                assert negative == 0


def test_rounds_are_drawn_apart():
    op = drawn_for(RandAugment(2), 40_000)["op"]
    table = np.zeros((14, 14))
    np.add.at(table, (op[:, 0], op[:, 1]), 1)
    assert stats.chi2_contingency(table).pvalue > 1e-4


def test_a_further_round_leaves_the_earlier_ones_as_they_were():
    two, three = drawn_for(RandAugment(2), 100), drawn_for(RandAugment(3), 100)
    for name, values in two.items():
        assert np.array_equal(three[name][:, :2], values)


def test_all_strengths_of_trivial_augment_are_equally_likely_and_drawn_apart():
    drawn = drawn_for(TrivialAugment(), 60_000)
    thresholds = drawn["magnitude"][drawn["op"] == NUMBER["Solarize"]]
    counts = np.bincount(np.rint(thresholds * 30).astype(int), minlength=31)
    assert stats.chisquare(counts).pvalue > 1e-4
    turned = drawn["magnitude"][drawn["op"] == NUMBER["Rotate"]]
    strengths = np.bincount(np.rint(np.abs(turned) / 4.5).astype(int), minlength=31)
    assert stats.chisquare(strengths).pvalue > 1e-4
    negative = np.bincount(np.rint(-turned[turned < 0] / 4.5).astype(int), minlength=31)[1:]
    positive = strengths[1:] - negative
    assert stats.chi2_contingency([negative, positive]).pvalue > 1e-4


@pytest.mark.parametrize(
    "op",
    [RandAugment(), RandAugment(3, 4, 11, 0.5), TrivialAugment(), TrivialAugment(7, 1.0)],
    ids=repr,
)
def test_a_policy_survives_json(op):
    pipeline = Pipeline([op], seed=9)
    back = from_json(to_json(pipeline))
    assert back.ops == (op,)
    drawn, again = (p.draws((20, 27), index=np.arange(9)) for p in (pipeline, back))
    for name, values in drawn[type(op).__name__].items():
        assert np.array_equal(again[type(op).__name__][name], values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandAugment(num_ops=-1), "num_ops is -1"),
        (lambda: RandAugment(num_ops=1.5), "num_ops is 1.5"),
        (lambda: RandAugment(num_ops=True), "num_ops is True"),
        (lambda: RandAugment(magnitude=31), "magnitude is 31"),
        (lambda: RandAugment(magnitude=9, num_magnitude_bins=9), "magnitude is 9"),
        (lambda: RandAugment(magnitude=-1), "magnitude is -1"),
        (lambda: RandAugment(magnitude=0.5), "magnitude is 0.5"),
        (lambda: RandAugment(num_magnitude_bins=1), "num_magnitude_bins is 1"),
        (lambda: TrivialAugment(num_magnitude_bins="31"), "num_magnitude_bins is '31'"),
        (lambda: RandAugment(fill=128), "fill is 128"),
        (lambda: TrivialAugment(fill=None), "fill is None"),
    ],
)
def test_bad_values_are_refused(make, message):
    with pytest.raises(UsageError, match=message):
        make()
