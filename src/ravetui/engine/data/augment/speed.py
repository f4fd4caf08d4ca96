"""Faster and higher, or slower and lower: a longer or shorter stretch of audio in the time of a crop."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

STEPS = 512
"""Speeds are multiples of 1 / STEPS: 3.4 cents at the most."""
_LOBES = 16
"""Zero crossings of the interpolating sinc on either side."""
_PASSED = 0.95
"""The part of the band below the lower Nyquist frequency that passes."""
_BETA = 10.0
"""Of the Kaiser window: stopband at −100 dB."""


@dataclass(frozen=True)
class Speed:
    """A change of speed of ``numerator`` / STEPS; above 1 it is faster and higher.

    The interpolation begins and ends where its filter lies in the stretch with its whole length, so no edge is heard.
    """

    numerator: int

    @property
    def ratio(self) -> float:
        """How many times as fast."""
        return self.numerator / STEPS

    @property
    def first(self) -> int:
        """The first output frame that the whole filter reaches."""
        return -(-2 * self._half // self.numerator)

    @property
    def taps(self) -> NDArray[np.float32]:
        """The interpolating low-pass filter, sampled STEPS times a frame."""
        return _taps(self._half, max(STEPS, self.numerator))

    def frames(self, crop: int) -> int:
        """Frames of recording that give ``crop`` frames."""
        return -(-(self.first + crop - 1) * self.numerator // STEPS) + 1

    @property
    def _half(self) -> int:
        """Half the filter's length, in steps."""
        return _LOBES * max(STEPS, self.numerator)


def draw_speed(random: np.random.Generator, semitones: float) -> Speed:
    """A speed, uniform in pitch from −semitones to semitones; one number is drawn."""
    return Speed(round(STEPS * 2 ** (random.uniform(-semitones, semitones) / 12)))


def limit_speed(wanted: Speed, crop: int, available: int) -> Speed | None:
    """The wanted speed, or the fastest above 1 that reads at most ``available`` frames; None when that leaves none."""
    numerator = wanted.numerator
    if numerator > STEPS:
        numerator = min(numerator, STEPS * available // crop)
        while numerator > STEPS and Speed(numerator).frames(crop) > available:
            numerator -= 1
    speed = Speed(numerator)
    return speed if numerator != STEPS and speed.frames(crop) <= available else None


def change_speed(audio: NDArray[np.float32], speed: Speed, crop: int) -> NDArray[np.float32]:
    """Resample with a Kaiser-windowed sinc.

    Args:
        audio: (channels, ``speed.frames(crop)``).
        speed: How many times as fast.
        crop: Frames wanted.

    Returns:
        (channels, crop).
    """
    from scipy.signal import upfirdn

    resampled = upfirdn(speed.taps, audio, STEPS, speed.numerator, axis=1)
    return np.ascontiguousarray(resampled[:, speed.first : speed.first + crop], np.float32)


@lru_cache(64)
def _taps(half: int, widest: int) -> NDArray[np.float32]:
    where = np.arange(-half, half + 1)
    cutoff = _PASSED / widest
    taps = STEPS * cutoff * np.sinc(where * cutoff) * np.kaiser(len(where), _BETA)
    return np.asarray(taps, np.float32)
