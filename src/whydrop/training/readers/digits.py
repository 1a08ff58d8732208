"""The scanned digits that come with scikit-learn: data that are there without a download."""

import numpy as np

from whydrop.core.errors import MissingExtra
from whydrop.training.readers.mnist import DIGITS
from whydrop.training.samples import Samples

WHITE = 16  # the scans count inked pixels, 0 to 16 of each 4 x 4 block


def read_digits() -> Samples:
    """Return 1,797 images (n, 1, 8, 8) uint8 of digits, about 180 a class.

    The 17 levels of ink are spread over 0 to 255, what uint8 images hold everywhere here.

    Raises:
        MissingExtra: scikit-learn is not installed.

    Source: Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, UCI Machine
    Learning Repository; the test part, as scikit-learn's ``load_digits`` has it.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingExtra(
            "the digits come with scikit-learn, which is not installed",
            where="read_digits",
            do="pip install 'whydrop[demo]'",
        ) from error
    digits = load_digits()
    ink = np.rint(digits.images * (255 / WHITE)).astype(np.uint8)
    return Samples(ink[:, None], digits.target, DIGITS)
