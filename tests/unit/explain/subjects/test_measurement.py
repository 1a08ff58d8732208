"""Where a metric is read, and what is said when it is not there."""

import math
import os
from pathlib import Path

import pytest

from whydrop.core.errors import UsageError
from whydrop.explain.subjects.lookup import NoMetricError
from whydrop.explain.subjects.measurement import (
    Reading,
    Traces,
    measurement,
    metric_of,
    with_last_words,
)


def traces(folder: Path, output: str = "", cwd: Path | None = None) -> Traces:
    log = folder / "output.log"
    log.write_bytes(output.encode())
    return Traces(log, folder, cwd or folder)


def told(spec: str | None, folder: Path, output: str = "") -> Reading:
    return measurement(spec).read(traces(folder, output))


def missing(spec: str | None, folder: Path, output: str = "") -> str:
    with pytest.raises(NoMetricError) as caught:
        told(spec, folder, output)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.93", 0.93),
        (".5", 0.5),
        ("5.", 5.0),
        ("93.1%", 93.1),
        ("93.1 %", 93.1),
        ("1e-3", 0.001),
        ("-2.5E+2", -250.0),
        ("+1_000", 1000.0),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("0.93.", 0.93),
        ("0.93,", 0.93),
        ("0.93)", 0.93),
        ("0.93 - loss: 1", 0.93),
    ],
)
def test_a_pattern_reads_a_number_in_any_usual_form(
    tmp_path: Path, text: str, value: float
) -> None:
    assert told("val_acc: {}", tmp_path, f"epoch 1 val_acc: {text}\n").value == value


def test_a_pattern_reads_not_a_number(tmp_path: Path) -> None:
    assert math.isnan(told("val_acc: {}", tmp_path, "val_acc: NaN").value)


@pytest.mark.parametrize("text", ["0.93.1", "12s", "v1.2", "0x1F", "none", ""])
def test_a_pattern_does_not_read_a_part_of_a_word(tmp_path: Path, text: str) -> None:
    assert "no line of the output matches" in missing("acc {}", tmp_path, f"acc {text}\n")


def test_the_last_match_is_the_metric_and_one_match_a_line_the_curve(tmp_path: Path) -> None:
    output = "acc 0.1\nnothing\nacc 0.2 acc 0.3\nacc 0.4\n"
    assert told("acc {}", tmp_path, output) == Reading(0.4, (0.1, 0.3, 0.4))
    assert told("acc {}", tmp_path, "acc 0.1\n") == Reading(0.1, ())


def test_blanks_of_a_pattern_match_any_blanks_and_the_rest_is_taken_literally(
    tmp_path: Path,
) -> None:
    assert told("top 1 (%): {}", tmp_path, "top  1\t(%):0.5\n").value == 0.5
    assert told("{} <- acc", tmp_path, "loss 2\n0.5  <- acc\n").value == 0.5
    assert told("acc={}.", tmp_path, "acc=7.\n").value == 7


def test_colours_and_redrawn_bars_are_read_as_a_terminal_shows_them(tmp_path: Path) -> None:
    output = "\x1b[1macc\x1b[0m: \x1b[32m0.1\x1b[0m\n 1/3 acc: 0.2\r 2/3 acc: 0.3\r 3/3 acc: 0.4\n"
    assert told("acc: {}", tmp_path, output) == Reading(0.4, (0.1, 0.4))
    assert told("acc: {}", tmp_path, "acc: 0.2\r\nacc: 0.3\r\n").curve == (0.2, 0.3)
    assert told("acc: {}", tmp_path, "1 acc: 0.2\x08\x08\x08\x082 acc: 0.3\n").curve == ()


def test_a_percent_sign_in_the_pattern_says_that_the_number_is_in_points() -> None:
    assert metric_of("acc: {}%").unit == "raw"
    assert metric_of("acc: {}").unit == "auto"


def test_a_pattern_with_two_places_is_refused() -> None:
    with pytest.raises(UsageError, match="one place for the number"):
        measurement("{} of {}")


def test_a_file_without_a_key_is_refused() -> None:
    with pytest.raises(UsageError, match="which number"):
        measurement("metrics.json")


