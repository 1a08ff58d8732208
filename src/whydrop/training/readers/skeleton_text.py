"""One NTU RGB+D `.skeleton` file as an array."""

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError
from whydrop.training.readers.sequences import are_coordinates

MOST_FRAMES = 100_000
MOST_BODIES = 6  # what a Kinect v2 tracks
JOINTS = 25
INFO_VALUES = 10  # of a body: its number, what its hands do, whether it is clipped, ...
JOINT_VALUES = 12  # x, y, z in metres; in the depth and colour picture; rotation; tracking state


class _Lines:
    """The lines of a file one after the other, each of what it must hold."""

    def __init__(self, raw: bytes, where: str) -> None:
        self._where = where
        self._next = 0
        try:
            self._lines = raw.decode("ascii").splitlines()
        except UnicodeDecodeError as error:
            what = f"the file is not text: byte {error.start:,} is {raw[error.start]:#04x}"
            line = raw.count(b"\n", 0, error.start) + 1
            do = "give a .skeleton file of NTU RGB+D"
            raise DataError(what, where=f"{where}, line {line:,}", do=do) from error

    def words(self, n: int, what: str) -> list[str]:
        """Return the n values of the next line."""
        if self._next >= len(self._lines):
            raise self.refuse(f"the file ends where {what} should be")
        words = self._lines[self._next].split()
        self._next += 1
        if len(words) != n:
            line = self._lines[self._next - 1]
            raise self.refuse(f"{what} has {len(words)} values and not {n}: {line!r:.60}")
        return words

    def count(self, what: str, low: int, high: int) -> int:
        """Return the number on the next line."""
        word = self.words(1, what)[0]
        if not word.isdigit() or len(word) > 9 or not low <= int(word) <= high:
            raise self.refuse(f"{what} is {word!r:.40}, not a number from {low} to {high:,}")
        return int(word)

    def position(self) -> list[float]:
        """Return x, y and z of the joint on the next line."""
        words = self.words(JOINT_VALUES, "a joint")
        try:
            return [float(word) for word in words[:3]]
        except ValueError as error:
            raise self.refuse(f"a joint is at {' '.join(words[:3])!r:.60}") from error

    def end(self) -> None:
        rest = next((i for i in range(self._next, len(self._lines)) if self._lines[i].strip()), -1)
        if rest >= 0:
            self._next = rest + 1
            raise self.refuse("the file goes on after its last frame")

    def refuse(self, what: str) -> DataError:
        return DataError(
            what, where=f"{self._where}, line {max(self._next, 1):,}", do="get the file again"
        )


def read_skeleton_text(raw: bytes, where: str) -> NDArray[np.float64]:
    """Return the joints (t, 25, 3, 6) in metres, by the place of each body in its frame.

    Args:
        raw: the file: the number of frames; for each the number of bodies; for each body a line of
            10 values, the number of joints (25), and a line of 12 values a joint.
        where: its name, for errors.

    Raises:
        DataError: anything else, with its line; more than 100,000 frames or 6 bodies.
    """
    lines = _Lines(raw, where)
    frames = lines.count("the number of frames", 1, MOST_FRAMES)
    if frames > len(raw):
        raise lines.refuse(f"{frames:,} frames do not fit into {len(raw):,} bytes")
    joints = np.zeros((frames, JOINTS, 3, MOST_BODIES))
    for t in range(frames):
        for m in range(lines.count("the number of bodies", 0, MOST_BODIES)):
            lines.words(INFO_VALUES, "the description of a body")
            lines.count("the number of joints", JOINTS, JOINTS)
            joints[t, :, :, m] = [lines.position() for _ in range(JOINTS)]
            if not are_coordinates(joints[t, :, :, m]):
                what = "the body that ends here has a joint that is NaN, infinite or too far"
                raise lines.refuse(what)
    lines.end()
    return joints
