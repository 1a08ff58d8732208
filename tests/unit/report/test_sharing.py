"""What may be shared."""

import pytest
from tests.fixtures.results import by_hand

from whydrop.report.sharing import redacted_command, shareable


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("whydrop diff good.yaml bad.yaml", "whydrop diff good.yaml bad.yaml"),
        ("w --good 't.py --api-key s3cret --lr 1'", "w --good 't.py --api-key (redacted) --lr 1'"),
        ("w --env HF_TOKEN=s3cret", "w --env HF_TOKEN=(redacted)"),
        ("w 'http://me:s3cret@host/x'", "w http://(redacted)@host/x"),
        ("w --password s3cret 'open quote", "w --password (redacted) 'open quote"),
        ("w --metric 'val_acc: {}'", "w --metric 'val_acc: {}'"),
    ],
)
def test_a_command_is_shown_without_its_secrets(command, shown):
    assert redacted_command(command) == shown


def test_nothing_else_of_a_result_changes():
    result, shown = by_hand(), shareable(by_hand())
    assert shown.factors[:3] == result.factors[:3]
    assert shown.study.outcomes == result.study.outcomes
    assert (shown.sentence, shown.notes, shown.plan) == (
        result.sentence,
        result.notes,
        result.plan,
    )
    assert "a1" not in repr(shown)
