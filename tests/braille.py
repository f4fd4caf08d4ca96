"""Reads a chart's dots off its characters."""

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.layout import Layout
from ravetui.app.chart.picture import Picture
from ravetui.app.chart.reduce import column_edges

BITS = {(0, 0): 1, (1, 0): 2, (2, 0): 4, (3, 0): 64, (0, 1): 8, (1, 1): 16, (2, 1): 32, (3, 1): 128}
"""Which bit of a braille character is the dot in this row and column (Unicode chapter 21.1)."""


def dots_of(picture: Picture, layout: Layout) -> NDArray[np.bool_]:
    """The dots where a layout has its curves, shape (rows × 4, columns × 2), the top row first."""
    dots = np.zeros((layout.rows * 4, layout.columns * 2), dtype=np.bool_)
    for row in range(layout.rows):
        for column in range(layout.columns):
            code = ord(picture.text(layout.top + row)[layout.left + column])
            if 0x2800 <= code <= 0x28FF:
                for (down, across), bit in BITS.items():
                    dots[row * 4 + down, column * 2 + across] = bool((code - 0x2800) & bit)
    return dots


def column_of(x: float, layout: Layout) -> int:
    """The column of dots where an x falls."""
    width = layout.columns * 2
    found = int(np.searchsorted(column_edges(layout.window, width), x, side="right")) - 1
    return min(found, width - 1)
