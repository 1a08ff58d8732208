"""The words of one command line, with all that the line itself tells about them."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from whydrop.explain.sources.command_line import ASSIGNMENT, NUMBER

Role = Literal["environment", "program", "script", "option", "override", "loose", "positional"]
Key = tuple[int, str]  # the part of the line it stands in, and its spelling

_OVERRIDE = re.compile(r"(\+{0,2}|~)([^\W\d][\w.@:/-]*)=(.*)", re.DOTALL)
_DELETION = re.compile(r"~([^\W\d][\w.@:-]*)")
_LONG = re.compile(r"--[^=]")
_SHORT = re.compile(r"-[^\W\d]")
_ATTACHED = re.compile(r"(-[A-Za-z])(\d+(?:\.\d+)?)")
_PYTHON = re.compile(r"(python|pypy)\d*(\.\d+)*w?(\.exe)?")
_PYTHON_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
INTERPRETER = -1  # the part of a line that holds the options of Python itself


@dataclass(eq=False)
class Word:
    """A word with what it can be.

    Attributes:
        role: "loose" words follow an option and are its value or a positional argument.
        words: nearly always the text alone.
        key: of an option or override.
        inline: the value inside the same word.
        holder: for a loose word or an override, the option it follows.
    """

    text: str
    at: int
    role: Role
    words: tuple[str, ...] = ()
    key: Key = (0, "")
    inline: str | None = None
    holder: "Word | None" = None

    def __post_init__(self) -> None:
        self.words = self.words or (self.text,)


Line = list[Word]


def divides(texts: Sequence[str]) -> bool:
    """Return whether ``--`` stands between a launcher and a program with options of its own."""
    if "--" not in texts:
        return False
    return any(_LONG.match(text) for text in texts[texts.index("--") + 1 :])


def lex(texts: Sequence[str], divided: bool) -> Line:
    """Return the words with all that their own line tells about them."""
    line: Line = []
    while ASSIGNMENT.fullmatch(texts[len(line)]):
        name, value = texts[len(line)].split("=", 1)
        word = Word(value, len(line) + 1, "environment", (texts[len(line)],), key=(0, name))
        line.append(word)
    line.append(Word(texts[len(line)], len(line) + 1, "program"))
    at = len(line)
    holder: Word | None = None  # the option that the next word may belong to
    part = 0
    literal = python_seen = False
    while at < len(texts):
        if not python_seen and holder is None and _PYTHON.fullmatch(PurePath(texts[at - 1]).name):
            python_seen = True
            own = _python_words(texts, at)
            line.extend(own)
            at += sum(len(word.words) for word in own)
            continue
        text = texts[at]
        at += 1
        word = _classified(text, at, part) if not literal else Word(text, at, "positional")
        line.append(word)
        if text == "--" and not literal:
            part += divided
            literal = not divides(texts)
        if word.role == "option":
            holder = word if word.inline is None else None
            continue
        previous = line[-2]
        if holder is not None and (previous is holder or _same_sort(previous, word)):
            word.holder = holder
            if word.role == "positional" and text != "--":
                word.role = "loose"
                continue
            if word.role == "override":
                continue
        word.holder = holder = None
    return line


def _same_sort(previous: Word, word: Word) -> bool:
    return (previous.role == "override") == (word.role == "override")


def _classified(text: str, at: int, part: int) -> Word:
    if text == "--":
        return Word(text, at, "positional")
    attached = _ATTACHED.fullmatch(text)
    if attached:
        return Word(text, at, "option", key=(part, attached[1]), inline=attached[2])
    if _LONG.match(text) or (_SHORT.match(text) and not NUMBER.fullmatch(text)):
        key, joined, value = text.partition("=")
        return Word(text, at, "option", key=(part, key), inline=value if joined else None)
    override = _OVERRIDE.fullmatch(text)
    if override:
        inline = None if override[1] == "~" else override[3]
        return Word(text, at, "override", key=(part, override[2]), inline=inline)
    deletion = _DELETION.fullmatch(text)
    if deletion:
        return Word(text, at, "override", key=(part, deletion[1]))
    return Word(text, at, "positional")


def _python_words(texts: Sequence[str], at: int) -> Line:
    """Return Python's own options and the script, module or code that it runs."""
    line: Line = []
    while at < len(texts):
        text = texts[at]
        if text in ("-m", "-c") and at + 1 < len(texts):
            words = (text, texts[at + 1])
            line.append(Word(" ".join(words), at + 1, "script", words))
            break
        if not text.startswith("-") or text in ("-", "--"):
            line.append(Word(text, at + 1, "script"))
            break
        valued = text in _PYTHON_WITH_VALUE and at + 1 < len(texts)
        option = tuple(texts[at : at + 1 + valued])
        inline = option[1] if valued else ""
        line.append(Word(text, at + 1, "option", option, key=(INTERPRETER, text), inline=inline))
        at += len(option)
    return line


def join_rest(line: Line) -> None:
    """Make one word of ``--`` and the literal words after it, where only one line has them."""
    marker = next((i for i, word in enumerate(line) if word.text == "--"), None)
    if marker is None or any(word.role != "positional" for word in line[marker:]):
        return
    words = tuple(word.text for word in line[marker:])
    line[marker:] = [Word(shlex.join(words), line[marker].at, "positional", words)]
