"""Programme loudness, so that a timbre does not depend on gain: ITU-R BS.1770-4, normalised to -24 LUFS."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]

TARGET = -24.0
"""LUFS."""
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
"""LUFS, and LU below the loudness of what passes the first."""


def normalised(audio: Floats, rate: int) -> Floats | None:
    """Audio at the target loudness, at most full scale; None where all of it is below the absolute gate.

    Args:
        audio: Mono, (samples,), at least one.
        rate: Hz.
    """
    loudness = integrated_loudness(audio, rate)
    if loudness is None:
        return None
    gained = audio * 10 ** ((TARGET - loudness) / 20)
    return gained / max(1.0, float(np.abs(gained).max()))


def integrated_loudness(audio: Floats, rate: int) -> float | None:
    """LUFS of blocks of 400 ms that overlap by three quarters, gated twice (BS.1770-4, annex 1)."""
    block, hop = int(0.4 * rate), int(0.1 * rate)
    weighted = k_weighted(np.pad(audio, (0, max(0, block - audio.size))), rate)
    sums = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, weighted.size - block + 1, hop)
    power = (sums[starts + block] - sums[starts]) / block
    loud = power[_lufs(power) > ABSOLUTE_GATE]
    if not loud.size:
        return None
    gate = _lufs(loud.mean()) + RELATIVE_GATE
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def k_weighted(audio: Floats, rate: int) -> Floats:
    """A high shelf of 4 dB for the head, then a high pass at 38 Hz, both from their analogue prototypes at any rate."""
    shelf = _biquad(1681.974450955533, 0.7071752369554196, rate, gain=3.999843853973347)
    high_pass = _biquad(38.13547087602444, 0.5003270373238773, rate)
    return np.asarray(lfilter(*high_pass, lfilter(*shelf, audio)), dtype=np.float64)


def _biquad(hertz: float, quality: float, rate: int, gain: float | None = None) -> tuple[Floats, Floats]:
    """The filters of BS.1770, tables 1 and 2, by the bilinear transform; without a gain, the high pass."""
    k = np.tan(np.pi * hertz / rate)
    below = 1 + k / quality + k**2
    denominator = np.array([1, 2 * (k**2 - 1) / below, (1 - k / quality + k**2) / below])
    if gain is None:
        return np.array([1.0, -2.0, 1.0]), denominator
    high = 10 ** (gain / 20)
    middle = high**0.4996667741545416
    numerator = [high + middle * k / quality + k**2, 2 * (k**2 - high), high - middle * k / quality + k**2]
    return np.array(numerator) / below, denominator


def _lufs(power: Floats) -> Floats:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-20)))
