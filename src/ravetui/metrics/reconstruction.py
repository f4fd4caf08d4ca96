"""How near reconstructions are to what they reconstruct: pairs, not sets."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.means import mean_estimate
from ravetui.metrics.measure import Measure, estimated

FRAMES = (2048, 1024, 512, 256, 128)
"""n_fft of the scales, each with a hop of a quarter: RAVE's own (Caillon & Esling 2021, arXiv 2111.05011, eq. 2)."""
FLOOR = 1e-7
"""Magnitudes below it are silence to the logarithm."""


@dataclass(frozen=True)
class Paired:
    """What each pair of windows says; means over pairs are the metrics."""

    distance: NDArray[np.float64]
    """Cosine distance of each output's embedding from that of its input, (n,)."""
    found: NDArray[np.float64]
    """Whether the nearest input of an output is its own, 0 or 1, (n,): ties count as not."""


def paired_windows(outputs: NDArray[np.floating], inputs: NDArray[np.floating]) -> Paired:
    """Compare each output with the input it was made from.

    Args:
        outputs: Embeddings, (n, d).
        inputs: Embeddings of the same windows before, row by row, (n, d).

    Raises:
        ScoreError: The sets are not pairs, or hold a zero vector.
    """
    if outputs.shape != inputs.shape:
        raise ScoreError(
            "Not pairs",
            f"{len(outputs)} outputs and {len(inputs)} inputs are not pairs.",
            "Render both from the same clips.",
        )
    cosines = unit_rows(np.asarray(outputs, dtype=np.float64)) @ unit_rows(np.asarray(inputs, dtype=np.float64)).T
    own = np.diagonal(cosines).copy()
    others = cosines.copy()
    np.fill_diagonal(others, -np.inf)
    return Paired(np.maximum(1 - own, 0.0), (own > others.max(axis=1)).astype(np.float64))


def paired_measures(
    paired: Paired, files: NDArray[np.int64], distances: NDArray[np.float64], seed: int
) -> dict[str, Measure]:
    """The metrics of pairs, by their names in the catalogue.

    Args:
        paired: From :func:`paired_windows`.
        files: Which file each of its windows came from, (n,).
        distances: The spectral distance of each file's pair, (files,).
        seed: The same seed gives the same intervals.
    """
    of = (
        ("paired_distance", paired.distance, files),
        ("recognised", paired.found, files),
        ("spectral_distance", distances, np.arange(len(distances))),
    )
    return {
        name: estimated(partial(mean_estimate, values, at, seed), lambda values=values: float(values.mean()))  # type: ignore[misc]
        for name, values, at in of
    }


def spectral_distance(output: NDArray[np.floating], original: NDArray[np.floating]) -> float:
    """Multi-scale spectral distance: over the scales, relative distance of magnitudes plus distance of logarithms.

    ``Σ_n ‖S_n(x) − S_n(y)‖_F / ‖S_n(x)‖_F + mean |log S_n(x) − log S_n(y)|``, x the original.

    Args:
        output: Mono audio, (samples,).
        original: Of the same length.

    Returns:
        0 for equal clips; comparable between checkpoints on the same clips, not with the training loss, which averages
        otherwise.

    Raises:
        ScoreError: The lengths differ, or the original is silent or shorter than the largest frame.
    """
    if output.shape != original.shape:
        raise ScoreError(
            "Not pairs", f"Clips of {len(output)} and {len(original)} samples are not a pair.", "Render both again."
        )
    if len(original) < FRAMES[0]:
        raise ScoreError(
            "Too short", f"A clip of {len(original)} samples is shorter than {FRAMES[0]}.", "Render longer clips."
        )
    total = 0.0
    for n_fft in FRAMES:
        x, y = magnitudes(original, n_fft), magnitudes(output, n_fft)
        norm = float(np.linalg.norm(x))
        if norm < FLOOR:
            raise ScoreError("Silence", "The original is silent, so nothing can be relative to it.", "Leave it out.")
        total += float(np.linalg.norm(x - y)) / norm
        total += float(np.abs(np.log(x + FLOOR) - np.log(y + FLOOR)).mean())
    return total


def magnitudes(clip: NDArray[np.floating], n_fft: int) -> NDArray[np.float64]:
    """Magnitudes of the short-time Fourier transform with a Hann window and a hop of n_fft / 4, not padded.

    Args:
        clip: Mono audio, (samples,), at least n_fft.
        n_fft: Samples of a frame.

    Returns:
        (frames, n_fft / 2 + 1)
    """
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(clip, dtype=np.float64), n_fft)[:: n_fft // 4]
    return np.abs(np.fft.rfft(frames * np.hanning(n_fft + 1)[:-1], axis=1))
