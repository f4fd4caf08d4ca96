"""A compressor of dynamics: what is loud becomes less loud."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Frames over which the level is taken; the gain is interpolated between the middles of two blocks."""
ATTACK, RELEASE = 0.001, 0.05
"""Time constants of the two envelopes of power, s."""
_QUIETEST, _LOUDEST = -40.0, -10.0
"""Range of the threshold, dBFS (RMS)."""
_WEAKEST, _STRONGEST = 1.5, 6.0
"""Range of the ratio."""


@dataclass(frozen=True)
class Compression:
    """Above ``threshold`` a level rises by 1 dB where it rose by ``ratio`` dB."""

    threshold: float
    """dBFS (RMS)."""
    ratio: float

    @property
    def power(self) -> float:
        """The threshold as a power."""
        return float(10 ** (self.threshold / 10))

    @property
    def exponent(self) -> float:
        """Gain = (power / threshold's power) ** exponent, above the threshold."""
        return (1 / self.ratio - 1) / 2


def draw_compression(random: np.random.Generator) -> Compression:
    """A threshold, uniform in dB, and a ratio, log-uniform."""
    threshold = random.uniform(_QUIETEST, _LOUDEST)
    return Compression(float(threshold), float(np.exp(random.uniform(np.log(_WEAKEST), np.log(_STRONGEST)))))


def decays(sampling_rate: int) -> tuple[float, float]:
    """What is left of the attack's and the release's envelope after one block."""
    attack, release = (np.exp(-BLOCK / (seconds * sampling_rate)) for seconds in (ATTACK, RELEASE))
    return float(attack), float(release)


def compress(audio: NDArray[np.float32], sampling_rate: int, how: Compression) -> NDArray[np.float32]:
    """Compress with a hard knee and no make-up gain.

    The level is the mean power of all channels over blocks of ``BLOCK`` frames, smoothed by two one-pole filters,
    y[n] = d y[n−1] + (1 − d) x[n], that begin at the first block's power. The larger one counts: the fast one makes
    the attack, the slow one the release. Both are linear, so nothing is computed frame by frame.

    Args:
        audio: (channels, frames); all channels get the same gain.
        sampling_rate: Hz.
        how: Threshold and ratio.

    Returns:
        The compressed audio, of the same shape.
    """
    from scipy.signal import lfilter

    power = block_power(audio)
    envelopes = [lfilter([1 - decay], [1, -decay], power, zi=power[:1] * decay)[0] for decay in decays(sampling_rate)]
    gain = (np.maximum(*envelopes).clip(how.power) / how.power) ** how.exponent
    return np.asarray(audio * _between_middles(gain)[: audio.shape[1]])


def _between_middles(gain: NDArray[np.float64]) -> NDArray[np.float32]:
    """A gain a block as a gain a frame: linear between the middles of blocks, constant beyond the first and last."""
    padded = np.concatenate([gain[:1], gain, gain[-1:]]).astype(np.float32)
    part = ((np.arange(BLOCK) + 0.5) / BLOCK).astype(np.float32)
    stretches = padded[:-1, None] + np.diff(padded)[:, None] * part
    return stretches.ravel()[BLOCK // 2 :]


def block_power(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean power of each block, (blocks); the last one may be short."""
    channels, frames = audio.shape
    starts = np.arange(0, frames, BLOCK)
    lengths = np.minimum(BLOCK, frames - starts)
    summed = np.add.reduceat(np.square(audio, dtype=np.float64).sum(axis=0), starts)
    return np.asarray(summed / (lengths * channels))
