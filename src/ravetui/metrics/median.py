"""The median, without what numpy's loads."""

import numpy as np
from numpy.typing import ArrayLike


def median(values: ArrayLike) -> float:
    """The middle value, or the mean of the two in the middle.

    numpy's loads its masked arrays first: a tenth of the time of a score whose embeddings are in the cache.

    Args:
        values: At least one number, finite, (n,).
    """
    array = np.asarray(values, dtype=np.float64)
    middle = [(len(array) - 1) // 2, len(array) // 2]
    return float(np.partition(array, middle)[middle].mean())
