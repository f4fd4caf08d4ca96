"""Sharpness and boominess: where on the Bark scale the loudness is. Regressions of D5.8 (Pearce 2018)."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.timbre.sound import TimbreSound
from ravetui.metrics.timbre.zwicker import STEPS

Floats = NDArray[np.float64]

BARK = np.arange(1, STEPS + 1) / 10


def sharpness(sound: TimbreSound) -> float:
    """Centroid of the specific loudness, with what is above 14 Bark weighted up (Fastl & Zwicker)."""
    high = 0.00012 * BARK**4 - 0.0056 * BARK**3 + 0.1 * BARK**2 - 0.81 * BARK + 3.5
    weights = np.where(BARK <= 14, 1.0, high) * BARK
    total = sound.loudness.sum(axis=1)
    acum = np.divide(0.11 * sound.loudness @ weights, total, out=np.zeros_like(total), where=total > 0)
    mean = np.average(acum, weights=sound.block_rms**2)
    return float(102.50508921364404 * np.log10(max(mean, 1e-6)) + 34.432655185001735)


def boominess(sound: TimbreSound) -> float:
    """Booming index (Hatano & Hashimoto 2000) and loudness below 7 Bark."""
    hertz = 600 * np.sinh(BARK / 6)
    step = np.log10(31.5 / 25)
    weights = 2.13 * np.exp(-0.151 * (np.log10(hertz / 25) / step + 1))
    weights[:4] = 0.8, 1.05, 1.1, 1.18
    low = sound.loudness[:, hertz < 280].sum(axis=1)
    total = sound.loudness.sum(axis=1)
    share = np.divide(low, total, out=np.zeros_like(total), where=total > 0)
    index = 10 * np.log10((10 ** (sound.loudness * weights / 10)).sum(axis=1)) * share
    mean = np.average(index, weights=sound.block_rms**2)
    level = float(sound.bark_level(0, 70).mean())
    terms = np.log10(np.maximum([mean, level], 1e-6))
    return float(terms @ [43.67402696195865, -10.90054738389845] + 26.836530575185435)
