"""What the end of a trial's output tells about why it failed."""

import re
import unicodedata
from pathlib import Path

READ_BYTES = 1 << 14
LINES = 6
LINE_LENGTH = 200

OUT_OF_MEMORY = re.compile(
    r"MemoryError|OutOfMemoryError|CUDA out of memory|CUDA error: out of memory"
    r"|can't allocate memory|Cannot allocate memory|std::bad_alloc|RESOURCE_EXHAUSTED"
)

RAISED = re.compile(r"(?:\w+\.)*[A-Z]\w*: ")  # an exception below its traceback
OWN_ERROR = re.compile(r"(?:whydrop\.core\.errors\.\w+|whydrop): (.+)")
WHERE = "  where: "

# What a program prints, and what its user can do about it under whydrop.
HINTS = (
    (
        re.compile(r"EOFError|EOF when reading a line"),
        "it asked for input, and a trial has none: give the answer as an option",
    ),
    (
        re.compile(r"Cannot re-initialize CUDA in forked subprocess"),
        "its module uses the GPU while it is imported: do that inside the function",
    ),
)


def last_lines(log: Path) -> tuple[str, ...]:
    """Return the last few lines of an output, with control characters made visible."""
    with log.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - READ_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    # a progress bar redraws its line after a carriage return
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    return tuple(_harmless(line[:LINE_LENGTH]) for line in lines[-LINES:])


def ran_out_of_memory(lines: tuple[str, ...]) -> bool:
    return any(OUT_OF_MEMORY.search(line) for line in lines)


def told(what: str, lines: tuple[str, ...]) -> str:
    """Return what happened with the last line, the hint that fits, and the lines before."""
    if not lines:
        return f"{what}; it printed nothing"
    return _with_lines(f"{what}: {lines[-1].strip()}", lines)


def told_error(what: str, lines: tuple[str, ...]) -> str:
    """Return a failure with the error that ended it, as ``told``.

    Of an error of whydrop itself it is what happened, where and what to do: how whydrop came to
    it is in the log.
    """
    error = _last_error(lines)
    if not error:
        return told(what, lines)
    own = OWN_ERROR.fullmatch(error[0])
    if own is None:
        return _with_lines(f"{what}: {error[0].strip()}", lines)
    where = next((line.removeprefix(WHERE) for line in error if line.startswith(WHERE)), "")
    below = [line.strip() for line in error[1:] if not line.startswith(WHERE)]
    place = f" ({where})" if where else ""
    return f"{what}: {own[1]}{place}" + "".join(f"\n  | {line}" for line in below)


def _last_error(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of the error that an output ends with, if it shows one.

    It begins where a traceback has ended, or with the name of our command.
    """
    for at in reversed(range(len(lines))):
        is_below_frames = at > 0 and lines[at - 1].startswith("  ")
        is_last = all(line.startswith("  ") for line in lines[at + 1 :])
        if (is_below_frames and RAISED.match(lines[at])) or (
            is_last and OWN_ERROR.fullmatch(lines[at])
        ):
            return lines[at:]
    return ()


def _with_lines(text: str, lines: tuple[str, ...]) -> str:
    for pattern, hint in HINTS:
        if any(pattern.search(line) for line in lines):
            text += f" ({hint})"
            break
    if len(lines) > 1:
        text += "".join(f"\n  | {line}" for line in lines)
    return text


def _harmless(text: str) -> str:
    """Return text that cannot steer a terminal: no control or direction-changing characters."""
    return "".join(
        char
        if char == "\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
        else char.encode("unicode_escape", errors="backslashreplace").decode()
        for char in text
    )
