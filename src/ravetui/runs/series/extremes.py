"""What happened in every block of a curve: enough to draw it without looking at each point again.

A block is 64 neighbouring points. Extremes of a range are those of its blocks and of the points at its two ends, as
with the zone maps of column stores; one level is enough, since a sixty-fourth of ten million is scanned in 0.1 ms.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.series.growing import Growing

BLOCK = 64

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Extremes:
    """Of whole blocks, oldest first. Arrays have shape (blocks,)."""

    low: NDArray[Any]
    """The smallest finite value; NaN where there is none."""
    high: NDArray[Any]
    """The largest finite value; NaN where there is none."""
    low_positive: NDArray[Any]
    """The smallest finite value above zero; NaN where there is none."""
    not_finite: NDArray[Any]
    """How many values are NaN or ±Inf."""


class GrowingExtremes:
    """Extremes of a growing curve's whole blocks.

    Args:
        kind: What the values are.
    """

    def __init__(self, kind: np.dtype[np.generic]) -> None:
        self._low, self._high = Growing(kind), Growing(kind)
        self._low_positive: Growing | None = None
        """None as long as every block is above zero: then it is the same as the smallest value."""
        self._not_finite = Growing(np.uint8)

    def __len__(self) -> int:
        return len(self._low)

    def extend(self, values: NDArray[Any]) -> None:
        """Look at more whole blocks.

        Args:
            values: Shape (blocks, 64) or the transpose of such an array.
        """
        low, high = values.min(axis=1), values.max(axis=1)
        positive, not_finite = low.copy(), np.zeros(len(values), dtype=np.uint8)
        # A NaN survives minimum, ±Inf one of the two: only the blocks that show one are looked at value by value.
        odd = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
        if odd.size:
            looked = values[odd]
            finite = np.isfinite(looked)
            kept = np.where(finite, looked, np.nan)
            low[odd], high[odd] = np.fmin.reduce(kept, axis=1), np.fmax.reduce(kept, axis=1)
            not_finite[odd] = BLOCK - np.count_nonzero(finite, axis=1)
            positive[odd] = low[odd]
        below = np.flatnonzero(low <= 0.0)
        if below.size:
            looked = values[below]
            kept = np.where(np.isfinite(looked) & (looked > 0.0), looked, np.nan)
            positive[below] = np.fmin.reduce(kept, axis=1)
        if below.size and self._low_positive is None:
            self._low_positive = Growing(low.dtype)
            self._low_positive.extend(self._low.view)
        if self._low_positive is not None:
            self._low_positive.extend(positive)
        for growing, added in ((self._low, low), (self._high, high), (self._not_finite, not_finite)):
            growing.extend(added)

    def cut(self, blocks: int) -> None:
        """Forget all but the first blocks."""
        for kept in (self._low, self._high, self._low_positive, self._not_finite):
            if kept is not None:
                kept.cut(blocks)

    def first(self, blocks: int) -> Extremes:
        """Of so many blocks from the beginning on."""
        parts = (
            self._low,
            self._high,
            self._low if self._low_positive is None else self._low_positive,
            self._not_finite,
        )
        return Extremes(*(part.view[:blocks] for part in parts))
