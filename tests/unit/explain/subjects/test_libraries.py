"""The versions of what trains: read without loading it, and kept with a study."""

import subprocess
import sys

import numpy
import pytest

from whydrop.explain import assemble, conduct
from whydrop.explain.request import Request
from whydrop.explain.subjects.libraries import LIBRARIES, installed


def test_what_is_installed_has_its_version_and_nothing_else_is_named():
    found = installed()
    assert found["numpy"] == numpy.__version__
    assert found.keys() <= set(LIBRARIES)
    if "torch" in found:
        torch = pytest.importorskip("torch")
        assert torch.__version__.partition("+")[0] == found["torch"].partition("+")[0]


def test_no_library_is_loaded_for_it():
    code = (
        "import sys\n"
        "from whydrop.explain.subjects.libraries import installed\n"
        "installed()\n"
        "print([name for name in ('numpy', 'torch', 'keras', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ({"function": print, "good": {"lr": 1}, "bad": {"lr": 2}}, True),
        ({"good": "sh fit.sh 1", "bad": "sh fit.sh 2"}, False),
    ],
)
def test_a_study_keeps_the_versions_of_what_trains_in_this_interpreter(asked, known, tmp_path):
    request = Request.of("explain", **asked)
    with conduct.begin(request, assemble.subject_of(request), tmp_path / "s") as journal:
        versions = dict(journal.header.versions)
        answer, _ = conduct.answer_of(journal)
    assert versions.keys() >= {"whydrop", "python"}
    assert (versions.keys() & set(LIBRARIES) == installed().keys()) == known
    assert answer.versions == versions
