"""Specific loudness by Zwicker's method for stationary sounds, free field: ISO 532 B, DIN 45631.

The tables are the standard's, as printed with the program of Zwicker et al. 1991, J. Acoust. Soc. Jpn. (E) 12, 1.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

Floats = NDArray[np.float64]

FULL_SCALE = 100.0
"""dB SPL of a signal whose root mean square is 1."""
STEPS = 240
"""Of the critical-band rate."""
BARK_STEP = 0.1
"""Bark: from 0.1 to 24."""
_ORDER = 4
_RANGES = np.array([45, 55, 65, 71, 80, 90, 100, 120])
"""dB: up to which level each row of the next table holds."""
_LOW_BANDS = np.array(
    [
        [-32, -24, -16, -10, -5, 0, -7, -3, 0, -2, 0],
        [-29, -22, -15, -10, -4, 0, -7, -2, 0, -2, 0],
        [-27, -19, -14, -9, -4, 0, -6, -2, 0, -2, 0],
        [-25, -17, -12, -9, -3, 0, -5, -2, 0, -2, 0],
        [-23, -16, -11, -7, -3, 0, -4, -1, 0, -1, 0],
        [-20, -14, -10, -6, -3, 0, -4, -1, 0, -1, 0],
        [-18, -12, -9, -6, -2, 0, -3, -1, 0, -1, 0],
        [-15, -10, -8, -4, -2, 0, -3, -1, 0, -1, 0],
    ]
)
"""dB: contours of equal loudness below 300 Hz."""
_THRESHOLD = np.array([30, 18, 12, 8, 7, 6, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3])
"""dB: in quiet, without the ear's transmission."""
_EAR = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.5, -1.6, -3.2, -5.4, -5.6, -4, -1.5, 2, 5, 12])
"""dB: attenuation on the way in."""
_BANDWIDTH = np.array(
    [-0.25, -0.6, -0.8, -0.8, -0.5, 0, 0.5, 1.1, 1.5, 1.7, 1.8, 1.8, 1.7, 1.6, 1.4, 1.2, 0.8, 0.5, 0, -0.5]
)
"""dB: third octaves for critical bands."""
_UPPER = np.array(
    [0.9, 1.8, 2.8, 3.5, 4.4, 5.4, 6.6, 7.9, 9.2, 10.6, 12.3, 13.8, 15.2, 16.7, 18.1, 19.3, 20.6, 21.8, 22.7, 23.6, 24]
)
"""Bark: where each critical band ends."""
_LEVELS = np.array([21.5, 18, 15.1, 11.5, 9, 6.1, 4.4, 3.1, 2.13, 1.36, 0.82, 0.42, 0.3, 0.22, 0.15, 0.1, 0.035, 0])
"""Sone a Bark: down to which each row of the next table holds."""
_SLOPES = np.array(
    [
        [13.0, 8.2, 6.3, 5.5, 5.5, 5.5, 5.5, 5.5],
        [9.0, 7.5, 6.0, 5.1, 4.5, 4.5, 4.5, 4.5],
        [7.8, 6.7, 5.6, 4.9, 4.4, 3.9, 3.9, 3.9],
        [6.2, 5.4, 4.6, 4.0, 3.5, 3.2, 3.2, 3.2],
        [4.5, 3.8, 3.6, 3.2, 2.9, 2.7, 2.7, 2.7],
        [3.7, 3.0, 2.8, 2.35, 2.2, 2.2, 2.2, 2.2],
        [2.9, 2.3, 2.1, 1.9, 1.8, 1.7, 1.7, 1.7],
        [2.4, 1.7, 1.5, 1.35, 1.3, 1.3, 1.3, 1.3],
        [1.95, 1.45, 1.3, 1.15, 1.1, 1.1, 1.1, 1.1],
        [1.5, 1.2, 0.94, 0.86, 0.82, 0.82, 0.82, 0.82],
        [0.72, 0.67, 0.64, 0.63, 0.62, 0.62, 0.62, 0.62],
        [0.59, 0.53, 0.51, 0.50, 0.42, 0.42, 0.42, 0.42],
        [0.40, 0.33, 0.26, 0.24, 0.24, 0.22, 0.22, 0.22],
        [0.27, 0.21, 0.20, 0.18, 0.17, 0.17, 0.17, 0.17],
        [0.16, 0.15, 0.14, 0.12, 0.11, 0.11, 0.11, 0.11],
        [0.12, 0.11, 0.10, 0.08, 0.08, 0.08, 0.08, 0.08],
        [0.09, 0.08, 0.07, 0.06, 0.06, 0.06, 0.06, 0.05],
        [0.06, 0.05, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02],
    ]
)
"""Sone a Bark, a Bark: how fast masking falls off above a band, by level and by band."""


