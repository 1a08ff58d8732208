"""Numbers, texts and arrays out of a pickle, read as data: nothing in it is called.

A pickle is a program for a stack machine whose opcodes may call any function. This reader knows the
opcodes that Python 2 wrote for a dict of byte strings, lists and NumPy arrays, and builds these
itself. Anything else, any other function first of all, is an error that names it and its place.
"""

import io
import math
import pickletools
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError

_MARK = object()
# The names under which NumPy builds an array; module names since NumPy 2 and before.
_CALLABLE = {
    "numpy.core.multiarray _reconstruct": "array",
    "numpy._core.multiarray _reconstruct": "array",
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
}
_MOST_AXES = 8
_DTYPES = frozenset(kind + size for kind in "iu" for size in "1248") | {"f4", "f8", "b1"}


@dataclass
class _Built:
    """What a pickle calls a function for: "array" or "dtype", filled in by a later opcode."""

    kind: str
    dtype: str = ""
    value: NDArray[Any] | None = None


@dataclass(frozen=True)
class _Name:
    kind: str


@dataclass
class _Machine:
    where: str
    room_bytes: int  # arrays share their bytes in a pickle made to fill the memory
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    position: int = 0

    def refuse(self, what: str) -> DataError:
        return DataError(
            what,
            where=f"{self.where}, byte {self.position:,}",
            do="get the file again; only numbers, texts and arrays are read from a pickle",
        )

    def pop(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise self.refuse("the pickle takes a value that it did not put there")
        return self.stack.pop()

    def top(self, kind: type) -> Any:
        if not self.stack or type(self.stack[-1]) is not kind:
            raise self.refuse(f"the pickle fills a {kind.__name__} that is not there")
        return self.stack[-1]

    def pop_to_mark(self) -> list[Any]:
        for i in range(len(self.stack) - 1, -1, -1):
            if self.stack[i] is _MARK:
                values = self.stack[i + 1 :]
                del self.stack[i:]
                return values
        raise self.refuse("the pickle ends a group that it did not begin")


def read_pickled_dict(raw: bytes, where: str) -> dict[bytes, Any]:
    """Return the dict that a pickle of protocol 2 holds, as Python 2 wrote it.

    Args:
        raw: the whole pickle.
        where: the name of the file, for errors.

    Returns:
        Byte strings by byte strings, or lists, tuples, numbers and arrays that own their memory.

    Raises:
        DataError: anything else in it, such as another function to call; damage.

    Source of the opcodes: PEP 307 and CPython's ``pickletools``.
    """
    machine = _Machine(where, len(raw))
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # of escapes in a function's name
        _run(machine, raw)
    found = machine.pop()
    if type(found) is not dict:
        raise machine.refuse(f"the pickle holds a {type(found).__name__} and no dict")
    return {_as_bytes(key): _finished(value, machine) for key, value in found.items()}


def _run(machine: _Machine, raw: bytes) -> None:
    stream = io.BytesIO(raw)
    opcodes = pickletools.genops(stream)
    ended = False
    while not ended:
        try:
            opcode, argument, position = next(opcodes)
        except (ValueError, OverflowError, DeprecationWarning) as error:
            machine.position = stream.tell()
            raise machine.refuse(f"the pickle is cut off or damaged: {error}") from error
        machine.position = position or 0
        ended = _step(machine, opcode.name, argument)


def _step(machine: _Machine, name: str, argument: Any) -> bool:
    """Carry out one opcode; return whether it was the last."""
    stack, memo = machine.stack, machine.memo
    match name:
        case "STOP":
            return True
        case "PROTO":
            if argument > 2:
                raise machine.refuse(f"the pickle is of protocol {argument}, not 2")
        case "MARK":
            stack.append(_MARK)
        case "EMPTY_DICT" | "EMPTY_LIST" | "EMPTY_TUPLE":
            stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}[name]())
        case "NONE" | "NEWTRUE" | "NEWFALSE":
            stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
        case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINUNICODE":
            stack.append(argument)
        case "SHORT_BINSTRING" | "BINSTRING":
            stack.append(argument.encode("latin-1"))  # as pickletools decoded it
        case "TUPLE":
            stack.append(tuple(machine.pop_to_mark()))
        case "TUPLE1" | "TUPLE2" | "TUPLE3":
            values = [machine.pop() for _ in range(int(name[-1]))]
            stack.append(tuple(reversed(values)))
        case "BINPUT" | "LONG_BINPUT":
            value = machine.pop()
            stack.append(value)
            memo[argument] = value
        case "BINGET" | "LONG_BINGET":
            if argument not in memo:
                raise machine.refuse(f"the pickle repeats value {argument} before it is there")
            stack.append(memo[argument])
        case "APPEND":
            value = machine.pop()
            machine.top(list).append(value)
        case "APPENDS":
            values = machine.pop_to_mark()
            machine.top(list).extend(values)
        case "SETITEM":
            value, key = machine.pop(), machine.pop()
            _set_items(machine, [key, value])
        case "SETITEMS":
            _set_items(machine, machine.pop_to_mark())
        case "GLOBAL":
            if argument not in _CALLABLE:
                raise machine.refuse(f"the pickle asks for {argument.replace(' ', '.')!r:.80}")
            stack.append(_Name(_CALLABLE[argument]))
        case "REDUCE":
            arguments, called = machine.pop(), machine.pop()
            stack.append(_called(machine, called, arguments))
        case "BUILD":
            state = machine.pop()
            _fill(machine, machine.top(_Built), state)
        case _:
            raise machine.refuse(f"the pickle holds the opcode {name}")
    return False


