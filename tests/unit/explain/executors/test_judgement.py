import pytest

from whydrop.explain.executors.judgement import ending


@pytest.mark.parametrize(
    ("status", "words"),
    [(3, "exit status 3"), (-9, "killed by SIGKILL"), (-11, "killed by SIGSEGV")],
)
def test_an_end_is_told_in_words(status, words):
    assert ending(status) == words


def test_a_signal_without_a_name_is_told_by_its_number():
    assert ending(-40) == "killed by signal 40"
