"""Errors a user may meet: what happened, where, and what to do next."""


class WhydropError(Exception):
    """An error that is shown without a traceback.

    Args:
        what: what happened, with the values seen.
        where: the file, key, trial or option it happened in.
        do: the next thing to try.
    """

    exit_status = 2

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.do:
            lines.append(f"  do: {self.do}")
        return "\n".join(lines)


class UsageError(WhydropError):
    """The request itself is wrong: an option, a name, a value."""


class DataError(WhydropError):
    """A file from elsewhere does not hold what it should."""


class MissingExtra(WhydropError):  # noqa: N818 - named for what happened
    """An optional package is needed and absent."""


class JournalError(WhydropError):
    """A study folder cannot be read, written or owned."""


class Interrupted(WhydropError):  # noqa: N818 - named for what happened
    """The user stopped something that can be gone on with."""

    exit_status = 130
