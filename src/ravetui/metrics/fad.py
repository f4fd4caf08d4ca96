"""Fréchet audio distance (Kilgour et al. 2019, arXiv 1812.08466): two sets seen as two Gaussians."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.cores import in_turn, one_thread
from ravetui.metrics.interval import Estimate
from ravetui.metrics.jackknife import from_left_out
from ravetui.metrics.moments import Moments, centre_of, moments
from ravetui.metrics.pairs import need_pair

BLOCKS = 20
ROUNDING = 1e-9
"""Relative to the terms of the distance: how far below 0 rounding may take it."""
REGULAR = 1e-6
"""Least ratio of Cholesky pivots at which a covariance counts as having full rank in float64."""
MANY = 4096
"""Of more rows than this, products are made in float32 where that is good enough."""
REGULAR_SINGLE = 3e-3
"""Least ratio of pivots at which it is. Rounding adds some 1e-7 of the largest variance to every variance, and a
distance takes roots of the smallest: above this ratio it changes by 1e-7 of itself, at a hundredth of it by 1e-5."""


@dataclass(frozen=True)
class Gaussian:
    """The two moments of a set that the distance sees."""

    mean: NDArray[np.float64]
    """(d,)"""
    root: NDArray[np.float64]
    """R with RᵀR = C, the unbiased covariance, (r, d), r ≤ d."""
    trace: float
    """tr C."""
    regular: bool
    """Whether C is safely invertible."""


Part = Callable[[], Gaussian]
"""Makes the Gaussian of a set without a block, when its turn comes."""


def gaussian(x: NDArray[np.floating]) -> Gaussian:
    """Fit a Gaussian.

    Args:
        x: Embeddings, (n, d).

    Raises:
        ScoreError: Fewer than two rows, or values that are not finite or too large to be squared.
    """
    need_pair(x)
    if len(x) > x.shape[1]:
        return _of_moments(x)[0]
    return _of_rows(x)


def _of_moments(x: NDArray[np.floating], blocks: NDArray[np.int64] | None = None) -> tuple[Gaussian, Moments]:
    """The Gaussian of more rows than dimensions, and the sums by blocks that it was made from."""
    if len(x) > MANY:
        sums = moments(x, blocks, single=True)
        fit = _factored(*sums.whole())
        pivots = np.diag(fit.root)
        if fit.regular and pivots.min() > REGULAR_SINGLE * pivots.max():
            return fit, sums
    sums = moments(x, blocks)
    return _factored(*sums.whole()), sums


def _of_rows(x: NDArray[np.floating]) -> Gaussian:
    """The Gaussian of fewer rows than dimensions: its covariance is kept as the rows that it is made of."""
    mean = centre_of(x)
    rows = x - mean
    trace = float(np.einsum("ij,ij->", rows, rows)) / (len(x) - 1)
    return Gaussian(mean, np.asarray(rows / np.sqrt(len(x) - 1), dtype=np.float64), trace, regular=False)


def _factored(mean: NDArray[np.float64], covariance: NDArray[np.float64]) -> Gaussian:
    """Factor a covariance (d, d) that may be singular all the same."""
    trace = float(np.trace(covariance))
    try:
        root = np.asarray(np.linalg.cholesky(covariance).T, dtype=np.float64)
        pivots = np.diag(root)
        if pivots.min() > REGULAR * pivots.max():
            return Gaussian(mean, root, trace, regular=True)
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(covariance)
    kept = values > len(mean) * np.finfo(np.float64).eps * values[-1]
    return Gaussian(mean, np.sqrt(values[kept])[:, None] * vectors[:, kept].T, trace, regular=False)


def frechet(a: Gaussian, b: Gaussian) -> float:
    """Squared Fréchet distance |μ₁ − μ₂|² + tr C₁ + tr C₂ − 2 tr (C₁C₂)^½ (Dowson & Landau 1982).

    With C = RᵀR the last trace is the nuclear norm of R₁R₂ᵀ, which stays real and exact when a covariance is singular;
    for full ranks its singular values are the roots of the eigenvalues of R₁C₂R₁ᵀ, found in half the time.
    """
    cross = a.root @ b.root.T
    if a.regular and b.regular:
        shared = np.sqrt(np.maximum(np.linalg.eigvalsh(cross @ cross.T), 0.0)).sum()
    else:
        shared = np.linalg.svd(cross, compute_uv=False).sum()
    shift = float(((a.mean - b.mean) ** 2).sum())
    value = shift + a.trace + b.trace - 2 * float(shared)
    return 0.0 if -ROUNDING * (shift + a.trace + b.trace) < value < 0 else value


def effective_rank(x: NDArray[np.floating]) -> float:
    """Over how many dimensions a set spreads: (tr C)² / tr C², the participation ratio, 1 to d; 0 for equal rows.

    Args:
        x: Embeddings, (n, d).

    Raises:
        ScoreError: Fewer than two rows.
    """
    fit = gaussian(x)
    square = float(((fit.root @ fit.root.T) ** 2).sum())
    return fit.trace**2 / square if square > 0 else 0.0


def fad(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Fréchet distance of two sets, in float64 with unbiased covariances; biased upwards by about a/n + b/m.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings, (m, d).

    Returns:
        A number ≥ 0 in squared units of the embedding.

    Raises:
        ScoreError: A set has fewer than two windows, or values that are not finite.
    """
    with one_thread():
        a, b = in_turn(gaussian, (x, y))
        return frechet(a, b)


