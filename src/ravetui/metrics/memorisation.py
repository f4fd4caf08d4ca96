"""Whether a set repeats itself, or the training audio."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.interval import Estimate
from ravetui.metrics.means import mean_estimate
from ravetui.metrics.median import median

DUPLICATE = 0.1
"""A window is a near-duplicate of another that is nearer than this part of the reference's median nearest distance."""
NEAR = 0.05
"""The part of the reference windows that are nearest to the training audio: how near is too near."""
TILE = 1000


@dataclass(frozen=True)
class Memorisation:
    """How near a set is to the training audio, beside how near unheard audio is to it."""

    copied: Estimate
    """Part of the windows that are nearer to the training audio than all but 5 % of the reference: 0.05 is innocent."""
    nearest: NDArray[np.float64]
    """Cosine distance of each window to the nearest training window, (n,)."""
    threshold: float
    """The distance below which a window counts."""


def memorisation(
    x: NDArray[np.floating],
    reference: NDArray[np.floating],
    training: NDArray[np.floating],
    files: NDArray[np.int64],
    seed: int,
) -> Memorisation:
    """Nearest training neighbours of a set, judged by those of a reference that was not trained on.

    Args:
        x: Embeddings, (n, d).
        reference: Of audio kept from training, (m, d).
        training: Of the training audio, (t, d).
        files: Which file each row of `x` came from, (n,).
        seed: The same seed gives the same interval.

    Raises:
        ScoreError: Fewer than four files, fewer than twenty reference windows, or a zero vector.
    """
    if len(reference) < 1 / NEAR:
        raise ScoreError(
            "Too few",
            f"The nearest 5 % of {len(reference)} reference windows are not one window.",
            "Score more reference audio.",
        )
    threshold = float(np.quantile(nearest_distance(reference, training), NEAR))
    nearest = nearest_distance(x, training)
    return Memorisation(mean_estimate((nearest < threshold).astype(np.float64), files, seed), nearest, threshold)


def nearest_distance(x: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Cosine distance of each row of `x` (n, d) to the nearest row of `others` (t, d): (n,).

    Raises:
        ScoreError: A row is zero.
    """
    mine, theirs = (unit_rows(np.asarray(z, dtype=np.float64)) for z in (x, others))
    found = np.full(len(mine), np.inf)
    for row in range(0, len(mine), TILE):
        for column in range(0, len(theirs), TILE):
            cosines = mine[row : row + TILE] @ theirs[column : column + TILE].T
            found[row : row + TILE] = np.minimum(found[row : row + TILE], 1 - cosines.max(axis=1))
    return np.asarray(np.maximum(found, 0.0))


def duplicates(nearest: NDArray[np.float64], reference_nearest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which windows have a near-duplicate of another file in their own set: 0 or 1, (n,).

    Near is a tenth of what lies between a reference window and its nearest neighbour, in the median.

    Args:
        nearest: Cosine of each window with its nearest of another file, (n,).
        reference_nearest: The same of the reference, (m,).
    """
    typical = median(1 - reference_nearest)
    return np.asarray(1 - nearest < DUPLICATE * max(typical, 1e-12), dtype=np.float64)