def _set_items(machine: _Machine, flat: list[Any]) -> None:
    target = machine.top(dict)
    keys = flat[::2]
    if len(flat) % 2 or not all(type(key) in (bytes, str) for key in keys):
        raise machine.refuse("the pickle holds a dict whose keys are not texts")
    for key, value in zip(keys, flat[1::2], strict=True):
        if key in target:
            raise machine.refuse(f"the pickle holds the key {key!r:.80} twice")
        target[key] = value


def _called(machine: _Machine, called: Any, arguments: Any) -> _Built:
    match called, arguments:
        case _Name("array"), (_Name("ndarray"), (0,), (bytes() | str())):
            return _Built("array")
        case _Name("dtype"), ((bytes() | str()) as name, int(), int()):
            text = _as_bytes(name).decode("latin-1")
            if text not in _DTYPES:
                raise machine.refuse(f"the pickle holds an array of {text!r:.40}")
            return _Built("dtype", text)
    raise machine.refuse("the pickle calls something else than NumPy does for an array")


def _fill(machine: _Machine, built: _Built, state: Any) -> None:
    match built.kind, state:
        case "dtype", (int(), (b"|" | b"<" | b">" | "|" | "<" | ">") as order, *_):
            built.dtype = _as_bytes(order).decode("latin-1") + built.dtype[-2:]
        case "array", (int(), tuple() as shape, _Built("dtype") as dtype, int(order), bytes(raw)):
            lengths = all(type(length) is int and length >= 1 for length in shape)
            if not lengths or len(shape) > _MOST_AXES:
                raise machine.refuse("the pickle holds an array whose lengths are not such")
            kind = np.dtype(dtype.dtype)
            if math.prod(shape) * kind.itemsize != len(raw):
                what = f"an array of shape {shape!r:.80}, {dtype.dtype}, has {len(raw):,} bytes"
                raise machine.refuse(what)
            machine.room_bytes -= len(raw)
            if machine.room_bytes < 0:
                raise machine.refuse("the arrays of the pickle are larger than itself")
            flat = np.frombuffer(raw, kind).astype(kind.newbyteorder("="))
            built.value = flat.reshape(shape, order="F" if order else "C")
        case _:
            raise machine.refuse(f"the pickle fills an {built.kind} as NumPy does not")


def _finished(value: Any, machine: _Machine) -> Any:
    if not isinstance(value, _Built):
        return value
    if value.value is None:
        raise machine.refuse(f"the pickle holds an {value.kind} without content")
    return value.value


def _as_bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
