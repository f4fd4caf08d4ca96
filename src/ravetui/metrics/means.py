"""Means over the windows of a set, with an interval that knows that windows of one file are alike."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.interval import BLOCKS, Estimate, bootstrap_weights


def mean_estimate(values: NDArray[np.float64], files: NDArray[np.int64], seed: int) -> Estimate:
    """The mean, with an interval from drawing files again and again.

    Args:
        values: One number a window, finite, (n,).
        files: Which file each window came from, (n,).
        seed: The same seed gives the same interval.

    Raises:
        ScoreError: Fewer than four files.
    """
    need_files(files)
    blocks = file_blocks(files, BLOCKS)
    sums, sizes = np.bincount(blocks, weights=values), np.bincount(blocks).astype(np.float64)
    weights = bootstrap_weights(len(sizes), seed)
    return Estimate.from_resamples(float(values.mean()), (weights @ sums) / (weights @ sizes))
