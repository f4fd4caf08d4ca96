"""Vendi score: how many distinct sounds a set is worth, by itself and beside the reference."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.cores import in_turn, one_thread
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.interval import Estimate
from ravetui.metrics.jackknife import from_left_out

JACKKNIFE_BLOCKS = 20
ROWS = 1000
"""Rows multiplied at a time, by each core."""


def vendi(x: NDArray[np.floating]) -> float:
    """Vendi score with the cosine kernel: exp of the entropy of the eigenvalues of K/n (Friedman & Dieng 2023, eq. 1).

    K = UUᵀ of the unit rows U shares its nonzero eigenvalues with UᵀU, so the smaller of the two is decomposed.

    Args:
        x: Embeddings, (n, d), n ≥ 1.

    Returns:
        Effective number of distinct rows, 1 to min(n, d). It grows with n: compare at equal n.

    Raises:
        ScoreError: A zero vector.
    """
    with one_thread():
        return _effective(_squares(x)[0] if len(x) > x.shape[1] else _cosines(x), len(x))


def vendi_estimate(sounds: EmbeddingSet) -> Estimate:
    """Vendi score with a standard error from leaving out blocks of files.

    Drawing files again would put equal windows into the set, which is just what the score counts; so no bootstrap.

    Raises:
        ScoreError: Fewer than four files, or a zero vector.
    """
    value, variance, count = _vendi_jackknife(sounds)
    return Estimate.from_se(value, float(np.sqrt(variance)), count - 1)


def vendi_ratio(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Vendi score of the rows of `x` over that of as many rows of `y`."""
    return vendi(x) / vendi(y)


def vendi_ratio_estimate(sounds: EmbeddingSet, reference: EmbeddingSet) -> Estimate:
    """Quotient of two sets' Vendi scores; its relative variance is the sum of theirs (delta method).

    Args:
        sounds: What is judged.
        reference: As many windows, see `matched`.

    Raises:
        ScoreError: A set of fewer than four files, or a zero vector.
    """
    (above, above_variance, above_count), (below, below_variance, below_count) = (
        _vendi_jackknife(sounds),
        _vendi_jackknife(reference),
    )
    ratio = above / below
    se = ratio * float(np.sqrt(above_variance / above**2 + below_variance / below**2))
    return Estimate.from_se(ratio, se, min(above_count, below_count) - 1)


def _vendi_jackknife(sounds: EmbeddingSet) -> tuple[float, float, int]:
    """Vendi score, its variance, and the number of blocks behind that."""
    need_files(sounds.files)
    block_of = file_blocks(sounds.files, JACKKNIFE_BLOCKS)
    sizes, n = np.bincount(block_of), len(sounds)
    if n - sizes.max() > sounds.values.shape[1]:
        squares = _squares(sounds.values, block_of)
        whole = squares.sum(axis=0)

        def without(block: int) -> NDArray[np.float64]:
            return np.asarray(whole - squares[block])
    else:
        whole = _cosines(sounds.values)

        def without(block: int) -> NDArray[np.float64]:
            keep = np.flatnonzero(block_of != block)
            return whole[np.ix_(keep, keep)]

    def left_out(block: int) -> float:
        return _effective(whole, n) if block < 0 else _effective(without(block), n - int(sizes[block]))

    value, *left = in_turn(left_out, range(-1, len(sizes)))
    _, variance, count = from_left_out(value, np.array(left), sizes.astype(np.float64))
    return value, variance, count


def _squares(x: NDArray[np.floating], blocks: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """UᵀU summed by blocks (n,) of the rows, (B, d, d); one block when left out."""
    groups = [np.arange(len(x))] if blocks is None else [np.flatnonzero(blocks == b) for b in range(blocks.max() + 1)]
    parts = [(b, rows[first : first + ROWS]) for b, rows in enumerate(groups) for first in range(0, len(rows), ROWS)]

    def square(part: tuple[int, NDArray[np.int64]]) -> NDArray[np.float64]:
        unit = unit_rows(np.asarray(x[part[1]], dtype=np.float64))
        return np.asarray(unit.T @ unit)

    sums = np.zeros((len(groups), x.shape[1], x.shape[1]))
    for (block, _), product in zip(parts, in_turn(square, parts), strict=True):
        sums[block] += product
    return sums


def _cosines(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """UUᵀ, (n, n)."""
    unit = unit_rows(np.asarray(x, dtype=np.float64))
    return np.asarray(unit @ unit.T)


def _effective(matrix: NDArray[np.float64], n: int) -> float:
    """exp of the entropy of the eigenvalues of a matrix over n."""
    eigenvalues = np.linalg.eigvalsh(matrix) / n
    eigenvalues = eigenvalues[eigenvalues > 0]
    return float(np.exp(-(eigenvalues * np.log(eigenvalues)).sum()))
