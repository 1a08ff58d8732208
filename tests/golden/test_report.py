"""A small study, worked out by hand, beside the text and the JSON that it gives."""

import io
import json
from pathlib import Path

from rich.console import Console
from tests.fixtures.results import by_hand

from whydrop.report.terminal import print_result

HERE = Path(__file__).parent / "report"


def test_the_terminal_shows_the_small_study_at_80_columns():
    out = io.StringIO()
    print_result(by_hand(), Console(file=out, width=80))
    shown = [line.rstrip() for line in out.getvalue().splitlines()]
    assert shown == (HERE / "explain_80_columns.txt").read_text(encoding="utf-8").splitlines()


def test_the_json_of_the_small_study():
    assert json.loads(by_hand().to_json()) == json.loads((HERE / "explain.json").read_text())
