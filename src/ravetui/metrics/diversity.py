"""How varied one set is, and whether as varied as the reference."""

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.interval import BLOCKS, Estimate, bootstrap_weights
from ravetui.metrics.pairs import pairs_of_files, within_mean

ALIKE = 1e-9
"""Mean distances below this are rounding."""


def mean_distance(x: NDArray[np.floating], files: NDArray[np.int64] | None = None) -> float:
    """Mean cosine distance of two windows of different files, exact in O(nd): 1 − (|Σu|² − Σ|s|²) / (n² − Σc²).

    u are the unit rows, s their sums a file and c their counts a file.

    Args:
        x: Embeddings, (n, d).
        files: Which file each row came from, (n,); each from its own when left out, which makes it the mean over all
            pairs.

    Returns:
        0 (all point the same way) to just above 1.

    Raises:
        ScoreError: No two rows of different files, or a zero vector.
    """
    files = np.arange(len(x)) if files is None else files
    sums, pairs = _cosine_sums(x, files, np.zeros(len(x), dtype=np.int64))
    if pairs.sum() == 0:
        raise ScoreError("Too few", "A distance needs windows of at least two files.", "Render more samples.")
    return float(max(0.0, 1 - (sums / pairs)[0, 0]))


def distance_estimate(sounds: EmbeddingSet, seed: int) -> Estimate:
    """`mean_distance` with an interval from drawing files again and again.

    Raises:
        ScoreError: Fewer than four files, or a zero vector.
    """
    return Estimate.from_resamples(mean_distance(sounds.values, sounds.files), _resampled_distance(sounds, seed))


def distance_ratio_estimate(sounds: EmbeddingSet, reference: EmbeddingSet, seed: int) -> Estimate:
    """Quotient of two sets' mean distances, with an interval from drawing the files of both.

    Args:
        sounds: What is judged.
        reference: As many windows, see `matched`.
        seed: The same seed gives the same interval.

    Raises:
        ScoreError: A set of fewer than four files, a zero vector, or a reference whose windows are all alike.
    """
    above, below = _resampled_distance(sounds, seed), _resampled_distance(reference, seed + 1)
    resampled = np.divide(above, below, out=np.full_like(above, np.nan), where=below > ALIKE)
    return Estimate.from_resamples(distance_ratio(sounds, reference), resampled)


def distance_ratio(sounds: EmbeddingSet, reference: EmbeddingSet) -> float:
    """`mean_distance` of one set over that of another.

    Raises:
        ScoreError: A set of a single file, a zero vector, or a reference whose windows are all alike.
    """
    below = mean_distance(reference.values, reference.files)
    if below < ALIKE:
        raise ScoreError("Reference", "The windows of the reference are all alike.", "Choose a more varied reference.")
    return mean_distance(sounds.values, sounds.files) / below


def _resampled_distance(sounds: EmbeddingSet, seed: int) -> NDArray[np.float64]:
    """`mean_distance` of each resample of the files, (R,)."""
    need_files(sounds.files)
    sums, pairs = _cosine_sums(sounds.values, sounds.files, file_blocks(sounds.files, BLOCKS))
    return 1 - within_mean(sums, pairs, bootstrap_weights(len(sums), seed))


def _cosine_sums(
    x: NDArray[np.floating], files: NDArray[np.int64], blocks: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosine summed over the pairs of windows of different files, and how many those are, both (B, B)."""
    unit = unit_rows(np.asarray(x, dtype=np.float64))
    _, first, file_of = np.unique(files, return_index=True, return_inverse=True)
    by_file = np.zeros((len(first), unit.shape[1]))
    np.add.at(by_file, file_of, unit)
    by_block = np.zeros((int(blocks.max()) + 1, unit.shape[1]))
    np.add.at(by_block, blocks[first], by_file)
    sums = by_block @ by_block.T
    same = np.bincount(blocks[first], weights=(by_file**2).sum(axis=1))
    sums[np.diag_indices(len(sums))] -= same
    return sums, pairs_of_files(files, blocks)


def matched(sounds: EmbeddingSet, n: int, n_files: int, seed: int) -> EmbeddingSet:
    """A random part of a set, as large as another set: diversity depends on how many windows and files there are.

    Files are taken at random until there are `n_files` of them with `n` windows, and of their windows `n` at random.

    Args:
        sounds: At least `n` windows.
        n: Windows of the part.
        n_files: Files to take them from, more where these are too short.
        seed: The same seed gives the same part.
    """
    if len(sounds) == n:
        return sounds
    random = np.random.default_rng(seed)
    names, counts = np.unique(sounds.files, return_counts=True)
    order = random.permutation(len(names))
    enough = max(n_files, int(np.searchsorted(np.cumsum(counts[order]), n)) + 1)
    pool = np.flatnonzero(np.isin(sounds.files, names[order[:enough]]))
    return sounds.take(np.sort(random.choice(pool, size=n, replace=False)))
