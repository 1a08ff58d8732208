"""Config files: their lines, and what is refused as no safe config."""

from pathlib import Path

import pytest

from whydrop.core.config.file import read_config
from whydrop.core.errors import UsageError, WhydropError


def refused(folder: Path, name: str, content: str | bytes) -> WhydropError:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(WhydropError) as caught:
        read_config(file)
    return caught.value


def test_json_and_toml_tell_their_lines(tmp_path: Path) -> None:
    json_text = '{\n "a": {"b": 1,\n  "c": 2},\n "t": [\n  {"x": 1},\n  {"x": 2}]\n}'
    toml_text = 'q = """\na = 1\n"""\n[a]\nb = 1\n[a.c]\nd = 2\n[[t]]\nx = 1\n[[t]]\n"x" = 2\n'
    places = {}
    for suffix, text in (("json", json_text), ("toml", toml_text)):
        file = tmp_path / f"a.{suffix}"
        file.write_text(text)
        document = read_config(file).document
        places[suffix] = [
            document.line_of(path)
            for path in (("a", "b"), ("a", "c"), ("t", 0, "x"), ("t", 1, "x"), ("t", 1))
        ]
    assert places == {"json": [2, 3, 5, 6, 6], "toml": [5, 6, 9, 11, 10]}


def bomb(levels: int) -> str:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "content", "what", "line"),
    [
        ("a.yaml", "x: 1\nlr: 1\nlr: 2\n", "occurs twice", 3),
        ("a.json", '{"x": 1,\n "o": {"lr": 1,\n  "lr": 2}}', "'o.lr' occurs twice", 3),
        ("a.toml", "lr = 1\nlr = 2\n", "cannot overwrite a value", 2),
        ("a.yaml", "x: 1\ny: !!python/object/apply:os.system [ls]\n", "not safe YAML", 2),
        ("a.yaml", "x: 1\ny: !include other.yaml\n", "not safe YAML", 2),
        ("a.yaml", "x: [1\ny: 2\n", "not safe YAML", 2),
        ("a.yaml", "x: 1\n---\ny: 2\n", "another document", 2),
        ("a.yaml", "x: 1\ny: &a [*a]\n", "holds itself", 2),
        ("a.yaml", "x: 1\ny: !!binary aGk=\n", "'y' is a bytes", 2),
        ("a.yaml", "x: 1\n? [1, 2]\n: 3\n", "no text or number", 2),
        ("a.yaml", bomb(9), "expands to 1,234,567,909 values", None),
        ("a.yaml", "[" * 1000, "nested more than", None),
        ("a.yaml", "x: " + "[" * 120 + "]" * 120, "nested more than", None),
        ("a.yaml", "x: 2020-13-45\n", "not YAML", None),
        ("a.yaml", "- 1\n", "a list", None),
        ("a.json", "[" * 100_000, "nested more than", None),
        ("a.json", '{"a": ' * 120 + "1" + "}" * 120, "nested more than", None),
        ("a.json", '{"x": 1,\n "y": tru}', "not JSON", 2),
        ("a.json", "3", "a int", None),
        ("a.toml", "x = 1\ny = \n", "not TOML", 2),
        ("a.yaml", b"\xff\xfe", "not UTF-8", None),
        ("a.json", " " * (1 << 20) + "{}", "larger than", None),
        ("a.json", '{"x": [' + "[]," * 60_000 + "[]]}", "more than 50,000 values", None),
        ("a.ini", "x=1", "ends in .yaml", None),
    ],
)
def test_what_is_not_a_safe_config_is_refused_with_its_file_and_line(
    tmp_path: Path, name: str, content: str | bytes, what: str, line: int | None
) -> None:
    error = refused(tmp_path, name, content)
    assert what in error.what
    assert error.where == str(tmp_path / name) + (f":{line}" if line else "")
    assert error.do


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_config(tmp_path / "none.yaml")
