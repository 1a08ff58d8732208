import pytest

from whydrop.explain.executors.last_words import (
    last_lines,
    ran_out_of_memory,
    told,
    told_error,
)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "output.log"


def test_only_the_last_lines_that_say_something_are_kept(log):
    log.write_text("".join(f"line {i}\n\n" for i in range(20)))
    assert last_lines(log) == tuple(f"line {i}" for i in range(14, 20))


def test_a_progress_bar_is_as_many_lines_as_it_drew(log):
    log.write_text("epoch 1\r\nstep 1\rstep 2\rstep 3")
    assert last_lines(log)[-2:] == ("step 2", "step 3")


def test_nothing_in_a_line_can_steer_a_terminal(log):
    log.write_bytes(b"\x1b[2J\x07 red\x9b31m \xe2\x80\xae drow \x00\n")
    [line] = last_lines(log)
    assert all(char.isprintable() for char in line)
    assert line.startswith("\\x1b[2J\\x07 red")


def test_a_line_of_any_length_is_cut(log):
    log.write_text("x" * 1_000_000)
    [line] = last_lines(log)
    assert line == "x" * 200


def test_an_empty_output_is_said_to_be_empty(log):
    log.touch()
    assert told("exit status 1", last_lines(log)) == "exit status 1; it printed nothing"


def test_the_failure_comes_first_and_the_lines_below():
    text = told("exit status 1", ("Traceback", "ValueError: bad lr"))
    assert text.splitlines() == [
        "exit status 1: ValueError: bad lr",
        "  | Traceback",
        "  | ValueError: bad lr",
    ]


@pytest.mark.parametrize("name", ["whydrop.core.errors.UsageError", "whydrop"])
def test_of_an_error_of_ours_it_is_told_what_happened_and_where_before_what_to_do(name):
    lines = (
        "    raise UsageError(",
        f"{name}: there is no images.zip",
        "  where: /data",
        "  do: give the folder that holds it",
    )
    assert told_error("exit status 1", lines).splitlines() == [
        "exit status 1: there is no images.zip (/data)",
        "  | do: give the folder that holds it",
    ]


def test_an_error_of_ours_may_leave_out_where_and_what_to_do():
    assert told_error("exit status 2", ("whydrop: no room",)) == "exit status 2: no room"


def test_of_an_exception_of_several_lines_the_first_is_told():
    lines = ("    fit()", "ValueError: Input X contains NaN.", "", "See the manual.")
    assert told_error("exit status 1", lines).startswith(
        "exit status 1: ValueError: Input X contains NaN.\n"
    )


def test_a_program_that_shows_no_exception_is_told_by_its_last_line():
    for lines in (("Warning: slow", "giving up"), ("whydrop: a note", "giving up")):
        assert told_error("exit status 1", lines) == told("exit status 1", lines)
        assert told_error("exit status 1", lines).startswith("exit status 1: giving up\n")


def test_a_program_that_asked_for_input_is_told_so():
    text = told("exit status 1", ("EOFError: EOF when reading a line",))
    assert "asked for input" in text


@pytest.mark.parametrize(
    "line",
    [
        "MemoryError",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7 TiB",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB",
        "RuntimeError: [enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: "
        "can't allocate memory: you tried to allocate 4000 bytes",
        "terminate called after throwing an instance of 'std::bad_alloc'",
    ],
)
def test_the_ways_to_say_out_of_memory_are_known(line):
    assert ran_out_of_memory(("Traceback", line))


def test_other_failures_are_not_taken_for_it():
    assert not ran_out_of_memory(("memory: 3 GiB used", "ValueError: bad lr"))
