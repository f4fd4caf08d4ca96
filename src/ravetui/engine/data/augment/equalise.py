"""Louder or softer lows, mids and highs."""

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.augment.biquad import Biquad

_LOW, _MIDDLE, _HIGH = 250.0, 1000.0, 4000.0
"""Corner of the low shelf, centre of the bell and corner of the high shelf, Hz."""
_WIDTH = 0.7
"""Q of the bell; the shelves have slope 1."""

Gains = tuple[float, float, float]
"""Of low, middle and high band, dB."""


def draw_gains(random: np.random.Generator, largest: float) -> Gains:
    """Three gains, each uniform from −largest to largest, dB."""
    low, middle, high = random.uniform(-largest, largest, 3)
    return float(low), float(middle), float(high)


def equaliser(gains: Gains, sampling_rate: int) -> tuple[Biquad, Biquad, Biquad]:
    """A low shelf, a bell and a high shelf, after the Audio EQ Cookbook (Bristow-Johnson, W3C note 2021).

    The high shelf's corner is at most a quarter of the sampling rate.
    """
    low, middle, high = gains
    return (
        _shelf(_LOW, low, sampling_rate, side=1),
        _bell(_MIDDLE, middle, sampling_rate),
        _shelf(min(_HIGH, sampling_rate / 4), high, sampling_rate, side=-1),
    )


def equalise(audio: NDArray[np.float32], sampling_rate: int, gains: Gains) -> NDArray[np.float32]:
    """Filter with the three bands in double precision.

    Args:
        audio: (channels, frames).
        sampling_rate: Hz.
        gains: Of each band, dB.

    Returns:
        The filtered audio, of the same shape.
    """
    from scipy.signal import sosfilt

    bands = np.array([(*band.zeros, *band.poles) for band in equaliser(gains, sampling_rate)])
    return np.asarray(sosfilt(bands / bands[:, 3:4], audio.astype(np.float64)), np.float32)


def _bell(frequency: float, gain: float, sampling_rate: int) -> Biquad:
    amplitude, cosine, sine = _cookbook(frequency, gain, sampling_rate)
    alpha = sine / (2 * _WIDTH)
    return Biquad(
        (1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude),
        (1 + alpha / amplitude, -2 * cosine, 1 - alpha / amplitude),
    )


def _shelf(frequency: float, gain: float, sampling_rate: int, *, side: int) -> Biquad:
    """A shelf below (side 1) or above (side −1) a corner: the cookbook's two differ in the sign of the cosine."""
    amplitude, cosine, sine = _cookbook(frequency, gain, sampling_rate)
    cosine *= side
    edge = np.sqrt(2 * amplitude) * sine
    plus, minus = amplitude + 1, amplitude - 1
    return Biquad(
        (
            amplitude * (plus - minus * cosine + edge),
            side * 2 * amplitude * (minus - plus * cosine),
            amplitude * (plus - minus * cosine - edge),
        ),
        (plus + minus * cosine + edge, side * -2 * (minus + plus * cosine), plus + minus * cosine - edge),
    )


def _cookbook(frequency: float, gain: float, sampling_rate: int) -> tuple[float, float, float]:
    """The cookbook's A, cos ω and sin ω."""
    angle = 2 * np.pi * frequency / sampling_rate
    return float(10 ** (gain / 40)), float(np.cos(angle)), float(np.sin(angle))
