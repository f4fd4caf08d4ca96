"""What the curves say at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.layout import Curve


@dataclass(frozen=True)
class Reading:
    """One curve where the cursor is."""

    label: str
    index: int
    """Of the point that was read."""
    raw: float
    """Its value; NaN and ±Inf as they are."""
    smoothed: float | None
    """The drawn line there; None where the raw values are drawn."""
    best: float | None
    """The smallest finite value up to there, from where it is looked for on; None when there was none."""
    best_index: int | None
    """Of the point that holds it."""


def read_at(curves: Sequence[Curve], x: float, since: float = -np.inf) -> list[Reading]:
    """The nearest point of each curve that has one; of two as near, the earlier.

    Args:
        curves: What is read.
        x: Where.
        since: The best is looked for after this x.
    """
    return [_read(curve, _nearest(curve.series.x, x), since) for curve in curves if curve.series.x.size]


def _read(curve: Curve, index: int, since: float) -> Reading:
    y, start = curve.series.y, int(np.searchsorted(curve.series.x, since, "right"))
    found = _smallest(y[start : index + 1]) if start <= index else None
    best = None if found is None else start + found
    smoothed = None if curve.smoothed is None else float(curve.smoothed[index])
    return Reading(curve.series.label, index, float(y[index]), smoothed, None if best is None else float(y[best]), best)


def _nearest(x: NDArray[np.float64], wanted: float) -> int:
    after = min(int(np.searchsorted(x, wanted)), x.size - 1)
    return after - 1 if after and wanted - x[after - 1] <= x[after] - wanted else after


def _smallest(values: NDArray[np.float64]) -> int | None:
    """Index of the smallest finite value."""
    found = int(np.argmin(values))
    if np.isfinite(values[found]):
        return found
    # NaN and -Inf come before every number: they are set aside only when there is one.
    drawable = np.where(np.isfinite(values), values, np.inf)
    found = int(np.argmin(drawable))
    return found if np.isfinite(drawable[found]) else None
