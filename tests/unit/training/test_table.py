"""Rows as text."""

import pytest

from whydrop.core.metric import Metric
from whydrop.training.table import aligned, cell, columns, fitting, heading, line

LOSS, TOP1 = Metric("train_loss", minimize=True, unit="raw"), Metric("top1", unit="points")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0946, "0.0946"), (2.302585, "2.3026"), (0.0, "0.0000"), (0.00012, "1.200e-04"),
     (54321.0, "5.432e+04"), (float("inf"), "inf"), (float("nan"), "-")],
)  # fmt: skip
def test_losses_have_four_digits(value, text):
    assert cell(LOSS, value) == text


def test_shares_are_points_and_other_numbers_of_a_function_are_not():
    assert cell(TOP1, 0.9887) == "98.87"
    assert cell(Metric("right"), 0.25) == "25.00"
    assert cell(Metric("right"), 1.25) == "1.2500"


def test_a_line_can_be_read_by_a_pattern():
    row = {"epoch": 7, "train_loss": 0.31, "top1": 0.9902, "seconds": 12.34}
    assert line([LOSS, TOP1], row) == "epoch 7: train_loss 0.3100, top1 99.02, 12.3 s"


def test_columns_are_those_of_any_row_in_their_order():
    rows = [{"epoch": 0, "top1": 1.0}, {"epoch": 1, "train_loss": 1.0}]
    assert columns([LOSS, TOP1], rows) == ["epoch", "train_loss", "top1"]


def test_headings_stand_over_their_numbers():
    names = ["epoch", "train_loss", "a_very_long_name", "seconds"]
    assert [*heading(names), aligned(names, ["3", "0.3100", "1", "2.0"])] == [
        "                      a",
        "                   very",
        "         train     long",
        "epoch     loss     name  seconds",
        "    3   0.3100        1      2.0",
    ]


ALL = [
    "epoch", "train_loss", "train_top1", "train_top1_highest", "train_top1_clean",
    "train_clean_share", "valid_loss", "top1", "macro", "ece", "seconds",
]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (95, []),
        (94, ["train_clean_share"]),
        (80, ["train_clean_share", "train_top1_clean"]),
        (60, ["train_clean_share", "train_top1_clean", "train_top1_highest", "seconds"]),
        (10, [*ALL[2:6], "macro", "ece", "seconds"]),
    ],
)
def test_columns_are_left_out_by_their_weight_until_a_row_fits(width, left_out):
    kept = fitting(ALL, width)
    assert kept == [name for name in ALL if name not in left_out]
    rows = [*heading(kept), aligned(kept, ["12", *["0.1234"] * (len(kept) - 1)])]
    assert max(map(len, rows)) <= max(width, 32)
