"""Delete-a-block jackknife: the bias and the standard error of any statistic of a set."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import file_blocks, need_files


def jackknife(
    full: float, without: Callable[[NDArray[np.bool_]], float], files: NDArray[np.int64], blocks: int
) -> tuple[float, float, int]:
    """Leave out one block of files at a time.

    Blocks of unequal size are weighted as by Busing, Meijer & van der Leeden 1999 (Statistics and Computing 9,
    "Delete-m jackknife for unequal m"); for equal ones the bias is (B - 1) (mean of F without b - F).

    Args:
        full: The statistic of the whole set.
        without: The statistic of the windows that a mask (n,) keeps.
        files: Which file each window came from, (n,).
        blocks: Most blocks, at least two.

    Returns:
        Bias of `full`, its variance, and how many blocks there were.

    Raises:
        ScoreError: Fewer than four files.
    """
    need_files(files)
    block_of = file_blocks(files, blocks)
    sizes = np.bincount(block_of).astype(np.float64)
    left = np.array([without(block_of != block) for block in range(len(sizes))])
    return from_left_out(full, left, sizes)


def from_left_out(full: float, left: NDArray[np.float64], sizes: NDArray[np.floating]) -> tuple[float, float, int]:
    """The same from the statistic without each block, (B,), and how many windows each block has, (B,)."""
    share = sizes.sum() / sizes
    pseudo = share * full - (share - 1) * left
    corrected = len(sizes) * full - ((1 - 1 / share) * left).sum()
    variance = ((pseudo - corrected) ** 2 / (share - 1)).mean()
    return float(full - corrected), float(variance), len(sizes)
