"""Three generated instruments: a plucked string, a struck bar and a burst of resonant noise; and a room."""

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

_BAR_PARTIALS = np.array([1.0, 2.756, 5.404, 8.933])
"""Frequencies of a free bar's bending modes relative to the first (Fletcher & Rossing, "The Physics of Musical
Instruments", 2.14)."""


def pluck(frequency: float, seconds: float, rate: int, loudness: float, random: np.random.Generator) -> Sound:
    """A plucked string: noise in a loop that averages (Karplus & Strong 1983), a period at a time.

    Args:
        frequency: Hz.
        seconds: Until it is damped.
        rate: Hz.
        loudness: 0 to 1; a louder note is brighter too.
        random: Gives the noise.

    Returns:
        (frames,), of amplitude near ``loudness``.
    """
    period = max(4, round(rate / frequency - 0.5))
    frames = int(seconds * rate)
    # The loop can only be a whole number of frames and a half long: reading it a little faster or slower tunes it.
    speed = frequency * (period + 0.5) / rate
    rows = int(frames * speed) // period + 2
    string = np.empty((rows, period))
    noise = random.uniform(-1, 1, period)
    for _ in range(round(5 * (1 - loudness)) + 1):
        noise = 0.5 * (noise + np.roll(noise, 1))
    # A string plucked at a fifth of its length lacks every fifth partial.
    noise -= np.roll(noise, period // 5)
    string[0] = noise / np.abs(noise).max()
    keep = 10 ** (-3 / (frequency * (1.2 + 220 / frequency * 2.5)))
    before = np.empty(period)
    last = 0.0
    for row in range(1, rows):
        above = string[row - 1]
        before[0], before[1:] = last, above[:-1]
        last = above[-1]
        np.add(above, before, out=string[row])
        string[row] *= 0.5 * keep
    tuned = np.interp(np.arange(frames) * speed, np.arange(rows * period), string.ravel())
    sound: Sound = loudness * tuned * _release(frames, rate, 0.03)
    return sound


def strike(frequency: float, seconds: float, rate: int, loudness: float, random: np.random.Generator) -> Sound:
    """A struck bar: a decaying sine for each of its first modes.

    Args and result are those of :func:`pluck`; ``random`` gives the phases and the place of the stroke.
    """
    frames = int(seconds * rate)
    sound = np.zeros(frames)
    for number, partial in enumerate(_BAR_PARTIALS * frequency):
        if partial < 0.45 * rate:
            strength = (0.25 + 0.5 * loudness) ** number * random.uniform(0.6, 1)
            decay = (1.6 + 2.2 * number) * (0.5 + frequency / 500)
            sound += strength * _decaying_sine(partial, decay, frames, rate, random.uniform(0, 0.5))
    sound *= (0.7 * loudness) * _release(frames, rate, 0.05)
    rise = sound[: rate // 100]
    rise *= 1 - np.exp(-np.arange(len(rise)) / (0.0008 * rate))
    return sound


def burst(frequency: float, seconds: float, rate: int, loudness: float, random: np.random.Generator) -> Sound:
    """A burst of noise through two resonators an uneven interval apart.

    Args and result are those of :func:`pluck`; a longer burst begins more softly.
    """
    from scipy.signal import lfilter

    frames = int(seconds * rate)
    time = np.arange(frames) / rate
    swell = np.minimum(1.0, time / (0.25 * seconds)) ** 1.5
    noise = random.standard_normal(frames) * swell * np.exp(-3.0 * time / seconds)
    total: Sound = np.zeros(frames)
    for ratio, strength in ((1.0, 1.0), (2.37, 0.45)):
        radius = np.exp(-np.pi * frequency * ratio / 9 / rate)
        angle = 2 * np.pi * min(frequency * ratio, 0.45 * rate) / rate
        total += strength * lfilter([1 - radius, 0, radius - 1], [1, -2 * radius * np.cos(angle), radius**2], noise)
    sound: Sound = 0.6 * loudness / np.abs(total).max() * total * _release(frames, rate, 0.02)
    return sound


def room(dry: Sound, rate: int, seconds: float, wet: float, random: np.random.Generator) -> Sound:
    """Audio, (channels, frames), with the reverberation of a small room that gets duller as it dies away.

    Args:
        dry: Without it.
        rate: Hz.
        seconds: Until the room is 60 dB down.
        wet: Share of the reverberation.
        random: Gives the room's noise, another one a channel.

    Returns:
        As many frames as went in.
    """
    from scipy.signal import oaconvolve

    time = np.arange(int(seconds * rate)) / rate
    noise = random.standard_normal((len(dry), len(time)))
    dull = 0.5 * (noise + np.roll(noise, 1, axis=1))
    dull = 0.5 * (dull + np.roll(dull, 2, axis=1))
    blend = np.exp(-time / (0.2 * seconds))
    answer = (blend * noise + (1 - blend) * dull) * 10 ** (-3 * time / seconds)
    answer /= np.sqrt((answer**2).sum(axis=1, keepdims=True))
    reverberation = oaconvolve(dry.astype(np.float32), answer.astype(np.float32), axes=1)[:, : dry.shape[1]]
    sound: Sound = dry + wet * reverberation
    return sound


def _decaying_sine(frequency: float, decay: float, frames: int, rate: int, phase: float) -> Sound:
    """exp(−decay t) sin(2π frequency t + phase) as a product of two short tables, which costs no sine a frame."""
    step = (2j * np.pi * frequency - decay) / rate
    columns = 512
    rows = np.exp(step * columns * np.arange(frames // columns + 1) + 1j * phase)
    whole: Sound = np.outer(rows, np.exp(step * np.arange(columns))).imag.ravel()
    return whole[:frames]


def _release(frames: int, rate: int, seconds: float) -> Sound:
    """1, falling to 0 in the last ``seconds``."""
    ramp: Sound = np.ones(frames)
    length = min(frames, int(seconds * rate))
    ramp[frames - length :] = np.arange(length, 0, -1) / length
    return ramp
