"""What the curves say at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravetui.app.chart.layout import Curve
from ravetui.app.chart.series import PhaseLine
from ravetui.runs.series.positions import Positions


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
    """The smallest finite value up to there of the same phase; None when there was none."""
    best_index: int | None
    """Of the point that holds it."""


def read_at(curves: Sequence[Curve], x: float, phases: Sequence[PhaseLine] = ()) -> list[Reading]:
    """The nearest point of each curve that has one; of two as near, the earlier.

    Args:
        curves: What is drawn.
        x: Where the cursor is.
        phases: Those of a curve's own role are its own; those of no curve's role are everybody's.
    """
    return [_read(curve, _nearest(curve.series.places, x), phases) for curve in curves if curve.series.places.size]


def _read(curve: Curve, index: int, phases: Sequence[PhaseLine]) -> Reading:
    places, values = curve.series.places, curve.series.values
    own = [phase.x for phase in phases if phase.role in (curve.series.role, PhaseLine.role)]
    # A phase begins after its step: what was measured there belongs to the one before.
    begun = [start for start in own if start < places[index]]
    first = int(places.search(np.array([max(begun)]), "right")[0]) if begun else 0
    best = values.smallest(first, index + 1)
    line = values.line()
    smoothed = curve.line().at(index) if curve.smoothing else None
    lowest = None if best is None else line.at(best)
    return Reading(curve.series.label, index, line.at(index), smoothed, lowest, best)


def _nearest(places: Positions, wanted: float) -> int:
    after = min(int(places.search(np.array([wanted]))[0]), places.size - 1)
    return after - 1 if after and wanted - places[after - 1] <= places[after] - wanted else after
