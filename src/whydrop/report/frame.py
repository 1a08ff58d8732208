"""A result as a pandas data frame: one row a factor."""

from typing import TYPE_CHECKING

from whydrop.core.errors import MissingExtra
from whydrop.core.result import Result
from whydrop.report.factor_rows import partners_of
from whydrop.report.names import levels, listing
from whydrop.report.sharing import shareable
from whydrop.report.visible import plain_cell

if TYPE_CHECKING:
    import pandas as pd


def to_frame(result: Result) -> "pd.DataFrame":
    """Return one row a factor, in study order; effects in the metric's shown unit.

    Text is safe to write to a CSV file: a cell that a spreadsheet would run as a formula begins
    with an apostrophe, and control marks are spelt out.

    Raises:
        MissingExtra: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtra(
            "a data frame needs pandas", where="to_frame", do="pip install 'whydrop[plot]'"
        ) from error
    result = shareable(result)
    rows = []
    for row in result.factors:
        off, on = levels(row.off, row.on)
        rows.append(
            {
                "factor": plain_cell(row.name),
                "off": plain_cell(off),
                "on": plain_cell(on),
                "effect": row.effect,
                "low": row.low,
                "high": row.high,
                "verdict": row.verdict,
                "with": plain_cell(listing(partners_of(row.name, result))),
                "largest_possible": row.largest_possible,
                "suspect": row.suspect,
                "failures": row.failures,
                "source": plain_cell(row.source),
                "note": plain_cell(row.note),
            }
        )
    numbers = ["effect", "low", "high", "largest_possible"]
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, "float64"))
