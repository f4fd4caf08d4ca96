"""Dots on a grid of characters: two by four to a cell, as braille."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DOTS_ACROSS = 2
DOTS_DOWN = 4
_BLANK = 0x2800
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint32)
"""Which bit of a braille character is the dot in this row and column (Unicode chapter 21.1)."""


@dataclass(frozen=True, eq=False)
class Spans:
    """Vertical runs of dots: in column `column[i]` from row `top[i]` to `bottom[i]`, both inclusive. Shapes (s,)."""

    column: NDArray[np.intp]
    top: NDArray[np.intp]
    bottom: NDArray[np.intp]

    def __add__(self, other: Spans) -> Spans:
        """Both together."""
        return Spans(
            np.concatenate((self.column, other.column)),
            np.concatenate((self.top, other.top)),
            np.concatenate((self.bottom, other.bottom)),
        )


class Raster:
    """Dots in layers: what is painted later lies on top.

    A cell has one colour, that of the last layer with a dot in it. So that a line stays sharp on a band, a layer may
    have *filler*, dots that give way where a later layer touches the cell; its other dots stay whatever comes.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        """Cells across."""
        self.rows = rows
        """Cells down."""
        self._dots = np.zeros((rows * DOTS_DOWN, columns * DOTS_ACROSS), dtype=np.bool_)
        self._filler = np.zeros_like(self._dots)
        self._ink = np.full((rows, columns), -1, dtype=np.intp)

    def paint(self, ink: int, spans: Spans, filler: Spans | None = None) -> None:
        """Lay the spans, and under them the filler, over what is there; `ink` ≥ 0 names the colour."""
        dots = self._rasterise(spans)
        soft = np.zeros_like(dots) if filler is None else self._rasterise(filler)
        touched = np.bitwise_or.reduce(self._pairs(dots | soft), axis=1) > 0
        self._ink[touched] = ink
        self._pairs(self._filler)[...] *= ~touched[:, None, :]
        self._dots |= dots
        self._filler |= soft

    def dots(self) -> NDArray[np.bool_]:
        """Every dot, shape (rows × 4, columns × 2), the top row first."""
        return self._dots | self._filler

    def characters(self) -> NDArray[np.str_]:
        """One character a cell, shape (rows, columns): a space where there is no dot."""
        dots, codes = self.dots(), np.zeros((self.rows, self.columns), dtype=np.uint32)
        for down, bits in enumerate(_BITS):
            for across, bit in enumerate(bits):
                codes += dots[down::DOTS_DOWN, across::DOTS_ACROSS] * bit
        return np.where(codes > 0, codes + _BLANK, ord(" ")).astype(np.uint32).view("<U1")

    def inks(self) -> NDArray[np.intp]:
        """The colour of each cell, shape (rows, columns): −1 where there is no dot."""
        return self._ink

    def _pairs(self, dots: NDArray[np.bool_]) -> NDArray[np.uint16]:
        """The same dots by cell, both of a cell's row in one number: a view of shape (rows, 4, columns)."""
        return dots.view(np.uint16).reshape(self.rows, DOTS_DOWN, self.columns)

    def _rasterise(self, spans: Spans) -> NDArray[np.bool_]:
        height, width = self._dots.shape
        # +1 where a span begins and −1 below where it ends: the running sum down a column is above zero inside a span.
        steps = np.zeros((height + 1, width), dtype=np.int16)
        np.add.at(steps, (spans.top, spans.column), 1)
        np.add.at(steps, (spans.bottom + 1, spans.column), -1)
        return np.greater(np.cumsum(steps, axis=0, dtype=np.int16)[:-1], 0)
