"""A set of sounds as points, each of which remembers the file it came from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.windows import window_batches

BATCH = 16
"""Windows in the embedder at once: 16 of one second, or of ten, fit any machine that can train."""


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


def embed_clips(
    clips: Sequence[NDArray[np.float32]], embedder: Embedder, progress: Callable[[float], None]
) -> EmbeddingSet:
    """Embed clips window by window, each clip a file of its own.

    One clip at a time is asked of `clips`, so a sequence that reads its files when asked keeps memory bounded.

    Args:
        clips: Mono audio at the embedder's sampling rate, each (samples,).
        embedder: What embeds a window.
        progress: Told the fraction of the clips that is done.

    Returns:
        The windows of all clips, in order; file `i` is clip `i`.

    Raises:
        ScoreError: There is no clip, or one is empty or holds NaN or infinity.
    """
    if len(clips) == 0:
        raise ScoreError("Score", "There is no audio to score.", "Render samples first.")
    values: list[NDArray[np.float32]] = []
    files: list[int] = []
    for index in range(len(clips)):
        clip = clips[index]
        _check(clip, index)
        for windows in window_batches(clip, embedder.window, embedder.window, BATCH):
            values.append(embedder.embed(windows))
            files.extend([index] * len(windows))
        progress((index + 1) / len(clips))
    return EmbeddingSet(np.concatenate(values).astype(np.float64), np.array(files, dtype=np.int64))


def _check(clip: NDArray[np.float32], index: int) -> None:
    """Refuse what would otherwise vanish into a number or leave the set silently."""
    if clip.size == 0:
        raise ScoreError("Score", f"Clip {index + 1} is empty.", "Render the samples again.")
    if not np.isfinite(clip).all():
        raise ScoreError(
            "Score",
            f"Clip {index + 1} holds NaN or infinite samples.",
            "The checkpoint has diverged: score an older one.",
        )
