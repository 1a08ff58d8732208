import json
import math
import random
import sys

import numpy as np
import pytest

from whydrop.core.errors import UsageError
from whydrop.explain.executors.call import as_json, load, seed_generators


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    (tmp_path / "neighbour_of_it.py").write_text("VALUE = 3\n")
    path = tmp_path / "my_train.py"
    path.write_text(
        "from neighbour_of_it import VALUE\n"
        "def train(config, seed):\n    return VALUE\n"
        "if __name__ == '__main__':\n    raise SystemExit('this is the guarded part')\n"
    )
    return path


def test_a_script_is_imported_with_its_neighbours_and_not_run(script):
    assert load(f"{script}:train")({}, 0) == 3


def test_a_module_is_found_by_its_name():
    assert load("math:gcd") is math.gcd


def test_a_script_named_as_a_loaded_module_does_not_replace_it(tmp_path, script):
    path = tmp_path / "json.py"
    path.write_text("def train(config, seed): return 5\n")
    assert load(f"{path}:train")({}, 0) == 5
    assert sys.modules["json"] is json


def test_a_wrong_name_is_answered_with_the_nearest(script):
    with pytest.raises(UsageError) as caught:
        load(f"{script}:trian")
    assert "'trian'" in caught.value.what
    assert "'train'" in caught.value.do


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(f"{tmp_path}/none.py:train")
    assert caught.value.where == f"{tmp_path}/none.py"


def test_the_global_generators_start_from_the_seed():
    # 2**32 + 1 is more than NumPy takes
    def draws(seed):
        seed_generators(seed)
        return random.random(), np.random.rand()

    assert draws(7) == draws(7) != draws(8)
    assert draws(2**32 + 1) == draws(2**32 + 1)


def test_arrays_and_numbers_of_numpy_come_through_as_json():
    value = {"top1": np.float32(0.5), "curve": np.arange(3), "n": np.int64(4), "none": None}
    assert json.loads(as_json(value)) == {"top1": 0.5, "curve": [0, 1, 2], "n": 4, "none": None}


def test_what_json_cannot_hold_is_refused_by_its_type():
    with pytest.raises(TypeError, match="object"):
        as_json({"top1": object()})
