"""Images as cells of a terminal: half blocks in few colours, shades where there are none, waves as braille."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as ThemeColor

from ravetui.app.chart.raster import DOTS_ACROSS, DOTS_DOWN, Raster, Spans

LEVELS = 16
"""Colours: fewer make longer stretches of one, and so fewer bytes to the terminal."""
_SHADES = " ·░▒▓█"
_BOTH_SIDES = "≡≡==--    ░░▒▒▓█"
_NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


@lru_cache(maxsize=8)
def scale(stops: tuple[str, ...]) -> tuple[Color, ...]:
    """A colour for each level.

    Args:
        stops: Colours of a theme, as it writes them, that lie equally far apart; those between are mixed.
    """
    places = np.linspace(0, len(stops) - 1, LEVELS)
    colours = [ThemeColor.parse(stop).rgb for stop in stops]
    parts = [np.interp(places, range(len(stops)), [colour[part] for colour in colours]) for part in range(3)]
    return tuple(Color.from_rgb(*(round(float(part[level])) for part in parts)) for level in range(LEVELS))


def levels(image: NDArray[np.float64], low: float, high: float) -> NDArray[np.intp]:
    """Which of the colours each number is."""
    return np.asarray(np.clip((image - low) / (high - low) * LEVELS, 0, LEVELS - 1).astype(np.intp))


def half_blocks(found: NDArray[np.intp], colours: Sequence[Color]) -> list[list[Segment]]:
    """Rows of segments, two rows of the image to each.

    Args:
        found: Levels, shape (2 rows, columns), top row first.
    """
    rows = []
    for upper, lower in zip(found[::2], found[1::2], strict=True):
        cuts = np.flatnonzero((np.diff(upper) != 0) | (np.diff(lower) != 0)) + 1
        begin = [0, *cuts.tolist()]
        ends = [*cuts.tolist(), len(upper)]
        rows.append(
            [
                Segment(
                    "▀" * (end - start), Style(color=colours[int(upper[start])], bgcolor=colours[int(lower[start])])
                )
                for start, end in zip(begin, ends, strict=True)
            ]
        )
    return rows


def shades(found: NDArray[np.intp], *, two_sided: bool) -> list[list[Segment]]:
    """Rows of one segment for terminals without colours, one row of the image to each.

    Args:
        found: Levels, shape (rows, columns), top row first.
        two_sided: Whether the middle means nothing: then ``-`` and ``=`` are below it.
    """
    one = [_SHADES[level * len(_SHADES) // LEVELS] for level in range(LEVELS)]
    signs = np.array(list(_BOTH_SIDES) if two_sided else one)
    return [[Segment("".join(signs[row]))] for row in found]


def wave(peaks: NDArray[np.float64], columns: int, rows: int, style: Style) -> list[list[Segment]]:
    """A waveform as braille, full scale from top to bottom.

    Args:
        peaks: Lowest and highest sample, shape (2, anything).
    """
    across, down = columns * DOTS_ACROSS, rows * DOTS_DOWN
    places = np.arange(across) * peaks.shape[1] // across
    ends = np.append(places[1:], peaks.shape[1])
    low = np.array([peaks[0, a : max(b, a + 1)].min() for a, b in zip(places, ends, strict=True)])
    high = np.array([peaks[1, a : max(b, a + 1)].max() for a, b in zip(places, ends, strict=True)])
    top, bottom = (np.clip((1 - value) / 2 * down, 0, down - 1).astype(np.intp) for value in (high, low))
    raster = Raster(columns, rows)
    raster.paint(0, Spans(np.arange(across, dtype=np.intp), top, bottom))
    return [[Segment("".join(row), style)] for row in raster.characters()]


def note_name(hertz: float) -> str:
    """The nearest note of equal temperament at A4 = 440 Hz: ``A8``."""
    number = round(69 + 12 * math.log2(hertz / 440))
    return f"{_NOTES[number % 12]}{number // 12 - 1}"
