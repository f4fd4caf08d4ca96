"""Programme loudness of ITU-R BS.1770-4 with numpy alone: for whatever must start fast and load no scipy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
"""LUFS, and LU below the loudness of what passes the first."""
BLOCK_SECONDS, HOP_SECONDS = 0.4, 0.1
_TAIL = 0.25
"""Zeros behind the audio, so that the filters' tails do not come round to its beginning, s."""


def loudness(audio: Floats, rate: int) -> float | None:
    """LUFS of blocks of 400 ms that overlap by three quarters, gated twice (BS.1770-4, annex 1).

    Args:
        audio: (samples,) or (samples, channels), at least one sample; the power of channels is added.
        rate: Hz.

    Returns:
        None where all of it is below the absolute gate.
    """
    block = int(BLOCK_SECONDS * rate)
    columns = audio[:, None] if audio.ndim == 1 else audio
    columns = np.pad(columns, ((0, max(0, block - len(columns))), (0, 0)))
    return gated((_k_weighted(columns, rate) ** 2).sum(axis=1), rate)


def gated(power: Floats, rate: int) -> float | None:
    """LUFS of K-weighted audio.

    Args:
        power: Of each sample, all channels together, (samples,), at least one block of them.
        rate: Hz.

    Returns:
        None where all of it is below the absolute gate.
    """
    block, hop = int(BLOCK_SECONDS * rate), int(HOP_SECONDS * rate)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, power.size - block + 1, hop)
    means = (sums[starts + block] - sums[starts]) / block
    loud = means[_lufs(means) > ABSOLUTE_GATE]
    if not loud.size:
        return None
    return float(_lufs(loud[_lufs(loud) > _lufs(loud.mean()) + RELATIVE_GATE].mean()))


def head_shelf(rate: int) -> tuple[Floats, Floats]:
    """A high shelf of 4 dB for the head, from its analogue prototype at any rate: numerator and denominator."""
    return _biquad(1681.974450955533, 0.7071752369554196, rate, gain=3.999843853973347)


def high_pass(rate: int) -> tuple[Floats, Floats]:
    """Below 38 Hz little is heard: numerator and denominator."""
    return _biquad(38.13547087602444, 0.5003270373238773, rate)


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


def _k_weighted(columns: Floats, rate: int) -> Floats:
    """Both filters as one response."""
    size = 1 << (len(columns) + int(_TAIL * rate) - 1).bit_length()
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    weight = _response(head_shelf(rate), z) * _response(high_pass(rate), z)
    return np.fft.irfft(np.fft.rfft(columns, size, axis=0) * weight[:, None], size, axis=0)[: len(columns)]


def _response(coefficients: tuple[Floats, Floats], z: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Of a filter, at these delays."""
    numerator, denominator = coefficients
    return np.asarray(np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z))


def _lufs(power: Floats) -> Floats:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-20)))
