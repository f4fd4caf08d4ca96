"""Kernel distance (Bińkowski et al. 2018, arXiv 1801.01401) on unit embeddings, exact over all pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.interval import BLOCKS, Estimate, bootstrap_weights
from ravetui.metrics.pairs import between_mean, need_pair, pairs_of_files, within_mean

SCALE = 1000.0
"""A score shows KID times this, as the field does."""
TILE = 1000
"""Rows and columns of the kernel matrix that exist at once: 4 MB, which stays in cache."""


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
    sums = KernelSums(Side.of(x, np.arange(len(x)), 1), Side.of(y, np.arange(len(y)), 1))
    return float(sums.distance(np.ones((1, 1)), np.ones((1, 1)))[0])


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
    sums = KernelSums(Side.of(x, files, BLOCKS), Side.of(y, reference_files, BLOCKS))
    blocks = len(sums.x.sizes), len(sums.y.sizes)
    value = sums.distance(np.ones((1, blocks[0])), np.ones((1, blocks[1])))[0]
    resampled = sums.distance(bootstrap_weights(blocks[0], seed), bootstrap_weights(blocks[1], seed + 1))
    return Estimate.from_resamples(float(value), resampled)


@dataclass(frozen=True)
class Side:
    """One of the two sets, in the order of its blocks and files."""

    unit: NDArray[np.float32]
    """Unit rows, (n, d); products in float32 are twice as fast, their sums are kept in float64."""
    files: NDArray[np.int64]
    """(n,)"""
    blocks: NDArray[np.int64]
    """(n,)"""

    @classmethod
    def of(cls, x: NDArray[np.floating], files: NDArray[np.int64], most: int) -> "Side":
        """Embeddings (n, d) of `files` (n,), dealt into at most `most` blocks."""
        blocks = file_blocks(files, most)
        order = np.lexsort((files, blocks))
        unit = unit_rows(np.asarray(x, dtype=np.float64))
        return cls(unit[order].astype(np.float32), files[order], blocks[order])

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Windows of each block, (B,)."""
        return np.bincount(self.blocks).astype(np.float64)


class KernelSums:
    """The kernel summed over pairs of blocks: all that KID and its resamples need."""

    def __init__(self, x: Side, y: Side) -> None:
        self.x = x
        self.y = y
        self._within = [(kernel_within(side), pairs_of_files(side.files, side.blocks)) for side in (x, y)]
        self._between = kernel_between(x, y)

    def distance(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """KID for each weighting of the blocks of either set, (R, B) and (R, C): (R,)."""
        within = within_mean(*self._within[0], x) + within_mean(*self._within[1], y)
        return within - 2 * between_mean(self._between, (self.x.sizes, self.y.sizes), (x, y))


def kernel_between(x: Side, y: Side) -> NDArray[np.float64]:
    """Kernel summed over the pairs of a window of either set, (B, C)."""
    sums = np.zeros((len(x.sizes), len(y.sizes)))
    for row in range(0, len(x.unit), TILE):
        for column in range(0, len(y.unit), TILE):
            _add_tile(sums, x, y, slice(row, row + TILE), slice(column, column + TILE))
    return sums


def kernel_within(side: Side) -> NDArray[np.float64]:
    """Kernel summed over the ordered pairs of windows of different files, (B, B)."""
    count = len(side.sizes)
    sums, above = np.zeros((count, count)), np.zeros((count, count))
    for row in range(0, len(side.unit), TILE):
        rows = slice(row, row + TILE)
        _add_tile(sums, side, side, rows, rows)
        for column in range(row + TILE, len(side.unit), TILE):
            _add_tile(above, side, side, rows, slice(column, column + TILE))
    sums += above + above.T
    sums[np.diag_indices(count)] -= _kernel_of_files(side)
    return sums


def _kernel_of_files(side: Side) -> NDArray[np.float64]:
    """Kernel summed over the pairs of windows of one file, each window with itself included, by block: (B,)."""
    selves = (1 + (side.unit.astype(np.float64) ** 2).sum(axis=1)) ** 3
    sums = np.bincount(side.blocks, weights=selves).astype(np.float64)
    _, starts, counts = np.unique(side.files, return_index=True, return_counts=True)
    for start, count in zip(starts[counts > 1], counts[counts > 1], strict=True):
        rows = side.unit[start : start + count]
        block = side.blocks[start]
        for first in range(0, count, TILE):
            sums[block] += _kernel(rows[first : first + TILE], rows).sum(dtype=np.float64)
        sums[block] -= selves[start : start + count].sum()
    return sums


def _add_tile(sums: NDArray[np.float64], x: Side, y: Side, rows: slice, columns: slice) -> None:
    """Add one tile of the kernel matrix to the sums of its blocks, (B, C)."""
    tile = _kernel(x.unit[rows], y.unit[columns])
    row_blocks, row_starts = np.unique(x.blocks[rows], return_index=True)
    column_blocks, column_starts = np.unique(y.blocks[columns], return_index=True)
    by_column = np.add.reduceat(tile, column_starts, axis=1).astype(np.float64)
    sums[np.ix_(row_blocks, column_blocks)] += np.add.reduceat(by_column, row_starts, axis=0)


def _kernel(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """(1 + cosine)³ of unit rows (n, d) and (m, d): (n, m)."""
    kernel = x @ y.T
    kernel += np.float32(1)
    kernel *= kernel * kernel
    return kernel