@pytest.mark.parametrize(
    ("name", "content", "key", "reading"),
    [
        ("m.json", '{"val": {"top1": 0.9}}', "val/top1", Reading(0.9)),
        ("m.json", '{"val/top1": 0.9, "val": 1}', "val/top1", Reading(0.9)),
        ("m.json", '{"h": {"acc": [0.1, 0.2]}}', "h/acc", Reading(0.2, (0.1, 0.2))),
        ("m.json", '{"h": [{"acc": 1}, {"acc": 2}]}', "h/-1/acc", Reading(2)),
        ("m.json", '{"acc": "93.1%"}', "acc", Reading(93.1)),
        ("m.yaml", "val:\n  top1: 0.9\n", "val/top1", Reading(0.9)),
        ("m.csv", "epoch, acc\n1, 0.1\n2, 0.2\n", "acc", Reading(0.2, (0.1, 0.2))),
        ("m.csv", "step,loss,v\n1,0.5,\n1,,0.1\n2,0.4,\n2,,0.3\n", "v", Reading(0.3, (0.1, 0.3))),
        ("m.tsv", "a\tb\n1\t2\n", "b", Reading(2)),
        ("m.jsonl", '{"acc": 1}\n{"loss": 3}\n{"acc": 2}\n', "acc", Reading(2, (1, 2))),
    ],
)  # fmt: skip
def test_a_key_in_a_file_is_read_with_its_curve(
    tmp_path: Path, name: str, content: str, key: str, reading: Reading
) -> None:
    (tmp_path / name).write_text(content)
    assert told(f"{name}:{key}", tmp_path) == reading


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("m.json", '{"top1": 1, "top5": 2}', "there is no 'acc'; there is top1, top5"),
        ("m.json", '{"acc": "good"}', "'acc' is no number"),
        ("m.json", '{"acc": true}', "'acc' is no number"),
        ("m.json", '{"acc": []}', "'acc' is empty"),
        ("m.json", "{", "cannot be read"),
        ("m.json", "[" * 100_000, "cannot be read"),
        ("m.yaml", "acc: !!python/name:os.system\n", "not safe YAML"),
        ("m.csv", "a,b\n", "no rows"),
        ("m.csv", "a,b\n1,2\n", "there is no 'acc'; there is a, b"),
        ("m.jsonl", "nothing\n", "no rows"),
    ],
)
def test_a_file_without_the_number_says_what_it_holds(
    tmp_path: Path, name: str, content: str, what: str
) -> None:
    (tmp_path / name).write_text(content)
    text = missing(f"{name}:acc", tmp_path)
    assert what in text
    assert str(tmp_path / name) in text


def test_the_folder_of_the_trial_comes_before_that_of_the_program(tmp_path: Path) -> None:
    trial = tmp_path / "trial"
    trial.mkdir()
    (tmp_path / "m.json").write_text('{"a": 1}')
    assert measurement("m.json:a").read(traces(trial, cwd=tmp_path)).value == 1
    (trial / "m.json").write_text('{"a": 2}')
    assert measurement("m.json:a").read(traces(trial, cwd=tmp_path)).value == 2


def test_a_file_that_is_not_there_or_from_before_is_refused(tmp_path: Path) -> None:
    assert "wrote no file m.json" in missing("m.json:a", tmp_path)
    trial = tmp_path / "trial"
    trial.mkdir()
    source = measurement("m.json:a")
    file = tmp_path / "m.json"
    file.write_text('{"a": 1}')
    left = Traces(tmp_path / "log", trial, tmp_path, before=source.sight(tmp_path))
    with pytest.raises(NoMetricError, match="from before this trial"):
        source.read(left)
    os.utime(file, ns=(10, 10))  # a clock that runs behind makes no difference
    assert source.read(left).value == 1


def test_the_folder_of_the_trial_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"a": 1}')
    assert measurement("{out}/m.json:a").read(traces(tmp_path, cwd=Path("/"))).value == 1


def test_a_plain_name_is_a_key_of_the_last_json_line(tmp_path: Path) -> None:
    output = '{"acc": 0.1}\ntext {"acc": 5}\n{"acc": 0.2, "val": {"acc": 0.3}}\nbye\n'
    assert told("acc", tmp_path, output) == Reading(0.2, (0.1, 0.2))
    assert told("val/acc", tmp_path, output) == Reading(0.3)


def test_without_a_spec_the_only_number_of_the_last_json_line_is_the_metric(
    tmp_path: Path,
) -> None:
    assert told(None, tmp_path, '{"run": "a", "acc": 0.2}\n') == Reading(0.2)
    assert "holds 2 numbers (acc, loss)" in missing(None, tmp_path, '{"acc": 1, "loss": 2}\n')
    assert "no line of the output is a JSON object" in missing(None, tmp_path, "[1]\n{x}\n")


def test_null_at_the_end_is_not_a_number_and_does_not_hide_behind_earlier_values(
    tmp_path: Path,
) -> None:
    reading = told("acc", tmp_path, '{"acc": 0.9}\n{"acc": null}\n')
    assert math.isnan(reading.value)
    assert reading.curve[0] == 0.9


def test_last_words_are_shown_with_their_control_characters_spelt_out(tmp_path: Path) -> None:
    found = traces(tmp_path, "one\n\x1b[2Jtwo\u202e\n")
    assert with_last_words("gone", found.output) == "gone\n  | one\n  | \\x1b[2Jtwo\\u202e"
    assert with_last_words("gone", traces(tmp_path, "").output) == "gone; it printed nothing"


def test_only_the_end_of_a_flood_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whydrop.explain.subjects.measurement.OUTPUT_BYTES", 100)
    output = "acc 0.1\n" + "x" * 200 + "\nacc 0.2\n"
    assert told("acc {}", tmp_path, output) == Reading(0.2)
