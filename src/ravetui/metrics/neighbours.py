"""Nearest neighbours of two sets, and what they say: precision, recall, density, coverage, near-duplicates.

Neighbours are windows of other files: of the same file they would be near for no reason that matters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.gram import Keep, Strip, is_mirrored
from ravetui.metrics.side import Side

NEIGHBOURS = 5
"""k of the balls around each window, the authors' choice (Naeem et al. 2020, arXiv 2002.09797)."""


@dataclass(frozen=True)
class Neighbourhoods:
    """What each window says of the two sets; means over windows are the metrics."""

    nearest: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Cosine with the nearest window of another file of the same set, (n,) and (m,); -inf where there is none."""
    precise: NDArray[np.float64]
    """Whether each window of the first set lies in the ball of one of the second, 0 or 1, (n,)."""
    dense: NDArray[np.float64]
    """In how many balls of the second set it lies, over k, (n,)."""
    recalled: NDArray[np.float64]
    """Whether each window of the second set lies in the ball of one of the first, (m,)."""
    covered: NDArray[np.float64]
    """Whether the ball of each window of the second set holds one of the first, (m,)."""


class NeighbourSink:
    """Finds all of it in one stream of cosines; a sink of :func:`gram.stream`.

    A window's ball reaches to its k-th nearest neighbour in its own set, border excluded (Kynkäänniemi et al. 2019,
    arXiv 1904.06991; Naeem et al. 2020, equations 1, 2, 6 and 7). Nearer means a larger cosine.

    Args:
        x: What is judged.
        y: The reference.
        k: Neighbours that a ball reaches to.
    """

    def __init__(self, x: Side, y: Side, k: int = NEIGHBOURS) -> None:
        self.x = x
        self.y = y
        self._k = k
        self._top = [np.full((len(side), k), -np.inf, dtype=side.unit.dtype) for side in (x, y)]
        self._precise = np.zeros(len(x), dtype=bool)
        self._in_balls = np.zeros(len(x))
        self._recalled = np.zeros(len(y), dtype=bool)
        self._covered = np.zeros(len(y), dtype=bool)

    def within(self, which: int, strip: Strip) -> Keep:
        """Find what may be among the k largest cosines of each row."""
        side, top = (self.x, self.y)[which], self._top[which]
        cosines = _without_files(side, strip)
        # What is kept meanwhile only raises these, so nothing is missed.
        row, column = _candidates(cosines, np.maximum(top[strip.rows, :1], _bound(cosines, self._k)))
        found = [(strip.rows, row, cosines[row, column])]
        if is_mirrored(strip):
            row, column = _candidates(cosines, top[strip.columns, 0])
            found.append((strip.columns, column, cosines[row, column]))

        def keep() -> None:
            for of, which_row, values in found:
                _keep_largest(top[of], which_row, values)

        return keep

    def between(self, strip: Strip) -> Keep:
        """Count who lies in whose ball; the balls are known by now."""
        inside = _flags(strip.cosines, self._top[1][strip.columns, 0])
        within_mine = _flags(strip.cosines, self._top[0][strip.rows, :1])
        width = strip.cosines.shape[1]
        # Eight flags a word: added, each byte counts for itself, up to 255 words.
        counts = inside.sum(axis=1)[:, None].view(np.uint8).sum(axis=1, dtype=np.int64)
        covered = np.bitwise_or.reduce(inside, axis=0).view(np.bool_)[:width]
        recalled = np.bitwise_or.reduce(within_mine, axis=0).view(np.bool_)[:width]

        def keep() -> None:
            self._precise[strip.rows] |= counts > 0
            self._in_balls[strip.rows] += counts
            self._covered[strip.columns] |= covered
            self._recalled[strip.columns] |= recalled

        return keep

    def found(self) -> Neighbourhoods:
        """What was found, in the order of the sets."""
        first, second = self.x.back, self.y.back
        return Neighbourhoods(
            nearest=(
                first(self._top[0].max(axis=1).astype(np.float64)),
                second(self._top[1].max(axis=1).astype(np.float64)),
            ),
            precise=first(self._precise.astype(np.float64)),
            dense=first(self._in_balls / self._k),
            recalled=second(self._recalled.astype(np.float64)),
            covered=second(self._covered.astype(np.float64)),
        )


def _without_files(side: Side, strip: Strip) -> NDArray[np.floating]:
    """The cosines of a strip within a set, -inf for two windows of one file and for a window with itself."""
    rows, columns = side.files[strip.rows], side.files[strip.columns]
    if rows[-1] < columns[0] or columns[-1] < rows[0]:
        return strip.cosines
    return np.where(rows[:, None] == columns[None, :], strip.cosines.dtype.type(-np.inf), strip.cosines)


def _flags(cosines: NDArray[np.floating], least: NDArray[np.floating]) -> NDArray[np.uint64]:
    """Which cosines (a, b) are above `least`, broadcast against them: a byte each, eight to a word, (a, ⌈b / 8⌉)."""
    rows, columns = cosines.shape
    flags = np.zeros((rows, (columns + 7) // 8 * 8), dtype=np.bool_)
    np.greater(cosines, least, out=flags[:, :columns])
    return flags.view(np.uint64)


def _candidates(
    cosines: NDArray[np.floating], least: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the cosines above `least`, broadcast against them, row by row.

    They are few; eight flags at a time are passed over.
    """
    words = _flags(cosines, least)
    met = np.flatnonzero(words)
    word, byte = np.nonzero(words.reshape(-1, 1)[met].view(np.uint8))
    row, column = np.divmod(met[word], words.shape[1])
    return row, column * 8 + byte


def _bound(cosines: NDArray[np.floating], k: int) -> NDArray[np.floating]:
    """A little below the k-th largest of some cosines of each row (a, b), which is at most the k-th of all: (a, 1)."""
    rows, columns = cosines.shape
    groups = 8 * k
    if columns < 2 * groups:
        return np.full((rows, 1), -np.inf, dtype=cosines.dtype)
    each = columns // groups
    largest = cosines[:, : groups * each].reshape(rows, each, groups).max(axis=1)
    return np.nextafter(np.partition(largest, groups - k, axis=1)[:, groups - k, None], cosines.dtype.type(-2))


def _keep_largest(top: NDArray[np.floating], row: NDArray[np.int64], values: NDArray[np.floating]) -> None:
    """Let the largest of a row's cosines replace smaller ones it has; column 0 of `top` is its k-th largest.

    Args:
        top: (n, k), changed in place.
        row: Which row each cosine is of.
        values: The cosines.
    """
    if not len(row):
        return
    k = top.shape[1]
    order = np.lexsort((-values, row))
    row, values = row[order], values[order]
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))
    best = rank < k
    better = np.full_like(top, -np.inf)
    better[row[best], rank[best]] = values[best]
    changed = row[starts]
    both = np.concatenate((top[changed], better[changed]), axis=1)
    top[changed] = np.partition(both, k, axis=1)[:, k:]
