"""The command's frame: light, helpful, and three-part errors."""

import resource
import subprocess
import sys

import pytest

from whydrop.cli.main import COMMANDS, run

HEAVY = {"numpy", "scipy", "torch", "keras", "sklearn", "pandas", "rich", "ruamel"}


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids="-".join)
def test_help_loads_nothing_heavy_and_shows_an_example(command):
    code = (
        "import sys\n"
        "from whydrop.cli.main import run\n"
        f"status = run({[*command, '--help']!r})\n"
        f"loaded = {HEAVY!r} & {{name.split('.')[0] for name in sys.modules}}\n"
        "sys.exit(status or (f'loaded {loaded}' if loaded else 0))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout
    assert "whydrop " + " ".join(command) in done.stdout


def test_help_takes_less_than_a_quarter_of_a_second():
    def seconds() -> float:
        """Of the processor: other programs may keep it busy meanwhile."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "whydrop", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.25


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["exlpain"], "there is no command 'exlpain'; did you mean 'explain'?"),
        (["explain", "--metirc", "x"], "--metric"),
        (["explain", "--max-time", "soon"], "'soon' is not a duration; write 30m, 2h or 90s"),
        (["explain", "--env", "X"], "no NAME=VALUE"),
        (["resume", "nowhere"], "'nowhere' does not exist"),
    ],
)
def test_a_wrong_word_is_answered_in_three_parts(capsys, arguments, what):
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert what in shown.err
    assert "\n  where: whydrop" in shown.err
    assert "\n  do: " in shown.err


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "whydrop", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("whydrop, version ")


def test_an_error_cannot_steer_the_terminal(capsys):
    assert run(["resume", "\x1b[2Jnowhere"]) == 2
    assert "\x1b" not in capsys.readouterr().err
