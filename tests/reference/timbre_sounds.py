"""Four seconds each of sounds whose timbre is known: noise, notes, strokes and steady tones; see fixtures/README.md."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter

Floats = NDArray[np.float64]

RATE = 44100


def timbre_sounds() -> dict[str, Floats]:
    """The sounds by name, the same in every process."""
    random = np.random.default_rng(0)
    time = np.arange(4 * RATE) / RATE
    white = random.standard_normal(time.size)
    notes = np.zeros(time.size)
    for k in range(8):
        start, inner = int(k * 0.5 * RATE), np.arange(int(0.45 * RATE)) / RATE
        tone = sum(np.sin(2 * np.pi * 110 * 2 ** (k / 4) * part * inner) / part for part in range(1, 9))
        notes[start : start + inner.size] += tone * np.exp(-6 * inner) * np.minimum(inner / 0.005, 1)
    drums = np.zeros(time.size)
    for k in range(12):
        start, inner = int(k * 0.33 * RATE), np.arange(int(0.2 * RATE)) / RATE
        hit = random.standard_normal(inner.size) * np.exp(-30 * inner) * (0.5 if k % 2 else 1)
        drums[start : start + inner.size] += hit + np.sin(2 * np.pi * 60 * inner) * np.exp(-15 * inner)
    pad = np.zeros(time.size)
    for k, hertz in enumerate((130.8, 164.8, 196, 261.6, 523)):
        pad += np.sin(2 * np.pi * hertz * time + k) * np.minimum(time, 1) * np.exp(-time / 3)
    return {
        "white": 0.1 * white,
        "dark": 0.5 * lfilter(*butter(2, 400 / (RATE / 2)), white),
        "mid": 0.2 * lfilter(*butter(2, 3000 / (RATE / 2)), white),
        "notes": 0.2 * notes,
        "drums": 0.2 * drums,
        "saw": 0.1 * sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 60)),
        "am": 0.2 * (1 + np.sin(2 * np.pi * 70 * time)) * np.sin(2 * np.pi * 1000 * time),
        "pad": 0.1 * pad,
        "notes_noise": 0.2 * notes + 0.01 * white,
    }
