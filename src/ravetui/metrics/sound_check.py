"""What a set of clips sounds like technically, and which differences would spoil a comparison before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.median import median
from ravetui.metrics.reconstruction import magnitudes

SILENT_DB = -60.0
"""A clip whose loudness is below it counts as silent, dBFS (RMS)."""
CLIPPED = 0.999
"""A sample at or above it is at full scale."""
CLIPPED_SHARE = 1e-4
"""A clip with more of its samples at full scale counts as clipped."""
LOUDNESS_DB = 3.0
"""Sets whose median loudness differs by more are said to, dB."""
BANDWIDTH_RATIO = 0.8
"""A set whose bandwidth is below this part of the other's is said to lack treble."""
FLOOR_DB = -70.0
"""Bands below this part of the spectrum's peak count as empty, dB."""
CLIFF_DB = 25.0
"""A lossy codec cuts the spectrum: it falls by this much within a tenth of an octave, dB."""
N_FFT = 4096


@dataclass(frozen=True)
class ClipSound:
    """One clip."""

    loudness_db: float
    """RMS of the whole clip, dBFS; -inf for digital silence."""
    clipped: float
    """Part of the samples at full scale, 0 to 1."""
    bandwidth_hz: float
    """Highest frequency with energy, Hz; 0 for silence."""
    cliff: bool
    """Whether the spectrum ends as a lossy codec ends it: at a wall, well below half the rate."""


def listen(clip: NDArray[np.floating], sampling_rate: int) -> ClipSound:
    """Measure a clip.

    Args:
        clip: Mono audio in ±1, (samples,).
        sampling_rate: Hz.
    """
    power = float(np.mean(np.square(clip, dtype=np.float64))) if len(clip) else 0.0
    loudness = 10 * np.log10(power) if power > 0 else -np.inf
    clipped = float(np.mean(np.abs(clip) >= CLIPPED)) if len(clip) else 0.0
    if loudness < SILENT_DB or len(clip) < N_FFT:
        return ClipSound(float(loudness), clipped, 0.0, cliff=False)
    spectrum = np.square(magnitudes(clip, N_FFT)).mean(axis=0)
    level = 10 * np.log10(spectrum / spectrum.max() + 1e-20)
    top = int(np.flatnonzero(level > FLOOR_DB)[-1])
    return ClipSound(float(loudness), clipped, top * sampling_rate / N_FFT, _ends_at_wall(level, top))


def set_warnings(
    judged: Sequence[ClipSound], reference: Sequence[ClipSound], *, names: tuple[str, str] = ("scored", "reference")
) -> tuple[str, ...]:
    """What should be known of two sets before their distance is believed, a sentence each.

    Args:
        judged: Clips of the set that is scored, at least one.
        reference: Clips of the reference, at least one.
        names: What the sentences call them.
    """
    found = []
    for name, clips in zip(names, (judged, reference), strict=True):
        silent = sum(clip.loudness_db < SILENT_DB for clip in clips)
        clipped = sum(clip.clipped > CLIPPED_SHARE for clip in clips)
        if silent:
            found.append(f"{silent} of {len(clips)} {name} clips are silent: they count as sounds like any other.")
        if clipped:
            found.append(f"{clipped} of {len(clips)} {name} clips are clipped at full scale.")
    mine, theirs = ([clip for clip in clips if clip.loudness_db >= SILENT_DB] for clips in (judged, reference))
    if mine and theirs:
        found += _mismatches(mine, theirs, names)
    return tuple(found)


def _mismatches(mine: list[ClipSound], theirs: list[ClipSound], names: tuple[str, str]) -> list[str]:
    """Loudness, bandwidth and codecs on one side only, of clips that sound."""
    found = []
    louder = median([clip.loudness_db for clip in mine]) - median([clip.loudness_db for clip in theirs])
    if abs(louder) > LOUDNESS_DB:
        word = "louder" if louder > 0 else "quieter"
        found.append(f"The {names[0]} clips are {abs(louder):.0f} dB {word}: part of the distance is level.")
    bands = [median([clip.bandwidth_hz for clip in clips]) for clips in (mine, theirs)]
    low, high = (0, 1) if bands[0] < bands[1] else (1, 0)
    if bands[low] < BANDWIDTH_RATIO * bands[high]:
        found.append(
            f"The {names[low]} clips end at {bands[low] / 1000:.1f} kHz, the {names[high]} clips at "
            f"{bands[high] / 1000:.1f} kHz: part of the distance is bandwidth."
        )
    cliffs = [sum(clip.cliff for clip in clips) / len(clips) > 0.5 for clips in (mine, theirs)]
    if cliffs[0] != cliffs[1]:
        name = names[0] if cliffs[0] else names[1]
        found.append(f"Only the {name} clips end at a wall, as a lossy codec leaves them.")
    return found


def _ends_at_wall(level: NDArray[np.floating], top: int) -> bool:
    """Whether the level, dB by bin, falls like a wall after `top`, well below the end of the spectrum."""
    reach = max(int(top * 0.07), 3)
    if top + reach >= len(level) * 0.95 or top - reach < 1:
        return False
    inside, outside = median(level[top - reach : top]), median(level[top + 2 : top + reach])
    return inside - outside > CLIFF_DB
