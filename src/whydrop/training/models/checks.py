"""Checks of the numbers that networks are built from."""

from whydrop.core.errors import UsageError


def at_least(least: int, number: int, *, name: str, where: str) -> None:
    """Check that a number is not too small.

    Raises:
        UsageError: it is.
    """
    if number < least:
        raise UsageError(f"{name} is {number}", where=where, do=f"give at least {least}")
