"""All cosines of two sets, tile by tile, for everything that is a sum or an extreme over pairs.

Each product is made once, while all who want it look at it; memory is a few tiles, however many windows there are.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.side import Side

TILE = 1000
"""Rows and columns of the matrix of cosines that exist at once."""
STRIP = 125
"""Rows of a tile that are looked at together: half a megabyte stays in the cache from one look to the next."""


@dataclass(frozen=True)
class Strip:
    """Cosines of some rows with some columns."""

    cosines: NDArray[np.floating]
    """(a, b); not to be changed."""
    rows: slice
    """Which rows of the first set."""
    columns: slice
    """Which rows of the second set; of the same set, for pairs within one."""


class PairSink(Protocol):
    """Who wants to see the cosines."""

    def within(self, which: int, strip: Strip) -> None:
        """Pairs within the first (0) or second (1) set: strips of the upper triangle of tiles, diagonal ones whole.

        A tile above the diagonal stands for its mirror image too.
        """

    def between(self, strip: Strip) -> None:
        """Pairs of both sets; all pairs within have been seen by then."""


def stream(x: Side, y: Side, sinks: Sequence[PairSink], progress: Callable[[float], None] | None = None) -> None:
    """Show every cosine within and between two sets to all sinks, once.

    Args:
        x: n rows.
        y: m rows.
        sinks: Who looks.
        progress: Told the fraction that is done.
    """
    tiles = [(0, x, x, rows, columns) for rows, columns in _triangle(len(x))]
    tiles += [(1, y, y, rows, columns) for rows, columns in _triangle(len(y))]
    tiles += [(2, x, y, rows, columns) for rows in _slices(0, len(x)) for columns in _slices(0, len(y))]
    with ThreadPoolExecutor(1) as pool:  # the next product is made while this one is looked at
        ahead = pool.submit(_product, *tiles[0][1:])
        for number, (kind, _, _, rows, columns) in enumerate(tiles):
            tile = ahead.result()
            if number + 1 < len(tiles):
                ahead = pool.submit(_product, *tiles[number + 1][1:])
            for strip in _strips(tile, rows, columns):
                for sink in sinks:
                    if kind == 2:
                        sink.between(strip)
                    else:
                        sink.within(kind, strip)
            if progress is not None:
                progress((number + 1) / len(tiles))


def is_mirrored(strip: Strip) -> bool:
    """Whether a strip of pairs within one set stands for its mirror image too."""
    return bool(strip.columns.start // TILE > strip.rows.start // TILE)


def _triangle(n: int) -> Iterator[tuple[slice, slice]]:
    for rows in _slices(0, n):
        for columns in _slices(rows.start, n):
            yield rows, columns


def _slices(start: int, n: int) -> Iterator[slice]:
    for first in range(start, n, TILE):
        yield slice(first, min(first + TILE, n))


def _product(x: Side, y: Side, rows: slice, columns: slice) -> NDArray[np.floating]:
    return np.asarray(x.unit[rows] @ y.unit[columns].T)


def _strips(tile: NDArray[np.floating], rows: slice, columns: slice) -> Iterator[Strip]:
    for first in range(0, len(tile), STRIP):
        part = tile[first : first + STRIP]
        yield Strip(part, slice(rows.start + first, rows.start + first + len(part)), columns)
