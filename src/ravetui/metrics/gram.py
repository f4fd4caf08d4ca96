"""All cosines of two sets, tile by tile, for everything that is a sum or an extreme over pairs.

Each product is made once, and all who want it look at it while it is in the cache; memory is a few tiles, however many
windows there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.cores import in_turn
from ravetui.metrics.side import Side

TILE = 1000
"""Rows and columns of the matrix of cosines that a thread has at once."""
STRIP = 64
"""Rows of a tile that are looked at together: a quarter of a megabyte, and what is made of it, stay in the cache."""

Keep = Callable[[], None]
"""Adds to a sink what one look found. Looks are made by many threads at once, additions one by one and in order."""


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

    def within(self, which: int, strip: Strip) -> Keep:
        """Look at pairs within the first (0) or second (1) set: of the upper triangle of tiles, diagonal ones whole.

        Diagonal tiles come first. A tile above the diagonal stands for its mirror image too.
        """

    def between(self, strip: Strip) -> Keep:
        """Look at pairs of both sets; all pairs within have been kept by then."""


Tile = tuple[int, slice, slice]
"""Within the first set (0), the second (1), or between both (2); rows and columns."""


def stream(x: Side, y: Side, sinks: Sequence[PairSink], progress: Callable[[float], None] | None = None) -> None:
    """Show every cosine within and between two sets to all sinks, once.

    Args:
        x: n rows.
        y: m rows.
        sinks: Who looks.
        progress: Told the fraction that is done.
    """
    within: list[Tile] = [(0, *tile) for tile in _triangle(len(x))] + [(1, *tile) for tile in _triangle(len(y))]
    between: list[Tile] = [(2, rows, columns) for rows in _slices(len(x)) for columns in _slices(len(y))]

    def look(tile: Tile) -> list[Keep]:
        kind, rows, columns = tile
        first, second = ((x, x), (y, y), (x, y))[kind]
        cosines = first.unit[rows] @ second.unit[columns].T
        return [
            sink.between(strip) if kind == 2 else sink.within(kind, strip)
            for strip in _strips(cosines, rows, columns)
            for sink in sinks
        ]

    done = 0
    for tiles in (within, between):
        for kept in in_turn(look, tiles):
            for keep in kept:
                keep()
            done += 1
            if progress is not None:
                progress(done / (len(within) + len(between)))


def is_mirrored(strip: Strip) -> bool:
    """Whether a strip of pairs within one set stands for its mirror image too."""
    return bool(strip.columns.start // TILE > strip.rows.start // TILE)


def _triangle(n: int) -> Iterator[tuple[slice, slice]]:
    """The diagonal's tiles, then those above it."""
    slices = list(_slices(n))
    for apart in range(len(slices)):
        yield from zip(slices, slices[apart:], strict=False)


def _slices(n: int) -> Iterator[slice]:
    for first in range(0, n, TILE):
        yield slice(first, min(first + TILE, n))


def _strips(tile: NDArray[np.floating], rows: slice, columns: slice) -> Iterator[Strip]:
    for first in range(0, len(tile), STRIP):
        part = tile[first : first + STRIP]
        yield Strip(part, slice(rows.start + first, rows.start + first + len(part)), columns)
