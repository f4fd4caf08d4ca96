"""Draws series into a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from ravetui.app.chart.axis import x_window
from ravetui.app.chart.layout import Curve, Drawn, Layout
from ravetui.app.chart.legend import Key, write_legend
from ravetui.app.chart.picture import Ink, Picture
from ravetui.app.chart.raster import DOTS_ACROSS, DOTS_DOWN, Raster
from ravetui.app.chart.sections import lay_out_phases
from ravetui.app.chart.series import STEPS, HorizontalAxis, PhaseLine
from ravetui.app.chart.ticks import format_step, linear_ticks
from ravetui.app.chart.trace import Trace, trace
from ravetui.app.chart.view import Window

_AXIS = Ink("axis")
_INVALID = Ink("invalid")
_CURSOR = Ink("cursor")
_COLUMNS_A_TICK = 12
_LEGEND_FROM = 4
"""Rows from which on the first one is the legend."""
_DOTS_A_MARKER = 6
"""Markers stand out where they have this many dots each; closer together they would be one thick line."""


@dataclass(frozen=True)
class Caption:
    """The words around a chart."""

    title: str = ""
    mode: str = ""
    """How it is drawn, for the right end of the legend."""
    empty: str = ""
    """What is said where there is no point."""


@dataclass(frozen=True)
class Frame:
    """What of the curves is drawn, and how."""

    window: Window | None = None
    """First and last x; None: all of it."""
    cursor: float | None = None
    """An x with a line of its own, if it is in the window."""
    axis: HorizontalAxis = STEPS
    log: bool = False
    """Whether the vertical axis is logarithmic."""
    split: bool = False
    """Whether phases have scales of their own where one scale would flatten one of them."""


def draw(
    curves: Sequence[Curve],
    phases: Sequence[PhaseLine],
    caption: Caption,
    frame: Frame = Frame(),
    *,
    columns: int,
    rows: int,
) -> Picture:
    """A chart of so many cells: legend, axes, dim bands, bright lines, phase lines, marks for what no axis can show.

    The legend goes when there are fewer than four rows, the labels of the steps when there are fewer than three.
    """
    picture = Picture(columns, rows)
    legend, labels = rows >= _LEGEND_FROM, rows >= 3
    layouts: list[Layout] = []
    keys: list[Key] = []
    whole = x_window([curve.series for curve in curves], phases)
    window = whole and (frame.window or whole)
    if window is None:
        _say(picture, caption.empty)
    else:
        split = phases if frame.split else ()
        room = rows - legend - labels
        layouts = lay_out_phases(curves, window, split, columns=columns, top=int(legend), rows=room, log=frame.log)
        own = len(layouts) > 1
        for layout in layouts:
            _draw_curves(picture, layout)
            _write_y_labels(picture, layout)
            if frame.cursor is not None and layout.window[0] <= frame.cursor <= layout.window[1]:
                _draw_cursor(picture, layout, frame.cursor)
            if labels:
                _write_x_labels(picture, layout, rows - 1, frame.axis)
        for layout in layouts:
            _number_ends(picture, layout, _signs(curves, layouts))
        keys += [*_invalid_keys(layouts), *(_draw_borders(picture, layouts) if own else ())]
        shown = [phase for phase in phases if phase.x > window[1]] if own else phases
        keys += _draw_phases(picture, layouts[-1], shown, frame.axis)
    if legend:
        signs = zip(_signs(curves, layouts), curves, strict=True)
        own_keys = [Key(sign, curve.series.label, Ink(curve.series.role)) for sign, curve in signs]
        write_legend(picture, 0, title=caption.title, keys=[*own_keys, *keys], mode=caption.mode if window else "")
    return picture


def _say(picture: Picture, sentence: str) -> None:
    """Write a sentence in the middle, in as many lines as it takes."""
    lines = textwrap.wrap(sentence, picture.columns)[: picture.rows]
    for row, line in enumerate(lines, (picture.rows - len(lines)) // 2):
        picture.write(row, (picture.columns - cell_len(line)) // 2, line, _AXIS)


def _draw_curves(picture: Picture, layout: Layout) -> None:
    """Bands first, lines over them, marks at the edges."""
    if layout.scale is None:
        _say(picture, _why_nothing(layout))
    else:
        raster = Raster(layout.columns, layout.rows)
        width, height = layout.columns * DOTS_ACROSS, layout.rows * DOTS_DOWN
        edges: list[tuple[Ink, Trace]] = []
        for one in layout.drawn:
            if one.banded:
                ink, band = Ink(one.curve.series.role, dim=True), trace(one.raw, layout.scale, width, height)
                raster.paint(picture.ink(ink), band.extremes, filler=band.joins + band.values)
                edges.append((Ink(one.curve.series.role), band))
        for one in layout.drawn:
            if one.bars is not None:
                ink = Ink(one.curve.series.role)
                raster.paint(picture.ink(ink._replace(dim=True)), one.bars.spans(layout.scale, layout.rows))
                _mark(picture, layout, layout.marks_above, one.bars.above(layout.scale), "▴", ink)
                _mark(picture, layout, layout.marks_below, one.bars.below(layout.scale), "▾", ink)
        for one in layout.drawn:
            ink, line = Ink(one.curve.series.role), trace(one.line, layout.scale, width, height)
            crosses = line.points if _is_sparse(one, layout) else None
            raster.paint(picture.ink(ink), line.joins + line.values, filler=crosses)
            edges.append((ink, line))
        picture.paste(layout.top, layout.left, raster.characters(), raster.inks())
        for ink, line in edges:
            _mark(picture, layout, layout.marks_above, line.above, "▴", ink)
            _mark(picture, layout, layout.marks_below, line.below, "▾", ink)
    for one in layout.drawn:
        ink = Ink(one.curve.series.role)
        _mark(picture, layout, layout.marks_below, one.raw.column[one.raw.not_positive], "▾", ink)
    for one in layout.drawn:
        _mark(picture, layout, layout.marks_below, one.raw.column[one.raw.not_finite], "×", _INVALID)


def _why_nothing(layout: Layout) -> str:
    """Why a part of a chart has no curve."""
    if not any(one.raw.column.size for one in layout.drawn):
        return "no point in this part"
    return "nothing above zero" if any(one.raw.not_positive.any() for one in layout.drawn) else "nothing finite"


def _is_sparse(one: Drawn, layout: Layout) -> bool:
    """Whether its points are so few that each has a cross."""
    return one.curve.series.markers and one.line.column.size * _DOTS_A_MARKER <= layout.columns * DOTS_ACROSS


def _signs(curves: Sequence[Curve], layouts: Sequence[Layout]) -> list[str]:
    """What stands for each curve; those that would look like another one without colour have a number before it."""
    plain = ["•" if curve.series.markers else "━" for curve in curves]
    joined = [any(not _is_sparse(layout.drawn[n], layout) for layout in layouts) for n in range(len(curves))]
    alike = [
        plain.count(sign) > 1 or (sign == "•" and as_line and len(curves) > 1)
        for sign, as_line in zip(plain, joined, strict=True)
    ]
    return [f"{n}{sign}" if also else sign for n, (sign, also) in enumerate(zip(plain, alike, strict=True), 1)]


def _number_ends(picture: Picture, layout: Layout, signs: Sequence[str]) -> None:
    """The number of a numbered curve beside its last value, or before its first, where no curve is."""
    for sign, one in zip(signs, layout.drawn, strict=True):
        shown = np.flatnonzero(np.isfinite(one.line.last))
        if layout.scale is None or len(sign) == 1 or not shown.size:
            continue
        ends = [(1, one.line.column[shown[-1]], one.line.last[shown[-1]])]
        begin = np.flatnonzero(np.isfinite(one.line.first))
        if begin.size:
            ends.append((-1, one.line.column[begin[0]], one.line.first[begin[0]]))
        for aside, dots, value in ends:
            column, row = layout.left + int(dots) // DOTS_ACROSS + aside, layout.row(float(value))
            if column >= layout.left and picture.blank(row, column, column + 1):
                picture.write(row, column, sign[0], Ink(one.curve.series.role))
                break


def _mark(picture: Picture, layout: Layout, row: int | None, columns: NDArray[np.intp], sign: str, ink: Ink) -> None:
    """Put a sign into a row at some columns of dots."""
    if row is not None:
        for column in np.unique(columns // DOTS_ACROSS).tolist():
            picture.write(row, layout.left + column, sign, ink)


def _draw_cursor(picture: Picture, layout: Layout, x: float) -> None:
    """A line wherever no curve is, and a hand above it or below it where one is everywhere."""
    column = layout.column(x)
    for row in range(layout.top, layout.bottom):
        if picture.blank(row, column, column + 1) or row in (layout.top, layout.bottom - 1):
            picture.write(row, column, "│", _CURSOR)


def _draw_phases(picture: Picture, layout: Layout, phases: Sequence[PhaseLine], axis: HorizontalAxis) -> Iterator[Key]:
    """A dotted line for each phase wherever no curve is, with its name beside it; what finds no place becomes a key."""
    inside = [phase for phase in phases if layout.window[0] <= phase.x <= layout.window[1]]
    rows = range(layout.marks_above if layout.marks_above is not None else layout.top, layout.bottom)
    for phase in inside:
        column = layout.column(phase.x)
        for row in rows:
            if picture.blank(row, column, column + 1):
                picture.write(row, column, "┊", Ink(phase.role))
    for phase in inside:
        column, width = layout.column(phase.x), cell_len(phase.label)
        for row, start in ((row, start) for row in rows for start in (column + 2, column - 1 - width)):
            end = min(start + width + 1, picture.columns) if start + width <= picture.columns else start + width
            if start > layout.left and picture.blank(row, start - 1, end):
                picture.write(row, start, phase.label, Ink(phase.role))
                break
        else:
            yield Key("┊", phase.label, Ink(phase.role))
    for phase in phases:
        if phase.x > layout.window[1]:
            where = format_step(phase.x) if axis.whole else f"{phase.x:.1f}"
            yield Key("┊", f"{phase.label} at {where}", Ink(phase.role))


def _draw_borders(picture: Picture, layouts: Sequence[Layout]) -> Iterator[Key]:
    """A double line between phases that have scales of their own."""
    ink = Ink("phase")
    for before in layouts[:-1]:
        for row in range(1 if picture.rows >= _LEGEND_FROM else 0, picture.rows):
            picture.write(row, before.left + before.columns, "║", ink)
    yield Key("║", "phases on scales of their own", ink)


def _invalid_keys(layouts: Sequence[Layout]) -> Iterator[Key]:
    count = sum(one.raw.not_finite_count for layout in layouts for one in layout.drawn)
    if count:
        yield Key("×", f"{format_step(count)} not finite", _INVALID)


def _write_y_labels(picture: Picture, layout: Layout) -> None:
    """Right-aligned beside the row their value falls into; a row holds one."""
    taken = set()
    for tick in layout.ticks:
        row = layout.row(tick.value)
        if row not in taken and picture.blank(row, layout.left - 1 - len(tick.label), layout.left):
            picture.write(row, layout.left - 1 - len(tick.label), tick.label, _AXIS)
            taken.add(row)


def _write_x_labels(picture: Picture, layout: Layout, row: int, axis: HorizontalAxis) -> None:
    """Centred under their steps, moved inwards at the ends, as many as fit."""
    # Beyond its own cells a chart's labels may go into those of its vertical axis, but not into the phase before it.
    free, end = max(layout.left - layout.gutter, 0), layout.left + layout.columns
    for tick in linear_ticks(*layout.window, max(1, layout.columns // _COLUMNS_A_TICK), whole=axis.whole):
        width = len(tick.label)
        start = min(max(layout.column(tick.value) - width // 2, free), end - width)
        if start >= free:
            picture.write(row, start, tick.label, _AXIS)
            free = start + width + 2
