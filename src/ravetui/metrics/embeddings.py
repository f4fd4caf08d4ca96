"""A set of sounds as points, each of which remembers the file it came from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError


@dataclass(frozen=True)
class EmbeddingSet:
    """Embedded windows of a set of files."""

    values: NDArray[np.float64]
    """One vector a window, (n, d)."""
    files: NDArray[np.int64]
    """Which file each window came from, (n,). Windows of a file resemble each other, so uncertainty is over files."""

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.files.shape != self.values.shape[:1]:
            raise ValueError(f"values {self.values.shape} and files {self.files.shape} do not go together")
        if not np.isfinite(self.values).all():
            raise ScoreError("Embeddings", "An embedding is not finite.", "The sound it came from is damaged.")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def n_files(self) -> int:
        """How many different files the windows came from."""
        return len(np.unique(self.files))

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> "EmbeddingSet":
        """The windows at `index`, positions or a mask."""
        return EmbeddingSet(self.values[index], self.files[index])
