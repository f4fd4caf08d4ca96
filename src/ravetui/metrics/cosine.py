"""Directions of embeddings: what every cosine metric works on."""

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError


def unit_rows(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows scaled to length 1.

    Args:
        x: Embeddings, (n, d).

    Returns:
        Unit vectors, (n, d).

    Raises:
        ScoreError: A row is zero and so points nowhere.
    """
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    if not norms.all():
        raise ScoreError("Embeddings", "An embedding is zero, so it has no cosine.", "Use another embedder.")
    return np.asarray(x / norms)
