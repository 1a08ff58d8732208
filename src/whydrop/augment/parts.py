"""Parts of a batch: so many samples at a time that what is made of them stays small."""

from collections.abc import Iterator


def parts(n: int, each: int, most: int) -> Iterator[slice]:
    """Yield slices of n samples, in order; one sample where that alone is too much.

    Args:
        n: samples.
        each: values of a sample.
        most: values at a time.

    Example:
        >>> list(parts(5, 10, 25))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, most // max(1, each))
    for first in range(0, n, step):
        yield slice(first, min(n, first + step))
