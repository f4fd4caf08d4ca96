"""The values of a curve, smoothed or not, of which any part can be had for the cost of that part."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.series.average import GrowingAverage, averaged
from ravetui.runs.series.extremes import BLOCK, Extremes, GrowingExtremes
from ravetui.runs.series.growing import Growing

Floats = NDArray[np.float64]


class _Summaries:
    """What is known of a growing array's whole blocks; any thread may ask for more of it."""

    def __init__(self, kind: np.dtype[np.generic]) -> None:
        self._lock = Lock()
        self._kind = kind
        self._raw = GrowingExtremes(kind)
        self._averages: dict[float, GrowingAverage] = {}

    def raw(self, blocks: NDArray[Any]) -> Extremes:
        """Of whole blocks, shape (blocks, 64)."""
        with self._lock:
            self._raw.extend(blocks[len(self._raw) :])
            return self._raw.first(len(blocks))

    def average(self, blocks: NDArray[Any], decay: float) -> tuple[Extremes, Floats, NDArray[np.int32]]:
        """Extremes, carries and counts of the average."""
        with self._lock:
            known = self._averages.setdefault(decay, GrowingAverage(decay))
            known.extend(blocks[len(known) :])
            return known.first(len(blocks)), known.carry[: len(blocks) + 1], known.before[: len(blocks) + 1]

    def cut(self, blocks: int) -> _Summaries:
        """Hand over what is known of the first blocks; whoever still holds this one finds out anew."""
        fresh = _Summaries(self._kind)
        with self._lock:
            fresh._raw, fresh._averages = self._raw, self._averages
            self._raw, self._averages = GrowingExtremes(self._kind), {}
        fresh._raw.cut(blocks)
        for average in fresh._averages.values():
            average.cut(blocks)
        return fresh


class Values:
    """The values of a curve at one moment; they never change.

    Args:
        array: Shape (n,), float32 or float64; kept, not copied.
        summaries: What is known of its blocks, shared by all views of one growing array.
    """

    def __init__(self, array: NDArray[Any], summaries: _Summaries | None = None) -> None:
        self.array = array
        self._summaries = summaries or _Summaries(array.dtype)

    @property
    def size(self) -> int:
        """How many."""
        return self.array.size

    def __len__(self) -> int:
        return self.array.size

    def __array__(self, dtype: object = None, copy: bool | None = None) -> Floats:
        return np.asarray(self.array, dtype=np.float64)

    def line(self, decay: float = 0.0) -> Line:
        """The values as they are, or their debiased exponential moving average.

        Raises:
            ValueError: The decay is outside [0, 1).
        """
        if not 0.0 <= decay < 1.0:
            raise ValueError(f"smoothing {decay} is not in [0, 1)")
        whole = self.array[: self.size // BLOCK * BLOCK].reshape(-1, BLOCK)
        if decay == 0.0:
            return Line(self.array, self._summaries.raw(whole))
        return Line(self.array, *self._summaries.average(whole, decay), decay=decay)

    def prepare(self, decays: Iterable[float]) -> None:
        """Compute now, in this thread, what drawing these averages takes."""
        for decay in {0.0, *decays}:
            self.line(decay)

    def smallest(self, first: int, end: int) -> int | None:
        """Index of the smallest finite value of points ``first`` to ``end`` (not included), the earliest such."""
        starts = np.arange(-(-first // BLOCK), end // BLOCK)
        if starts.size:
            low = self._summaries.raw(self.array[: end // BLOCK * BLOCK].reshape(-1, BLOCK)).low[starts[0] :]
            parts = [(first, int(starts[0]) * BLOCK), (int(starts[-1] + 1) * BLOCK, end)]
            if not np.isnan(low).all():
                block = int(starts[int(np.nanargmin(low))])
                parts.insert(1, (block * BLOCK, (block + 1) * BLOCK))
        else:
            parts = [(first, end)]
        found = [index for part in parts if (index := _smallest(self.array, *part)) is not None]
        return min(found, key=lambda index: (float(self.array[index]), index), default=None)

    def same_as(self, other: Values) -> bool:
        """Whether these are the same numbers, NaN equal to NaN."""
        if self.size != other.size:
            return False
        if self._summaries is other._summaries or self.array is other.array:
            return True
        # The ends differ in almost every update of a live run, and are cheaper to look at than ten million points.
        last = np.array_equal(self.array[-1:], other.array[-1:], equal_nan=True)
        return last and bool(np.array_equal(self.array, other.array, equal_nan=True))


class Line:
    """Values or their average, a block at a time."""

    def __init__(
        self,
        array: NDArray[Any],
        extremes: Extremes,
        carry: Floats | None = None,
        before: NDArray[np.int32] | None = None,
        *,
        decay: float = 0.0,
    ) -> None:
        self._array = array
        self.extremes = extremes
        """Of the whole blocks."""
        self._carry, self._before = carry, before
        self._decay = decay

    @property
    def size(self) -> int:
        """How many points."""
        return self._array.size

    def blocks(self, numbers: NDArray[np.intp]) -> Floats:
        """The points of some blocks, shape (k, 64); NaN beyond the last point."""
        indices = numbers[:, None] * BLOCK + np.arange(BLOCK)
        points: Floats = self._array[np.minimum(indices, self.size - 1)].astype(np.float64)
        if numbers.size and numbers[-1] >= self.size // BLOCK:
            points[indices >= self.size] = np.nan
        if self._carry is None or self._before is None:
            return points
        columns = np.ascontiguousarray(points.T)
        return np.ascontiguousarray(averaged(columns, self._carry[numbers], self._before[numbers], self._decay).T)

    @property
    def array(self) -> Floats:
        """All points, shape (n,)."""
        return self.blocks(np.arange(-(-self.size // BLOCK))).reshape(-1)[: self.size]

    def at(self, index: int) -> float:
        """One point."""
        return float(self.blocks(np.array([index // BLOCK]))[0, index % BLOCK])


class Column:
    """Values that are appended, and what of them has been computed so far. One thread at a time may change it.

    Args:
        kind: What the values are kept as.
    """

    def __init__(self, kind: type[np.generic] = np.float32) -> None:
        self._values = Growing(kind)
        self._summaries = _Summaries(np.dtype(kind))

    def __len__(self) -> int:
        return len(self._values)

    def reserve(self, count: int) -> None:
        """Make room for so many values in all."""
        self._values.reserve(count)

    def extend(self, values: NDArray[Any]) -> None:
        """Append values, shape (m,)."""
        self._values.extend(values)

    def cut(self, count: int) -> None:
        """Take away what comes after the first ``count``; what was taken of it before keeps its own."""
        if count < len(self._values):
            self._values.cut(count)
            self._summaries = self._summaries.cut(count // BLOCK)

    @property
    def values(self) -> Values:
        """All of them so far."""
        return Values(self._values.view, self._summaries)


def _smallest(array: NDArray[Any], first: int, end: int) -> int | None:
    part = array[first:end].astype(np.float64)
    finite = np.isfinite(part)
    return first + int(np.argmin(np.where(finite, part, np.inf))) if finite.any() else None
