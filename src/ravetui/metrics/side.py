"""One of two compared sets, laid out so that blocks of files are contiguous."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import file_blocks
from ravetui.metrics.cosine import unit_rows

EXACT = 4096
"""Up to so many windows of both sets together products are made in float64; beyond, in float32, twice as fast."""


@dataclass(frozen=True)
class Side:
    """A set's directions, in the order of its blocks and files."""

    unit: NDArray[np.floating]
    """Unit rows, (n, d), float32 or float64."""
    files: NDArray[np.int64]
    """Number of the file of each row in this order, ascending without gaps, (n,)."""
    blocks: NDArray[np.int64]
    """Number of the block of each row, ascending without gaps, (n,)."""
    order: NDArray[np.int64]
    """Which row of the set each row here is, (n,)."""

    @classmethod
    def of(cls, x: NDArray[np.floating], files: NDArray[np.int64], most: int, *, exact: bool) -> "Side":
        """Embeddings (n, d) of `files` (n,), dealt into at most `most` blocks of whole files.

        Raises:
            ScoreError: A row is zero.
        """
        return cls.laid(x, files, file_blocks(files, most), exact=exact)

    @classmethod
    def laid(
        cls, x: NDArray[np.floating], files: NDArray[np.int64], blocks: NDArray[np.int64], *, exact: bool
    ) -> "Side":
        """The same with blocks already dealt: numbered without gaps, each of whole files, (n,).

        Raises:
            ScoreError: A row is zero.
        """
        order = np.lexsort((files, blocks))
        unit = np.empty(x.shape, dtype=np.float64 if exact else np.float32)
        for first in range(0, len(x), 1000):
            part = order[first : first + 1000]
            unit[first : first + 1000] = unit_rows(np.asarray(x[part], dtype=np.float64))
        sorted_files = files[order]
        changed = np.concatenate(([0], np.cumsum(sorted_files[1:] != sorted_files[:-1])))
        return cls(unit, changed.astype(np.int64), blocks[order], order)

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Windows of each block, (B,)."""
        return np.bincount(self.blocks).astype(np.float64)

    def back(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of the rows here, (n, …), in the order of the set."""
        out = np.empty_like(values)
        out[self.order] = values
        return out


def sides(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    files: NDArray[np.int64],
    reference_files: NDArray[np.int64],
    most: int,
) -> tuple[Side, Side]:
    """Both sets, in float64 where they are small enough for that to be cheap.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings, (m, d).
        files: Which file each row of `x` came from, (n,).
        reference_files: Which file each row of `y` came from, (m,).
        most: Most blocks a set.
    """
    exact = len(x) + len(y) <= EXACT
    return Side.of(x, files, most, exact=exact), Side.of(y, reference_files, most, exact=exact)
