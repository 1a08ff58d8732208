"""The process of a trial itself, from its fork to the program or call it becomes."""

import contextlib
import json
import os
import resource
import signal
import sys
import traceback
from typing import NoReturn

from whydrop.explain.executors.call import Function, as_json, limit_threads, seed_generators
from whydrop.explain.executors.order import Order
from whydrop.explain.executors.process_tree import volunteer_for_oom

ANSWER_BYTES = 16 << 20
UNSTARTABLE = 127  # as shells say it


def become(order: Order, function: Function | None, *, output: int, answer: int) -> NoReturn:
    """Turn this freshly forked process into the trial; never returns.

    Args:
        order: what to run.
        function: what an order without a program calls.
        output: file descriptor that takes standard output and error.
        answer: file descriptor for one JSON object: "returned", "unreadable" or "unstartable".
    """
    os.setsid()  # no terminal, and its own group
    volunteer_for_oom()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)
    os.environ.update(order.env)
    if order.argv:
        _exec(order, answer)
    assert function is not None, "a server without a function got a call"  # noqa: S101
    _call(order, function, answer)


def _exec(order: Order, answer: int) -> NoReturn:
    # Python ignores these two, and ignored signals stay ignored across exec
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.chdir(order.cwd)
        os.execvp(order.argv[0], order.argv)  # noqa: S606
    except OSError as error:
        place = error.filename or order.argv[0]
        os.write(answer, json.dumps({"unstartable": f"{error.strerror}: {place}"}).encode())
    os._exit(UNSTARTABLE)


def _call(order: Order, function: Function, answer: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # the old ones may be a notebook's, or hold what the parent has not flushed
    _inherited = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout, sys.stderr = (
        os.fdopen(fd, "w", 1, "utf-8", "backslashreplace", closefd=False) for fd in (1, 2)
    )
    status = 1
    try:
        if order.threads is not None:
            limit_threads(order.threads)
        seed_generators(order.seed)
        returned = function(order.config, order.seed)
        with os.fdopen(answer, "w", encoding="utf-8") as pipe:
            pipe.write(_answer(returned))
        status = 0
    except SystemExit as error:
        print(f"the function ended the process: SystemExit({error.code!r})", file=sys.stderr)
    except BaseException as error:
        below = error.__traceback__.tb_next if error.__traceback__ else None
        traceback.print_exception(error.with_traceback(below))
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _answer(returned: object) -> str:
    try:
        text = as_json(returned)
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"unreadable": str(error)})
    if len(text) > ANSWER_BYTES:
        return json.dumps({"unreadable": f"{len(text):,} bytes of JSON are too many"})
    return f'{{"returned": {text}}}'
