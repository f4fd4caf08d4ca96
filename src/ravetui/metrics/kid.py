"""Kernel distance (Bińkowski et al. 2018, arXiv 1801.01401) on unit embeddings, exact over all pairs."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import need_files
from ravetui.metrics.gram import stream
from ravetui.metrics.interval import BLOCKS, Estimate, bootstrap_weights
from ravetui.metrics.kernel_sums import KernelSums
from ravetui.metrics.pairs import need_pair
from ravetui.metrics.side import sides

SCALE = 1000.0
"""A score shows KID times this, as the field does."""


def cubic(cosines: NDArray[np.floating]) -> NDArray[np.floating]:
    """The kernel (1 + cosine)³."""
    kernel = cosines + cosines.dtype.type(1)
    square = kernel * kernel
    kernel *= square
    return kernel


def kid(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Squared maximum mean discrepancy under k(a, b) = (1 + cos(a, b))³, as a U-statistic over all pairs.

    The usual kernel divides the product by d, which on unit vectors leaves a test of the means alone; here a collapsed
    or narrowed set is seen too.

    Args:
        x: Embeddings, (n, d), of any length; only their directions count.
        y: Embeddings, (m, d).

    Returns:
        An unbiased estimate, which scatters around 0 for equal distributions; not times 1000.

    Raises:
        ScoreError: A set has fewer than two windows, or a zero vector.
    """
    need_pair(x)
    need_pair(y)
    first, second = sides(x, y, np.arange(len(x)), np.arange(len(y)), BLOCKS)
    sums = KernelSums(first, second, cubic)
    stream(first, second, [sums])
    return sums.value()


def kid_estimate(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    files: NDArray[np.int64],
    reference_files: NDArray[np.int64],
    seed: int,
) -> Estimate:
    """KID over the pairs of windows of different files, with an interval from drawing the files of both sets again.

    Windows of one file are alike; as pairs they would make each set seem narrower than what it was drawn from, and the
    distance too large, the more so the fewer the files. Without them it is unbiased again.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings, (m, d).
        files: Which file each row of `x` came from, (n,).
        reference_files: Which file each row of `y` came from, (m,).
        seed: The same seed gives the same interval.

    Raises:
        ScoreError: A set is of fewer than four files, or holds a zero vector.
    """
    need_files(files)
    need_files(reference_files)
    first, second = sides(x, y, files, reference_files, BLOCKS)
    sums = KernelSums(first, second, cubic)
    stream(first, second, [sums])
    return mmd_estimate(sums, seed)


def mmd_estimate(sums: KernelSums, seed: int) -> Estimate:
    """The squared discrepancy of sums that have seen all pairs, with an interval from drawing blocks of files again.

    Args:
        sums: Of blocks of files.
        seed: The same seed gives the same interval.

    Raises:
        ScoreError: The files differ too little to tell.
    """
    blocks = len(sums.x.sizes), len(sums.y.sizes)
    resampled = sums.distance(bootstrap_weights(blocks[0], seed), bootstrap_weights(blocks[1], seed + 1))
    return Estimate.from_resamples(sums.value(), resampled)
