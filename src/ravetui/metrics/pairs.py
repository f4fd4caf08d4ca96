"""Means over pairs of windows, kept as sums over pairs of blocks, so that a resample costs a matrix product."""

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError

Floats = NDArray[np.float64]


def within_mean(sums: Floats, pairs: Floats, weights: Floats) -> Floats:
    """Mean of a symmetric kernel over the pairs within one set, for each weighting of its blocks.

    Two copies of one block are never paired, else a resample would hold pairs of equal windows that the set does not.
    With all weights 1 this is the U-statistic of the set.

    Args:
        sums: Kernel summed over the pairs of two blocks, (B, B).
        pairs: How many pairs that was, (B, B).
        weights: How often each block is drawn, (R, B).

    Returns:
        One mean a weighting, (R,); NaN where a weighting draws no pair.
    """
    return _ratio(_quadratic(sums, weights), _quadratic(pairs, weights))


def between_mean(sums: Floats, sizes: tuple[Floats, Floats], weights: tuple[Floats, Floats]) -> Floats:
    """Mean of a kernel over pairs of a window of one set and one of another, for each weighting of their blocks.

    Args:
        sums: Kernel summed over the pairs of two blocks, (B, C).
        sizes: Windows of each block of either set, (B,) and (C,).
        weights: How often each block is drawn, (R, B) and (R, C).

    Returns:
        One mean a weighting, (R,).
    """
    total = ((weights[0] @ sums) * weights[1]).sum(axis=1)
    return _ratio(total, (weights[0] @ sizes[0]) * (weights[1] @ sizes[1]))


def pairs_of_files(files: NDArray[np.int64], blocks: NDArray[np.int64]) -> Floats:
    """Count the ordered pairs of windows of different files.

    Args:
        files: Which file each window came from, (n,).
        blocks: Block of each window, the same for all windows of a file, (n,).

    Returns:
        Pairs of a window of either block, (B, B).
    """
    _, file_of, counts = np.unique(files, return_inverse=True, return_counts=True)
    sizes = np.bincount(blocks).astype(np.float64)
    pairs = np.outer(sizes, sizes)
    pairs[np.diag_indices(len(sizes))] -= np.bincount(blocks, weights=counts[file_of])
    return pairs


def need_pair(x: NDArray[np.floating]) -> None:
    """Refuse a set without two windows.

    Raises:
        ScoreError: It has fewer.
    """
    if len(x) < 2:
        raise ScoreError("Too few", "A set needs at least two windows to be scored.", "Render more or longer samples.")


def _quadratic(matrix: Floats, weights: Floats) -> Floats:
    """Weighted sum over pairs of drawn blocks, a block with itself counted once a draw, (R,)."""
    diagonal = np.diag(matrix)
    return np.asarray(((weights @ matrix) * weights).sum(axis=1) - (weights**2 - weights) @ diagonal)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