def fad_jackknife(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    files: NDArray[np.int64],
    blocks: int = BLOCKS,
    reference_files: NDArray[np.int64] | None = None,
) -> Estimate:
    """FAD without its sample-size bias, B F − (B − 1) mean of F₋b over left-out blocks of files, and its error.

    It removes the bias of order 1/n that a finite `x` causes and, where `reference_files` is given, that of `y` too;
    the two add up. Deterministic, and less noisy than extrapolating over subset sizes (Gui et al. 2023, arXiv
    2311.01616). The interval is made from the standard error: a bootstrap would add the very bias that is removed here.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings of the reference, (m, d).
        files: Which file each row of `x` came from, (n,).
        blocks: Most blocks a set, at least two.
        reference_files: Which file each row of `y` came from, (m,).

    Returns:
        The corrected distance, which scatters around 0 for equal distributions, and its standard error.

    Raises:
        ScoreError: A set is of fewer than four files, or has values that are not finite.
    """
    return fad_estimates(x, y, files, blocks, reference_files)[1]


def fad_estimates(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    files: NDArray[np.int64],
    blocks: int = BLOCKS,
    reference_files: NDArray[np.int64] | None = None,
) -> tuple[Estimate, Estimate]:
    """`fad` with the jackknife's error, and `fad_jackknife`, for the price of the second."""
    left = fad_without_blocks(x, y, files, reference_files, blocks)
    bias, variance, count = from_left_out(left.full, *left.of_x)
    if left.of_y is not None:
        bias_y, variance_y, count_y = from_left_out(left.full, *left.of_y)
        bias, variance, count = bias + bias_y, variance + variance_y, min(count, count_y)
    se = float(np.sqrt(variance))
    return Estimate.from_se(left.full, se, count - 1), Estimate.from_se(left.full - bias, se, count - 1)


@dataclass(frozen=True)
class LeftOut:
    """A distance, and what it is without each block of files."""

    full: float
    of_x: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Without each block of the judged set, (B,), and the windows in each, (B,)."""
    of_y: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    """The same of the reference; None when its files are not known."""


def fad_without_blocks(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    files: NDArray[np.int64],
    reference_files: NDArray[np.int64] | None,
    blocks: int = BLOCKS,
) -> LeftOut:
    """FAD of two sets, and of each set without one of its blocks of files.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings of the reference, (m, d).
        files: Which file each row of `x` came from, (n,).
        reference_files: Which file each row of `y` came from, (m,), or None to leave out nothing of it.
        blocks: Most blocks a set.

    Raises:
        ScoreError: A set is of fewer than four files, or has values that are not finite.
    """
    need_pair(x)
    need_pair(y)
    a, parts_x, sizes_x = _leaving_out(x, files, blocks)
    if reference_files is None:
        b = gaussian(y)
        parts_y: list[Part] = []
        sizes_y = np.zeros(0)
    else:
        b, parts_y, sizes_y = _leaving_out(y, reference_files, blocks)

    def distance(work: tuple[Part | None, Part | None]) -> float:
        one, two = work
        return frechet(a if one is None else one(), b if two is None else two())

    pairs: list[tuple[Part | None, Part | None]] = [(None, None)]
    pairs += [(part, None) for part in parts_x] + [(None, part) for part in parts_y]
    full, *left = in_turn(distance, pairs)
    without_x, without_y = np.array(left[: len(parts_x)]), np.array(left[len(parts_x) :])
    return LeftOut(full, (without_x, sizes_x), None if reference_files is None else (without_y, sizes_y))


def _leaving_out(
    x: NDArray[np.floating], files: NDArray[np.int64], most: int
) -> tuple[Gaussian, list[Part], NDArray[np.float64]]:
    """The Gaussian of a set, what makes those of it without each block, and the windows of each block."""
    need_files(files)
    block_of = file_blocks(files, most)
    sizes = np.bincount(block_of).astype(np.float64)
    if len(x) - sizes.max() <= x.shape[1]:
        return gaussian(x), [partial(_without, x, block_of, block) for block in range(len(sizes))], sizes
    fit, sums = _of_moments(x, block_of)
    return fit, [partial(_less, sums, block) for block in range(len(sizes))], sizes


def _without(x: NDArray[np.floating], block_of: NDArray[np.int64], block: int) -> Gaussian:
    return gaussian(x[block_of != block])


def _less(sums: Moments, block: int) -> Gaussian:
    return _factored(*sums.without(block))