def specific_loudness(blocks: Floats, rate: int) -> Floats:
    """Specific loudness of each block of sound.

    Args:
        blocks: Audio in ±1, (n, samples).
        rate: Hz, at least 28 000, so that the highest third octave exists.

    Returns:
        Sone a Bark at 0.1, 0.2 … 24 Bark, (n, 240).
    """
    levels = third_octave_levels(blocks, rate)
    return np.stack([_masked(main) for main in _main_loudness(levels)])


def third_octave_levels(blocks: Floats, rate: int) -> Floats:
    """dB SPL in 28 third octaves from 25 Hz to 12.5 kHz, (n, 28)."""
    power = [np.mean(sosfilt(band, blocks, axis=1) ** 2, axis=1) for band in _third_octaves(rate)]
    return np.asarray(10 * np.log10(np.maximum(np.stack(power, axis=1), 1e-30)) + FULL_SCALE)


@cache
def _third_octaves(rate: int) -> tuple[Floats, ...]:
    """Butterworth filters with the effective bandwidth of a third octave (ANSI S1.11)."""
    ratio = 2 ** (1 / 6)
    spread = np.pi / 2 / _ORDER / np.sin(np.pi / 2 / _ORDER) / (ratio - 1 / ratio)
    alpha = (1 + np.sqrt(1 + 4 * spread**2)) / 2 / spread
    centres = 1000 * 2 ** (np.arange(-16, 12) / 3)
    return tuple(
        butter(_ORDER, [centre / alpha, centre * alpha], "bandpass", fs=rate, output="sos") for centre in centres
    )


def _main_loudness(levels: Floats) -> Floats:
    """Main loudness of the 20 critical bands, sone a Bark, (n, 21); the last is 0."""
    low = levels[:, None, :11] + _LOW_BANDS
    within = levels[:, None, :11] <= _RANGES[None, :, None] - _LOW_BANDS
    row = np.where(within.any(axis=1), within.argmax(axis=1), len(_RANGES) - 1)
    power = 10 ** (np.take_along_axis(low, row[:, None, :], axis=1)[:, 0] / 10)
    summed = np.stack([power[:, :6].sum(axis=1), power[:, 6:9].sum(axis=1), power[:, 9:11].sum(axis=1)], axis=1)
    bands = np.concatenate([10 * np.log10(summed), levels[:, 11:28]], axis=1)
    excitation = bands - _EAR - _BANDWIDTH
    factor = 0.0635 * 10 ** (0.025 * _THRESHOLD)
    main = factor * ((0.75 + 0.25 * 10 ** (0.1 * (excitation - _THRESHOLD))) ** 0.25 - 1)
    main = np.where(bands > _THRESHOLD, np.maximum(main, 0), 0)
    # The lowest critical band is wider than it should be.
    main[:, 0] *= np.minimum(0.4 + 0.32 * main[:, 0] ** 0.2, 1)
    return np.pad(main, ((0, 0), (0, 1)))


def _masked(main: Floats) -> Floats:
    """Spread each band's loudness upwards: it falls off by the slopes until the next band is louder."""
    pattern = np.zeros(STEPS)
    level, row, at = 0.0, len(_LEVELS) - 1, 0
    for band, here in enumerate(main):
        column = min(max(band - 1, 0), 7)
        end = round(10 * _UPPER[band])
        while at < end:
            if level <= here:
                if level < here:
                    row = int(np.argmax(here >= _LEVELS))
                pattern[at:end] = level = here
                at = end
                continue
            # Down to where the row of slopes ends, or the band's own loudness, or the band.
            slope, floor = _SLOPES[row, column], max(_LEVELS[row], here)
            steps = max(round(10 * (level - floor) / slope), 1)
            if at + steps > end:
                steps = end - at
                floor = level - steps * slope / 10
            pattern[at : at + steps] = level - slope / 10 * np.arange(1, steps + 1)
            at, level = at + steps, floor
            if floor <= _LEVELS[row]:
                row = min(row + 1, len(_LEVELS) - 1)
    return np.maximum(pattern, 0)
