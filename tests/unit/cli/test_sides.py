"""What the words of a command line mean as the two runs."""

import click
import pytest

from whydrop.cli.sides import Sides, pair, single
from whydrop.core.errors import UsageError

RUN = "python train.py --config {config}"


@pytest.fixture(autouse=True)
def context():
    with click.Context(click.Command("explain"), info_name="whydrop explain"):
        yield


@pytest.mark.parametrize(
    ("words", "good", "bad", "run", "meant"),
    [
        ((), "a --x", "a", None, Sides(None, "a --x", "a")),
        (("a.yaml", "b.yaml"), None, None, RUN, Sides(None, "a.yaml", "b.yaml")),
        ((), "a.yaml", "b.yaml", RUN, Sides(None, "a.yaml", "b.yaml")),
        (("m:f", "a.yaml", "b.yaml"), None, None, None, Sides("m:f", "a.yaml", "b.yaml")),
        (("m:f",), "a.yaml", "b.yaml", None, Sides("m:f", "a.yaml", "b.yaml")),
    ],
)
def test_every_form_of_two_runs_is_understood(words, good, bad, run, meant):
    assert pair(words, good, bad, run) == meant


@pytest.mark.parametrize(
    ("words", "good", "run", "meant"),
    [
        ((), "a --x", None, Sides(None, "a --x", None)),
        (("a.yaml",), None, RUN, Sides(None, "a.yaml", None)),
        (("m:f", "a.yaml"), None, None, Sides("m:f", "a.yaml", None)),
        (("m:f",), "a.yaml", None, Sides("m:f", "a.yaml", None)),
    ],
)
def test_every_form_of_one_run_is_understood(words, good, run, meant):
    assert single(words, good, run) == meant


@pytest.mark.parametrize(
    ("words", "good", "bad", "run", "what"),
    [
        ((), "a", None, None, "no bad run"),
        (("a.yaml", "b.yaml"), None, None, None, "there is no file 'a.yaml'"),
        ((__file__, __file__), None, None, None, "say nothing of the program"),
        (("train.py --lr 1", "train.py"), None, None, None, "'train.py --lr 1' is a command"),
        (("a.yaml", "b.yaml"), "a", "b", None, "given twice"),
        (("a", "b", "c", "d"), None, None, None, "4 words"),
        (("train.py", "a.yaml", "b.yaml"), None, None, None, "'train.py' is no function"),
        (("a.yaml", "b.yaml"), None, None, "python train.py", "no {config}"),
        (("m:f", "a.yaml", "b.yaml"), None, None, RUN, "two programs"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_way_out(words, good, bad, run, what):
    with pytest.raises(UsageError) as caught:
        pair(words, good, bad, run)
    assert what in str(caught.value)
    assert caught.value.where == "whydrop explain"
    assert caught.value.do


def test_recipes_need_no_program(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text("schema: whydrop.recipe/1\n")
    name = str(file)
    assert pair((name, name), None, None, None) == Sides(None, name, name)
    assert pair((), name, name, None) == Sides(None, name, name)
    assert single((name,), None, None) == Sides(None, name, None)
