"""Averages that begin anew where another phase does: what is different from the one that goes on is soon nothing.

With s the average that goes on, that which began after point r is s − a^m·s_r over m finite values since (see
:mod:`ravetui.runs.series.average`), so it needs to be computed only until a^m is below rounding.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.series.average import GrowingAverage, averaged
from ravetui.runs.series.extremes import BLOCK, Extremes, GrowingExtremes
from ravetui.runs.series.values import Line, Values

Floats = NDArray[np.float64]


def begun(array: NDArray[Any], start: int, end: int, decay: float) -> Floats:
    """The debiased average that begins with a point, as far as it differs from one that began before.

    Args:
        array: The values, shape (n,).
        start: The first that it is taken over.
        end: Where the next one begins, or n.
        decay: The a of the average, 0 < a < 1.

    Returns:
        Of the points from ``start`` on, shape (m,), m ≤ end − start; NaN where a value is not finite.
    """
    needed = math.ceil(-40.0 / math.log(decay))
    stop = min(start + needed, end)
    while stop < end and np.count_nonzero(np.isfinite(array[start:stop])) < needed:
        stop = min(stop + needed, end)
    return whole(array[start:stop], decay)


def whole(values: NDArray[Any], decay: float) -> Floats:
    """The debiased average of values, shape (n,)."""
    padded = np.full(-(-values.size // BLOCK) * BLOCK, np.nan)
    padded[: values.size] = values
    blocks = padded.reshape(-1, BLOCK)
    average = GrowingAverage(decay)
    average.extend(blocks)
    columns = np.ascontiguousarray(blocks.T)
    found = averaged(columns, average.carry[:-1], average.before[:-1], decay)
    return np.ascontiguousarray(found.T).reshape(-1)[: values.size]


class LineBegunAnew(Line):
    """An average that begins anew at some points, a block at a time.

    Args:
        values: What it is taken over.
        decay: The a of the average, 0 < a < 1.
        starts: The first point of each part but the first, ascending.
    """

    def __init__(self, values: Values, decay: float, starts: Sequence[int]) -> None:
        self._going_on = values.line(decay)
        array = values.array
        self._parts = [
            (start, begun(array, start, end, decay))
            for start, end in pairwise([*(start for start in starts if 0 < start < array.size), array.size])
        ]
        super().__init__(array, self._patched(self._going_on.extremes))

    def blocks(self, numbers: NDArray[np.intp]) -> Floats:
        """The points of some blocks, shape (k, 64); NaN beyond the last point."""
        points = self._going_on.blocks(numbers)
        for start, part in self._parts:
            for row in np.flatnonzero((numbers >= start // BLOCK) & (numbers <= (start + part.size - 1) // BLOCK)):
                first = int(numbers[row]) * BLOCK
                low, high = max(first, start), min(first + BLOCK, start + part.size)
                points[row, low - first : high - first] = part[low - start : high - start]
        return points

    def _patched(self, extremes: Extremes) -> Extremes:
        """The extremes with those of the blocks in which an average is young put right."""
        known = len(extremes.low)
        touched = [np.arange(start // BLOCK, (start + part.size - 1) // BLOCK + 1) for start, part in self._parts]
        numbers = np.unique(np.concatenate(touched)) if touched else np.empty(0, dtype=np.intp)
        numbers = numbers[numbers < known]
        if not numbers.size:
            return extremes
        grown = GrowingExtremes(np.dtype(np.float64))
        grown.extend(self.blocks(numbers))
        put = grown.first(len(numbers))
        arrays = [extremes.low.copy(), extremes.high.copy(), extremes.low_positive.copy(), extremes.not_finite.copy()]
        for array, own in zip(arrays, (put.low, put.high, put.low_positive, put.not_finite), strict=True):
            array[numbers] = own
        return Extremes(*arrays)
