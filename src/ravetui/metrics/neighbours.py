"""Nearest neighbours of two sets, and what they say: precision, recall, density, coverage, near-duplicates.

Neighbours are windows of other files: of the same file they would be near for no reason that matters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.gram import Strip, is_mirrored
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

    def within(self, which: int, strip: Strip) -> None:
        """Keep the k largest cosines of each row."""
        side = (self.x, self.y)[which]
        cosines = _without_files(side, strip)
        _keep_largest(self._top[which], strip.rows, cosines)
        if is_mirrored(strip):
            _keep_largest(self._top[which], strip.columns, cosines.T)

    def between(self, strip: Strip) -> None:
        """Count who lies in whose ball; the balls are known by now."""
        inside = strip.cosines > self._top[1][strip.columns, 0]
        self._precise[strip.rows] |= inside.any(axis=1)
        self._in_balls[strip.rows] += np.count_nonzero(inside, axis=1)
        self._covered[strip.columns] |= inside.any(axis=0)
        self._recalled[strip.columns] |= (strip.cosines > self._top[0][strip.rows, :1]).any(axis=0)

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


def _keep_largest(top: NDArray[np.floating], rows: slice, cosines: NDArray[np.floating]) -> None:
    """Let the largest of a row's cosines replace smaller ones it has; column 0 of `top` is its k-th largest.

    Args:
        top: (n, k), changed in place.
        rows: Which rows the cosines are of.
        cosines: (rows, columns).
    """
    k = top.shape[1]
    mine = top[rows]
    row, column = np.nonzero(cosines > mine[:, :1])
    if len(row) > cosines.size // 8:
        both = np.concatenate((mine, cosines), axis=1)
        top[rows] = np.partition(both, both.shape[1] - k, axis=1)[:, -k:]
        return
    if not len(row):
        return
    # Few beat what a row has: only they are ordered, the k best of each row.
    values = cosines[row, column]
    order = np.lexsort((-values, row))
    row, values = row[order], values[order]
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))
    best = rank < k
    better = np.full_like(mine, -np.inf)
    better[row[best], rank[best]] = values[best]
    changed = row[starts]
    both = np.concatenate((mine[changed], better[changed]), axis=1)
    mine[changed] = np.partition(both, k, axis=1)[:, k:]
