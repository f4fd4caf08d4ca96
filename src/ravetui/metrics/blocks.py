"""Groups of whole files: what is left out by a jackknife and drawn by a bootstrap."""

import heapq

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError

FEWEST_FILES = 4
"""With fewer, leaving out or drawing again a file says next to nothing, and no interval is given."""


def need_files(files: NDArray[np.int64]) -> None:
    """Refuse a set whose uncertainty cannot be told.

    Args:
        files: Which file each window came from, (n,).

    Raises:
        ScoreError: Fewer than four files.
    """
    count = len(np.unique(files))
    if count < FEWEST_FILES:
        raise ScoreError(
            "Too few",
            f"An uncertainty needs windows of at least {FEWEST_FILES} files, not of {count}.",
            "Render more samples.",
        )


def file_blocks(files: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Deal files into blocks of about as many windows each.

    Largest file first, each into the block that has the fewest windows so far: deterministic.

    Args:
        files: Which file each window came from, (n,).
        most: Most blocks; with fewer files, each is a block.

    Returns:
        Block of each window, numbered from 0 without gaps, (n,).
    """
    _, file_of, counts = np.unique(files, return_inverse=True, return_counts=True)
    if len(counts) and counts.min() == counts.max():
        return np.asarray(file_of % min(most, len(counts)))
    lightest = [(0, block) for block in range(min(most, len(counts)))]
    block_of = np.empty(len(counts), dtype=np.int64)
    for file in np.argsort(-counts, kind="stable"):
        windows, block = heapq.heappop(lightest)
        block_of[file] = block
        heapq.heappush(lightest, (windows + int(counts[file]), block))
    return np.asarray(block_of[file_of])
