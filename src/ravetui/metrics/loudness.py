"""Programme loudness of ITU-R BS.1770-4 with numpy alone: for whatever must start fast and load no scipy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
"""LUFS, and LU below the loudness of what passes the first."""
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
    block, hop = int(0.4 * rate), int(0.1 * rate)
    columns = audio[:, None] if audio.ndim == 1 else audio
    columns = np.pad(columns, ((0, max(0, block - len(columns))), (0, 0)))
    power = (_k_weighted(columns, rate) ** 2).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, power.size - block + 1, hop)
    means = (sums[starts + block] - sums[starts]) / block
    loud = means[_lufs(means) > ABSOLUTE_GATE]
    if not loud.size:
        return None
    return float(_lufs(loud[_lufs(loud) > _lufs(loud.mean()) + RELATIVE_GATE].mean()))


def _k_weighted(columns: Floats, rate: int) -> Floats:
    """The two filters of BS.1770, tables 1 and 2, as one response: by the bilinear transform at any rate."""
    size = 1 << (len(columns) + int(_TAIL * rate) - 1).bit_length()
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    weight = _shelf(z, rate) * _high_pass(z, rate)
    return np.fft.irfft(np.fft.rfft(columns, size, axis=0) * weight[:, None], size, axis=0)[: len(columns)]


def _shelf(z: NDArray[np.complex128], rate: int) -> NDArray[np.complex128]:
    """4 dB more for what the head does, above 1.7 kHz."""
    k, quality = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    top = [high + middle * k / quality + k**2, 2 * (k**2 - high), high - middle * k / quality + k**2]
    below = [1 + k / quality + k**2, 2 * (k**2 - 1), 1 - k / quality + k**2]
    return np.asarray(np.polyval(top[::-1], z) / np.polyval(below[::-1], z))


def _high_pass(z: NDArray[np.complex128], rate: int) -> NDArray[np.complex128]:
    """Below 38 Hz little is heard."""
    k, quality = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    whole = 1 + k / quality + k**2
    below = [1.0, 2 * (k**2 - 1) / whole, (1 - k / quality + k**2) / whole]
    return np.asarray(np.polyval([1.0, -2.0, 1.0], z) / np.polyval(below[::-1], z))


def _lufs(power: Floats) -> Floats:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-20)))
