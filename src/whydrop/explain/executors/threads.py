"""How many numeric threads a trial gets."""

import os
from collections.abc import Mapping

from whydrop.explain.executor import Limits

VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def cores() -> int:
    """Return the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share(jobs: int) -> int:
    """Return the threads of one of several trials at once: an equal share, at least 1."""
    return max(1, cores() // jobs)


def thread_variables(limits: Limits, jobs: int, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set: a limit counts, else what the user has set, else the share."""
    if limits.threads is not None:
        return dict.fromkeys(VARIABLES, str(limits.threads))
    return {name: str(share(jobs)) for name in VARIABLES if name not in environ}


def in_process(limits: Limits, jobs: int, environ: Mapping[str, str]) -> int:
    """Return the same as a number, for libraries that have read the variables already."""
    first = thread_variables(limits, jobs, environ).get(VARIABLES[0], environ.get(VARIABLES[0], ""))
    number = first.partition(",")[0]  # OpenMP takes a list, one number a nesting level
    return int(number) if number.isdecimal() else share(jobs)
