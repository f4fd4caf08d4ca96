"""A kernel summed over the pairs of two sets: by blocks, for means and resamples, and by window, for the witness."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.gram import Keep, Strip, is_mirrored
from ravetui.metrics.pairs import between_mean, pairs_of_files, within_mean
from ravetui.metrics.side import Side

Kernel = Callable[[NDArray[np.floating]], NDArray[np.floating]]
"""From cosines (a, b) to kernel values of the same shape and precision; it leaves the cosines as they are."""


class KernelSums:
    """What a squared maximum mean discrepancy and its resamples are made from; a sink of :func:`gram.stream`.

    Pairs of windows of one file are left out: they are alike, and would make each set seem narrower than it is.
    """

    def __init__(self, x: Side, y: Side, kernel: Kernel) -> None:
        self.x = x
        self.y = y
        self._kernel = kernel
        self._columns = [_starts(side) for side in (x, y)]
        self._within = [np.zeros((len(side.sizes), len(side.sizes))) for side in (x, y)]
        self._between = np.zeros((len(x.sizes), len(y.sizes)))
        self._row_within = [np.zeros(len(side)) for side in (x, y)]
        self._row_between = [np.zeros(len(side)) for side in (x, y)]
        for which in (0, 1):
            self._leave_out_files(which)

    def within(self, which: int, strip: Strip) -> Keep:
        """Sum pairs within a set, mirrored where the strip stands for both halves."""
        side, values = (self.x, self.y)[which], self._kernel(strip.cosines)
        sums, rows, columns = self._summed(values, side, which, strip)
        row_blocks, column_blocks = self._met(side, strip.rows), self._met(side, strip.columns)

        def keep() -> None:
            self._within[which][row_blocks, column_blocks] += sums
            self._row_within[which][strip.rows] += rows
            if is_mirrored(strip):
                self._within[which][column_blocks, row_blocks] += sums.T
                self._row_within[which][strip.columns] += columns

        return keep

    def between(self, strip: Strip) -> Keep:
        """Sum pairs of both sets."""
        sums, rows, columns = self._summed(self._kernel(strip.cosines), self.x, 1, strip)
        row_blocks, column_blocks = self._met(self.x, strip.rows), self._met(self.y, strip.columns)

        def keep() -> None:
            self._between[row_blocks, column_blocks] += sums
            self._row_between[0][strip.rows] += rows
            self._row_between[1][strip.columns] += columns

        return keep

    def distance(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared discrepancy for each weighting of the blocks of either set, (R, B) and (R, C): (R,)."""
        return self.within_mean(0, x) + self.within_mean(1, y) - 2 * self.between_mean(x, y)

    def value(self) -> float:
        """The U-statistic over all pairs of different files."""
        return float(self.distance(np.ones((1, len(self.x.sizes))), np.ones((1, len(self.y.sizes))))[0])

    def within_mean(self, which: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean kernel within a set for each weighting of its blocks, (R, B): (R,)."""
        side = (self.x, self.y)[which]
        return within_mean(self._within[which], pairs_of_files(side.files, side.blocks), weights)

    def between_mean(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean kernel between the sets for each weighting of their blocks: (R,)."""
        return between_mean(self._between, (self.x.sizes, self.y.sizes), (x, y))

    def pooled(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sums and numbers of pairs over the blocks of both sets as one list of them, both (B + C, B + C)."""
        sums = np.block([[self._within[0], self._between], [self._between.T, self._within[1]]])
        own = [pairs_of_files(side.files, side.blocks) for side in (self.x, self.y)]
        other = np.outer(self.x.sizes, self.y.sizes)
        return sums, np.block([[own[0], other], [other.T, own[1]]])

    def row_means(self, which: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of each window of a set, its mean kernel with its own set's other files and with the other set, both (n,)."""
        side, other = (self.x, self.y) if which == 0 else (self.y, self.x)
        counts = np.bincount(side.files)[side.files]
        own = np.divide(
            self._row_within[which], len(side) - counts, out=np.full(len(side), np.nan), where=len(side) > counts
        )
        return side.back(own), side.back(self._row_between[which] / len(other))

    def _summed(
        self, values: NDArray[np.floating], rows: Side, columns: int, strip: Strip
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The strip summed over the blocks that it meets, over its columns and over its rows."""
        side = (self.x, self.y)[columns]
        starts = np.flatnonzero(np.diff(rows.blocks[strip.rows], prepend=-1))
        by_block = np.empty((len(starts), values.shape[1]))
        # Whole rows are added at the speed of memory, and a few dozen of them in their own precision.
        for block, (start, end) in enumerate(zip(starts, [*starts[1:], len(values)], strict=True)):
            by_block[block] = values[start:end].sum(axis=0)
        sums = np.add.reduceat(by_block, _local(self._columns[columns], side, strip.columns), axis=1)
        by_row = np.asarray(values @ np.ones(values.shape[1], dtype=values.dtype), dtype=np.float64)
        return sums, by_row, np.asarray(by_block.sum(axis=0))

    @staticmethod
    def _met(side: Side, part: slice) -> slice:
        """The blocks that some rows are of."""
        return slice(int(side.blocks[part.start]), int(side.blocks[part.stop - 1]) + 1)

    def _leave_out_files(self, which: int) -> None:
        """Take away beforehand what the strips will add for pairs of windows of one file, each with itself included."""
        side = (self.x, self.y)[which]
        selves = self._kernel(np.einsum("ij,ij->i", side.unit, side.unit)[None])[0].astype(np.float64)
        rows = -selves
        starts = np.flatnonzero(np.diff(side.files, prepend=-1))
        ends = np.append(starts[1:], len(side))
        for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
            unit = side.unit[start:end]
            for first in range(0, end - start, 1000):
                part = unit[first : first + 1000]
                rows[start + first : start + first + len(part)] = -self._kernel(part @ unit.T).sum(
                    axis=1, dtype=np.float64
                )
        self._row_within[which] += rows
        self._within[which][np.diag_indices(len(side.sizes))] += np.bincount(side.blocks, weights=rows)


def _starts(side: Side) -> NDArray[np.int64]:
    """Where each block begins, (B,)."""
    return np.flatnonzero(np.diff(side.blocks, prepend=-1))


def _local(starts: NDArray[np.int64], side: Side, part: slice) -> NDArray[np.int64]:
    """Where the blocks of a part of the rows begin in it; the first is 0."""
    first, last = side.blocks[part.start], side.blocks[part.stop - 1]
    return np.asarray(np.maximum(starts[first : last + 1] - part.start, 0))
