"""Mean and covariance of a set and of all of it but one block, each row multiplied once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError

LARGEST = 1e60
"""Means and variances beyond it are no sound, and their products would overflow."""
ROWS = 2500
"""Rows multiplied at a time; the sums of these products are kept in float64."""
GROUP = 100
"""Rows whose sum is made in their own precision; the sums of these sums are kept in float64."""


@dataclass(frozen=True)
class Moments:
    """Sums over the blocks of a set, of rows less a common centre."""

    centre: NDArray[np.float64]
    """A point amid the set, (d,)."""
    sizes: NDArray[np.int64]
    """Rows of each block, (B,)."""
    sums: NDArray[np.float64]
    """Rows summed by block, (B, d)."""
    squares: NDArray[np.float64]
    """Outer products summed by block, (B, d, d)."""

    def whole(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (d,) and unbiased covariance (d, d) of the set."""
        return self._fit(self.sizes.sum(), *self._all)

    def without(self, block: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same of the set without a block."""
        total, squares = self._all
        n = self.sizes.sum() - self.sizes[block]
        return self._fit(n, total - self.sums[block], squares - self.squares[block])

    @cached_property
    def _all(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sums and products of the whole set."""
        if len(self.sizes) == 1:
            return self.sums[0], self.squares[0]
        return self.sums.sum(axis=0), self.squares.sum(axis=0)

    def _fit(
        self, n: int, total: NDArray[np.float64], squares: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shift = total / n
        covariance = np.outer(shift * -n, shift)
        covariance += squares
        covariance /= n - 1
        return self.centre + shift, covariance


def moments(x: NDArray[np.floating], blocks: NDArray[np.int64] | None = None, *, single: bool = False) -> Moments:
    """Sum a set by its blocks.

    Args:
        x: Embeddings, (n, d).
        blocks: Block of each row, numbered without gaps, (n,); left out: one block.
        single: Multiply in float32, in half the time. Each covariance is then off by some 1e-7 of the largest variance.

    Raises:
        ScoreError: Values that are not finite or too large to be squared.
    """
    kind = np.dtype(np.float32 if single else np.float64)
    # A float32 set is centred on a float32 point, which takes nothing from the difference.
    centre = (_amid(x) if single else centre_of(x)).astype(kind)
    count, d = 1 if blocks is None else int(blocks.max()) + 1, x.shape[1]
    sums, squares = np.zeros((count, d)), np.zeros((count, d, d))
    room = np.empty((min(ROWS, len(x)), d), dtype=kind)
    with np.errstate(over="ignore", invalid="ignore"):
        for block in range(count):
            rows = x if blocks is None else x[blocks == block]
            for first in range(0, len(rows), ROWS):
                part = rows[first : first + ROWS]
                part = np.subtract(part, centre, out=room[: len(part)], casting="same_kind")
                sums[block] += _column_sums(part)
                squares[block] += part.T @ part
    if single and not np.isfinite(squares).all():
        return moments(x, blocks)  # too large for float32, or no sound at all
    sizes = np.array([len(x)]) if blocks is None else np.bincount(blocks)
    return Moments(centre.astype(np.float64), sizes, sums, squares)


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


def _amid(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """About the mean of a set, from a part of its rows spread over all of it, (d,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(x[:: max(1, len(x) // 1000)].mean(axis=0))


def _column_sums(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows (n, d) summed in float64, (d,)."""
    if rows.dtype == np.float64:
        return np.asarray(rows.sum(axis=0))
    whole = len(rows) // GROUP * GROUP
    ones = np.ones((1, GROUP), dtype=rows.dtype)
    total = (ones @ rows[:whole].reshape(-1, GROUP, rows.shape[1])).sum(axis=(0, 1), dtype=np.float64)
    return np.asarray(total + rows[whole:].sum(axis=0, dtype=np.float64))
