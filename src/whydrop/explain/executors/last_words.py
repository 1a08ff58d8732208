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
    """Return a failure with its last line, the hint that fits, and the lines before."""
    if not lines:
        return f"{what}; it printed nothing"
    text = f"{what}: {lines[-1].strip()}"
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
