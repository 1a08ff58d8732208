import pytest

from whydrop.explain.executor import Limits
from whydrop.explain.executors import threads
from whydrop.explain.executors.threads import in_process, share, thread_variables


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 8)


@pytest.mark.parametrize(("jobs", "expected"), [(1, 8), (3, 2), (8, 1), (20, 1)])
def test_jobs_share_the_cores_and_each_gets_at_least_one(jobs, expected):
    assert share(jobs) == expected


def test_every_library_is_told_the_share():
    found = thread_variables(Limits(), 4, {})
    assert set(found.values()) == {"2"}
    assert {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"} <= found.keys()


def test_what_the_user_has_set_is_kept_unless_there_is_a_limit():
    theirs = {"OMP_NUM_THREADS": "5"}
    assert "OMP_NUM_THREADS" not in thread_variables(Limits(), 4, theirs)
    assert thread_variables(Limits(threads=3), 4, theirs)["OMP_NUM_THREADS"] == "3"


@pytest.mark.parametrize(
    ("limits", "theirs", "expected"),
    [
        (Limits(), {}, 2),
        (Limits(), {"OMP_NUM_THREADS": "5"}, 5),
        (Limits(), {"OMP_NUM_THREADS": "5,2"}, 5),
        (Limits(), {"OMP_NUM_THREADS": "many"}, 2),
        (Limits(threads=3), {"OMP_NUM_THREADS": "5"}, 3),
    ],
)
def test_a_loaded_library_gets_the_number_that_the_variables_say(limits, theirs, expected):
    assert in_process(limits, 4, theirs) == expected
