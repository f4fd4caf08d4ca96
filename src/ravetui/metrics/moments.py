"""Mean and covariance of a set and of all of it but one block, each row multiplied once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.side import EXACT

LARGEST = 1e60
"""Means and variances beyond it are no sound, and their products would overflow."""
ROWS = 1000
"""Rows multiplied at a time; the sums of these products are kept in float64."""


@dataclass(frozen=True)
class Moments:
    """Sums over the blocks of a set, of rows less a common centre."""

    centre: NDArray[np.float64]
    """The mean of the whole set, (d,)."""
    sizes: NDArray[np.int64]
    """Rows of each block, (B,)."""
    sums: NDArray[np.float64]
    """Rows summed by block, (B, d)."""
    squares: NDArray[np.float64]
    """Outer products summed by block, (B, d, d)."""

    def whole(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (d,) and unbiased covariance (d, d) of the set."""
        return self._fit(self.sizes.sum(), self.sums.sum(axis=0), self.squares.sum(axis=0))

    def without(self, block: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same of the set without a block."""
        n = self.sizes.sum() - self.sizes[block]
        return self._fit(n, self.sums.sum(axis=0) - self.sums[block], self.squares.sum(axis=0) - self.squares[block])

    def _fit(
        self, n: int, total: NDArray[np.float64], squares: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shift = total / n
        return self.centre + shift, (squares - n * np.outer(shift, shift)) / (n - 1)


def moments(x: NDArray[np.floating], blocks: NDArray[np.int64] | None = None) -> Moments:
    """Sum a set by its blocks.

    Rows are centred in float64; of a set of more than 4096 they are then multiplied in float32, by the thousand, which
    is twice as fast and changes a FAD by some 1e-8 of itself.

    Args:
        x: Embeddings, (n, d).
        blocks: Block of each row, numbered without gaps, (n,); left out: one block.

    Raises:
        ScoreError: Values that are not finite or too large to be squared.
    """
    centre = centre_of(x)
    blocks = np.zeros(len(x), dtype=np.int64) if blocks is None else blocks
    count, d = int(blocks.max()) + 1, x.shape[1]
    sums, squares = np.zeros((count, d)), np.zeros((count, d, d))
    kind = np.float64 if len(x) <= EXACT else np.float32
    for block in range(count):
        rows = x if count == 1 else x[blocks == block]
        for first in range(0, len(rows), ROWS):
            part = rows[first : first + ROWS] - centre
            sums[block] += part.sum(axis=0)
            part = part.astype(kind, copy=False)
            squares[block] += part.T @ part
    return Moments(centre, np.bincount(blocks), sums, squares)


def centre_of(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean of the rows of `x` (n, d) in float64: (d,).

    Raises:
        ScoreError: Values that are not finite or too large to be squared.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        centre = np.asarray(x.mean(axis=0, dtype=np.float64))
        largest = float(np.abs(x).max())
    if not (np.isfinite(centre).all() and largest * largest * len(x) < LARGEST):
        raise ScoreError("FAD", "The embeddings hold NaN, infinite or absurdly large values.", "The sound is damaged.")
    return centre
