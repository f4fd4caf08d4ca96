"""Phases side by side: each on a vertical scale of its own where one scale would flatten one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ravetui.app.chart.axis import Scale
from ravetui.app.chart.layout import Curve, Layout, lay_out
from ravetui.app.chart.series import PhaseLine
from ravetui.app.chart.view import Window

_FLAT = 1 / 8
"""A phase is flattened when its values take less than this part of the height."""
_FAR = 2.0
"""Scales are told apart only where the phases' largest values differ by this factor: a jump of 40 % is to be seen as
one."""
_NARROWEST = 16
"""Cells that each phase gets at least, its labels included."""


def lay_out_phases(
    curves: Sequence[Curve],
    window: Window,
    phases: Sequence[PhaseLine],
    *,
    columns: int,
    top: int,
    rows: int,
    log: bool,
) -> list[Layout]:
    """One layout, or one for each phase from left to right, with a column free between them.

    A step at which a phase begins is the last of the phase before it. Nothing is joined across the border: the values
    on its two sides do not stand on one scale.

    Args:
        curves: What to draw.
        window: First and last x.
        phases: Where phases begin.
        columns: Width of the picture.
        top: The first row that is free.
        rows: How many rows are free from there.
        log: Whether the vertical axis is logarithmic.
    """
    whole = lay_out(curves, window, columns=columns, top=top, rows=rows, log=log)
    parts = _parts(window, phases)
    if whole.scale is None or len(parts) < 2 or columns < _NARROWEST * len(parts) + len(parts) - 1:
        return [whole]
    found, left = [], 0
    for part, width in zip(parts, _widths(parts, columns - len(parts) + 1), strict=True):
        layout = lay_out(curves, part, columns=width, top=top, rows=rows, log=log)
        found.append(replace(layout, left=layout.left + left))
        left += width + 1
    scales = [layout.scale for layout in found if layout.scale is not None]
    return found if len(scales) == len(parts) and _flattens(whole.scale, scales) else [whole]


def _parts(window: Window, phases: Sequence[PhaseLine]) -> list[Window]:
    """The window cut where phases begin."""
    edges = sorted({phase.x for phase in phases if window[0] < phase.x < window[1]})
    starts = [window[0], *(float(np.nextafter(edge, np.inf)) for edge in edges)]
    return [(start, end) for start, end in zip(starts, [*edges, window[1]], strict=True) if start < end]


def _widths(parts: Sequence[Window], columns: int) -> list[int]:
    """Cells for each part: by its length, but no phase so narrow that it cannot be read."""
    spare = columns - _NARROWEST * len(parts)
    lengths = np.array([end - start for start, end in parts])
    wanted = lengths / lengths.sum() * columns
    # What narrow ones are given beyond their length is taken from the others in proportion to what they have to give.
    giving = np.maximum(wanted - _NARROWEST, 0.0)
    widths = _NARROWEST + np.floor(spare * giving / giving.sum()).astype(int)
    widths[int(np.argmax(widths))] += columns - int(widths.sum())
    return [int(width) for width in widths]


def _flattens(whole: Scale, scales: Sequence[Scale]) -> bool:
    """Whether one scale would make one of the phases flat, and another phase is why."""
    largest = [max(abs(scale.low), abs(scale.high)) for scale in scales]
    if max(largest) < _FAR * min(largest):
        return False
    ends = np.array([[scale.low, scale.high] for scale in scales])
    heights = np.diff(np.clip(whole.fraction(ends.ravel()), 0.0, 1.0).reshape(ends.shape), axis=1)[:, 0]
    return any(
        height < _FLAT and all(_apart(scale, other) for other in scales if other is not scale)
        for scale, height in zip(scales, heights.tolist(), strict=True)
    )


def _apart(one: Scale, other: Scale) -> bool:
    """Whether less than half of one lies within the other."""
    shared = min(one.high, other.high) - max(one.low, other.low)
    return shared < (one.high - one.low) / 2
