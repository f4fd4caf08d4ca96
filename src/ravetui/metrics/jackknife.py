"""Delete-a-block jackknife: the bias and the standard error of any statistic of a set."""

import numpy as np
from numpy.typing import NDArray


def from_left_out(full: float, left: NDArray[np.float64], sizes: NDArray[np.floating]) -> tuple[float, float, int]:
    """Bias and variance of a statistic from what it is without each block of files.

    Blocks of unequal size are weighted as by Busing, Meijer & van der Leeden 1999 (Statistics and Computing 9,
    "Delete-m jackknife for unequal m"); for equal ones the bias is (B - 1) (mean of F without b - F).

    Args:
        full: The statistic of the whole set.
        left: Of the set without each block, (B,), at least two.
        sizes: How many windows each block has, (B,).

    Returns:
        Bias of `full`, its variance, and how many blocks there were.
    """
    share = sizes.sum() / sizes
    pseudo = share * full - (share - 1) * left
    corrected = len(sizes) * full - ((1 - 1 / share) * left).sum()
    variance = ((pseudo - corrected) ** 2 / (share - 1)).mean()
    return float(full - corrected), float(variance), len(sizes)
