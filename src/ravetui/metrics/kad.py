"""Kernel audio distance (Chung et al. 2025, arXiv 2502.15602): the discrepancy under a Gaussian kernel."""

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.gram import stream
from ravetui.metrics.interval import BLOCKS
from ravetui.metrics.kernel_sums import Kernel, KernelSums
from ravetui.metrics.median import median
from ravetui.metrics.pairs import need_pair
from ravetui.metrics.side import sides

SCALE = 100.0
"""A score shows KAD times this, as its authors do."""
MOST = 2000
"""Windows of the reference whose distances give the bandwidth; of a larger one an even part is taken."""


def median_distance(reference: NDArray[np.floating]) -> float:
    """The bandwidth: the median Euclidean distance of two directions of the reference set.

    Of the reference, so that it stays the same from checkpoint to checkpoint; one from what is judged would move with
    it, and scores could not be compared.

    Args:
        reference: Embeddings, (m, d).

    Returns:
        Distance of unit vectors, 0 to 2.

    Raises:
        ScoreError: Fewer than two windows, a zero vector, or windows that are all alike.
    """
    need_pair(reference)
    part = reference[np.linspace(0, len(reference) - 1, min(len(reference), MOST)).astype(np.int64)]
    unit = unit_rows(np.asarray(part, dtype=np.float64))
    cosines = (unit @ unit.T)[np.triu(np.ones((len(unit), len(unit)), dtype=np.bool_), 1)]
    bandwidth = float(np.sqrt(max(0.0, 2 - 2 * median(cosines))))
    if bandwidth < 1e-6:
        raise ScoreError("Reference", "The windows of the reference are all alike.", "Choose a more varied reference.")
    return bandwidth


def gaussian_kernel(bandwidth: float) -> Kernel:
    """The kernel exp(−|a − b|² / 2σ²) of unit vectors, from their cosine: |a − b|² = 2 − 2 cos."""
    rate = 1 / bandwidth**2

    def kernel(cosines: NDArray[np.floating]) -> NDArray[np.floating]:
        exponent = cosines * cosines.dtype.type(rate)
        exponent -= cosines.dtype.type(rate)
        np.exp(exponent, out=exponent)
        return exponent

    return kernel


def kad(x: NDArray[np.floating], y: NDArray[np.floating], bandwidth: float) -> float:
    """Squared maximum mean discrepancy of directions under a Gaussian kernel, as a U-statistic over all pairs.

    Args:
        x: Embeddings, (n, d).
        y: Embeddings of the reference, (m, d).
        bandwidth: See :func:`median_distance`.

    Returns:
        An unbiased estimate; not times 100.

    Raises:
        ScoreError: A set has fewer than two windows, or a zero vector.
    """
    need_pair(x)
    need_pair(y)
    first, second = sides(x, y, np.arange(len(x)), np.arange(len(y)), BLOCKS)
    sums = KernelSums(first, second, gaussian_kernel(bandwidth))
    stream(first, second, [sums])
    return sums.value()
