"""Peaks that stand out of their surroundings."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def contrasting_peaks(values: Floats, contrast: float) -> NDArray[np.int64]:
    """Local maxima of at least ``contrast`` that stand above the valleys on both sides by as much.

    As in ``mirpeaks`` (Lartillot & Toiviainen 2007, A MATLAB toolbox for musical feature extraction): walking along the
    values, a peak is kept once they have fallen ``contrast`` below it, and the next one begins once they have risen as
    much from the valley. Beyond the ends all is low.

    Args:
        values: (n,).
        contrast: In units of the values, above 0.

    Returns:
        Positions, ascending.
    """
    slope = np.sign(np.diff(values, prepend=-np.inf, append=-np.inf))
    turns = np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0) | (slope[:-1] < 0) & (slope[1:] >= 0))
    kept: list[int] = []
    climbing, peak, valley = True, -1, -np.inf
    for position in (*turns.tolist(), -1):
        value = values[position] if position >= 0 else -np.inf
        if climbing:
            if peak < 0 or value > values[peak]:
                peak = position
            elif values[peak] - value >= contrast:
                if values[peak] >= contrast and values[peak] - valley >= contrast:
                    kept.append(peak)
                climbing, valley = False, value
        elif value < valley:
            valley = value
        elif value - valley >= contrast:
            climbing, peak = True, position
    return np.array(kept, dtype=np.int64)


def refined(values: Floats, positions: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Where a parabola through each peak and its neighbours is highest, in positions, and how high."""
    exact, height = positions.astype(np.float64), values[positions]
    inner = (positions > 0) & (positions < len(values) - 1)
    before, at, after = (values[positions[inner] + k] for k in (-1, 0, 1))
    shift = (after - before) / (2 * (2 * at - after - before))
    exact[inner] += shift
    height[inner] = at + (after - before) * shift / 4
    return exact, height
