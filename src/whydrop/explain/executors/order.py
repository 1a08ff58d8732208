"""Order and Report: what the coordinator and the supervisor of a trial tell each other."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LENGTH_BYTES = 8

End = Literal["exited", "timeout", "memory", "unstartable", "unreadable", "unwritable"]


@dataclass(frozen=True)
class Order:
    """One trial to run.

    Attributes:
        log: absolute path of the file that takes its output.
        argv: a program with its arguments; empty for a call of the server's function.
        cwd: working directory of a program.
        env: variables set on top of the server's environment.
        config: first argument of a call.
        seed: second argument of a call, and what the generators of its process start from.
        threads: what a loaded torch is set to; None leaves it alone.
        timeout_s: wall time; None is no limit.
        memory_mib: resident memory of the trial with its children; None is no limit.
    """

    log: str
    argv: tuple[str, ...] = ()
    cwd: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    config: Any = None
    seed: int = 0
    threads: int | None = None
    timeout_s: float | None = None
    memory_mib: int | None = None


@dataclass(frozen=True)
class Report:
    """How a trial ended.

    Attributes:
        end: "exited" by itself or by a signal from elsewhere; stopped for "timeout" or
            "memory"; "unstartable" when the program could not be started; "unreadable" when
            the function's value is not JSON-like; "unwritable" when the log could not be kept.
        status: exit status, or minus the signal that ended it; None when it was stopped or
            never ran.
        seconds: wall time from its start to its end.
        returned: what the function returned.
        detail: for every end but "exited", what was seen.
    """

    end: End
    status: int | None
    seconds: float
    returned: Any = None
    detail: str = ""


def send(channel: socket.socket, message: Order | Report) -> None:
    """Write a message as one line of JSON."""
    channel.sendall(json.dumps(asdict(message)).encode() + b"\n")


def send_ahead(channel: socket.socket, configs: Sequence[Any]) -> None:
    """Write the configs that a new server prepares; its first message."""
    text = json.dumps(list(configs)).encode()
    channel.sendall(len(text).to_bytes(LENGTH_BYTES) + text)


def receive_ahead(channel: socket.socket) -> list[Any]:
    """Wait for the configs; none when the other side is gone.

    Takes no byte more: file descriptors travel with those that follow.
    """
    size = int.from_bytes(channel.recv(LENGTH_BYTES, socket.MSG_WAITALL))
    text = channel.recv(size, socket.MSG_WAITALL)
    return list(json.loads(text)) if size and len(text) == size else []


def receive(channel: socket.socket) -> Any:
    """Wait for the one message of the other side; None when it is gone without one."""
    arrived = bytearray()
    while not arrived.endswith(b"\n"):
        try:
            chunk = channel.recv(1 << 16)
        except ConnectionError:
            return None
        if not chunk:
            return None
        arrived += chunk
    return json.loads(arrived)
