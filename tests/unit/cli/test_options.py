"""Values with units."""

import click
import pytest

from whydrop.cli.options import assignment, duration, mebibytes


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("1.5h", 5400), ("2 D", 172800)]
)
def test_durations_have_the_units_people_write(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize(("text", "mib"), [("800", 800), ("800M", 800), ("1.5g", 1536)])
def test_sizes_are_mebibytes(text, mib):
    assert mebibytes(text) == mib


@pytest.mark.parametrize("text", ["", "0", "-3m", "2x", "1h30m", "inf", "1e3"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(click.BadParameter):
        duration(text)


def test_only_the_first_equals_sign_divides():
    assert assignment("FLAGS=--a=1") == ("FLAGS", "--a=1")
    with pytest.raises(click.BadParameter):
        assignment("=1")
