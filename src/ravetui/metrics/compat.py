"""Kernel distances as other tools print them, biases and blind spots included, to compare with their numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.measure import Measure, alone

SUBSETS, SUBSET, SEED = 100, 1000, 2020
"""torch-fidelity's defaults."""
VARIANCE = 16.0
"""DrumGAN's, of its inverse multiquadric kernel."""
BATCH = 5000
"""Most windows of a set in one of DrumGAN's batches."""


@dataclass(frozen=True)
class Spread:
    """The mean over subsets or batches, and how much those differ: not an uncertainty of the mean."""

    mean: float
    std: float
    """Over subsets, with n in the denominator, as the tools have it."""


def compat_measures(x: NDArray[np.floating], y: NDArray[np.floating]) -> dict[str, Measure]:
    """Both, by their names in the catalogue; their spread is no uncertainty, so there is no interval.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings of the reference, (m, d).
    """
    unknown = "As the other tool prints it: it gives no uncertainty."
    return {
        "kid_compat": alone(lambda: kid_compat(x, y).mean, unknown),
        "drumgan_mmd": alone(lambda: drumgan_mmd(x, y).mean, unknown),
    }


def kid_compat(x: NDArray[np.floating], y: NDArray[np.floating]) -> Spread:
    """torch-fidelity's kernel distance: k(a, b) = (a·b / d + 1)³, 100 subsets of 1000 windows, seed 2020.

    In the precision of the embeddings, which are taken as they are. On unit vectors the division by d leaves little
    more than a comparison of means: a collapsed set is not seen.

    Args:
        x: Embeddings, (n, d), n ≥ 1000; the first argument draws first.
        y: Embeddings, (m, d), m ≥ 1000.

    Raises:
        ScoreError: A set is smaller than a subset.
    """
    if min(len(x), len(y)) < SUBSET:
        raise ScoreError(
            "Too few",
            f"It takes subsets of {SUBSET} windows, and a set has {min(len(x), len(y))}.",
            "KID has no such limit.",
        )
    random = np.random.RandomState(SEED)
    found = []
    for _ in range(SUBSETS):
        first = x[random.choice(len(x), SUBSET, replace=False)]
        second = y[random.choice(len(y), SUBSET, replace=False)]
        within = sum(_off_diagonal(_divided(part, part)) for part in (first, second)) / (SUBSET * (SUBSET - 1))
        found.append(float(within - 2 * _divided(first, second).sum() / SUBSET**2))
    return Spread(float(np.mean(found)), float(np.std(found)))


def drumgan_mmd(x: NDArray[np.floating], y: NDArray[np.floating]) -> Spread:
    """DrumGAN's ``mmd()`` (Nistal et al. 2020): the kernel 16 / (16 + |a − b|²), biased upwards by 2 / (n − 1).

    The kernels of windows with themselves are summed and then divided as if they had not been, so the value depends on
    n and is 2 / (n − 1) too high; reproduced as it is.

    Args:
        x: Embeddings, (n, d), n ≥ 2.
        y: Embeddings, (n, d); of the larger set only as many are used as the smaller has.

    Raises:
        ScoreError: A set has fewer than two windows.
    """
    n = min(len(x), len(y))
    if n < 2:
        raise ScoreError("Too few", "A set needs at least two windows to be scored.", "Render more or longer samples.")
    size = min(n, BATCH)
    starts = range(0, n - size + 1, size)
    found = [
        _biased(*(np.asarray(part[start : start + size], dtype=np.float64) for part in (x, y))) for start in starts
    ]
    return Spread(float(np.mean(found)), float(np.std(found)))


def _biased(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    n = len(x)
    within = (_multiquadric(x, x).sum() + _multiquadric(y, y).sum()) / (n * (n - 1))
    return float(within - 2 * _multiquadric(x, y).sum() / n**2)


def _multiquadric(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """16 / (16 + |a − b|²), without an n x m x d array."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    return np.asarray(VARIANCE / (VARIANCE + np.maximum(squares, 0.0)))


def _divided(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    kernel = a @ b.T
    kernel *= kernel.dtype.type(1 / a.shape[1])
    kernel += kernel.dtype.type(1)
    kernel *= kernel * kernel
    return np.asarray(kernel)


def _off_diagonal(kernel: NDArray[np.floating]) -> float:
    return float((kernel.sum(axis=1) - np.diagonal(kernel)).sum())
