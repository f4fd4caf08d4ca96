"""The demo's audio: a dozen short pieces for three generated instruments."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ravetui.jobs.demo_instruments import Sound, burst, pluck, room, strike

Instrument = Callable[[float, float, int, float, np.random.Generator], Sound]

_PENTATONIC = (0, 3, 5, 7, 10)
_PELOG = (0, 1.2, 2.7, 6.8, 7.9)
_PROGRESSION = ((0, 7, 12, 15), (-4, 3, 8, 12), (3, 10, 15, 19), (-2, 5, 10, 14))
"""Semitones above the tonic: i VI III VII."""


@dataclass(frozen=True)
class Note:
    """What one instrument does once."""

    instrument: Instrument
    time: float
    """When it begins, s."""
    frequency: float
    """Hz."""
    seconds: float
    """Until it is damped."""
    loudness: float
    """0 to 1."""
    place: float
    """0 left to 1 right."""


@dataclass(frozen=True)
class Piece:
    """A file of the demo."""

    file: str
    rate: int
    """Hz."""
    channels: int
    seconds: float
    notes: Callable[[float, np.random.Generator], Iterator[Note]]
    """Writes the piece for a length in seconds."""


def write_demo_audio(
    folder: Path, seed: int = 0, progress: Callable[[float, str], None] = lambda _share, _word: None
) -> list[Path]:
    """Write the demo's audio: WAV, FLAC and OGG at several rates, mono and stereo, four minutes, two very short files.

    The same seed gives the same audio, but not the same bytes: an OGG file has a random serial number.

    Args:
        folder: Made if it is missing; files of the same names are replaced.
        seed: Another one gives other pieces.
        progress: Hears how far it is, 0 to 1, and which file comes next.

    Returns:
        The files.

    Raises:
        OSError: The folder cannot be written.
    """
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, piece in enumerate(PIECES):
        progress(number / len(PIECES), piece.file)
        path = folder / piece.file
        soundfile.write(path, render(piece, np.random.default_rng([seed, number])).T, piece.rate)
        paths.append(path)
    progress(1.0, "")
    return paths


def render(piece: Piece, random: np.random.Generator) -> Sound:
    """The audio of a piece, (channels, frames), with its peak at −3 dBFS."""
    frames = int(piece.seconds * piece.rate)
    dry = np.zeros((piece.channels, frames))
    for note in piece.notes(piece.seconds, random):
        start = int(note.time * piece.rate)
        sound = note.instrument(note.frequency, note.seconds, piece.rate, note.loudness, random)[: frames - start]
        angle = 0.5 * np.pi * note.place
        gains = np.array([np.cos(angle), np.sin(angle)]) if piece.channels == 2 else np.ones(1)
        dry[:, start : start + len(sound)] += gains[:, None] * sound
    wet = room(dry, piece.rate, 0.7, 0.35, random)
    fade = np.minimum(1.0, np.arange(frames, 0, -1) / (0.25 * piece.rate))
    audio: Sound = wet * (10 ** (-3 / 20) / np.abs(wet).max() * fade)
    return audio


def _arpeggio(instrument: Instrument, tonic: float, beat: float, ring: float) -> Callable[..., Iterator[Note]]:
    """Broken chords, two bars each, that breathe in loudness and slow down at the end."""

    def notes(seconds: float, random: np.random.Generator) -> Iterator[Note]:
        time, step = 0.2, 0
        while time < seconds - 2.5:
            chord = _PROGRESSION[step // 16 % 4]
            tone = chord[(0, 2, 1, 3, 2, 3, 1, 2)[step % 8]]
            swell = 0.55 + 0.2 * np.sin(np.pi * (step % 16) / 16) + 0.1 * (step % 8 == 0)
            yield Note(instrument, time, _pitch(tonic, tone), ring, swell, 0.35 + 0.3 * (tone / 19))
            if random.random() < 0.14:
                above = _pitch(tonic, 24 + _PENTATONIC[random.integers(5)])
                yield Note(instrument, time, above, ring, 0.5, 0.75)
            slowing = 1 + 0.5 * max(0.0, 1 - (seconds - 2.5 - time) / 2)
            time += beat * slowing * random.normal(1, 0.015)
            step += 1

    return notes


def _melody(
    instrument: Instrument, tonic: float, beat: float, ring: float, scale: tuple[float, ...] = _PENTATONIC
) -> Callable[..., Iterator[Note]]:
    """A walk over two octaves of a scale in phrases of eight notes, over a bass note a phrase."""

    def notes(seconds: float, random: np.random.Generator) -> Iterator[Note]:
        time, degree, count = 0.15, 4, 0
        while time < seconds - 2.0:
            if count % 8 == 0:
                bass = _pitch(tonic, -12 + scale[(0, 3, 2, 0)[count // 8 % 4]])
                yield Note(instrument, time, bass, 1.6 * ring, 0.75, 0.4)
            loudness = 0.5 + 0.25 * np.sin(np.pi * (count % 8) / 8) + random.uniform(-0.05, 0.05)
            octave, tone = divmod(degree, len(scale))
            yield Note(instrument, time, _pitch(tonic, 12 * octave + scale[tone]), ring, loudness, 0.6)
            degree = int(np.clip(degree + random.choice((-2, -1, -1, 1, 1, 2)), 0, 2 * len(scale) - 1))
            count += 1
            length = 3 if count % 8 == 0 else random.choice((1, 1, 1, 2))
            time += beat * length * random.normal(1, 0.02)

    return notes


def _weather(tonic: float, gap: float, shortest: float, longest: float) -> Callable[..., Iterator[Note]]:
    """Bursts at irregular times, tuned to a scale, all over the room."""

    def notes(seconds: float, random: np.random.Generator) -> Iterator[Note]:
        time = 0.05
        while time < seconds - longest:
            tone = 12 * int(random.integers(3)) + _PENTATONIC[random.integers(5)]
            length = shortest * (longest / shortest) ** random.random()
            yield Note(burst, time, _pitch(tonic, tone), length, random.uniform(0.25, 0.9), random.random())
            time += gap * random.exponential() + 0.02

    return notes


def _duo(first: Callable[..., Iterator[Note]], second: Callable[..., Iterator[Note]]) -> Callable[..., Iterator[Note]]:
    """Two at once."""

    def notes(seconds: float, random: np.random.Generator) -> Iterator[Note]:
        yield from first(seconds, random)
        yield from second(seconds, random)

    return notes


def _single(instrument: Instrument, frequency: float) -> Callable[..., Iterator[Note]]:
    """One note."""

    def notes(seconds: float, random: np.random.Generator) -> Iterator[Note]:
        yield Note(instrument, 0.02, frequency * random.normal(1, 0.002), seconds, 0.7, 0.5)

    return notes


def _pitch(tonic: float, semitones: float) -> float:
    return float(tonic * 2 ** (semitones / 12))


PIECES = (
    Piece("strings-nocturne.wav", 44100, 2, 30, _arpeggio(pluck, 110.0, 0.34, 2.2)),
    Piece("strings-study.flac", 48000, 1, 26, _melody(pluck, 196.0, 0.26, 1.8)),
    Piece("strings-evening.ogg", 44100, 2, 28, _arpeggio(pluck, 146.8, 0.42, 2.4)),
    Piece("bars-bells.wav", 48000, 2, 28, _melody(strike, 523.3, 0.45, 2.0)),
    Piece("bars-gamelan.flac", 32000, 1, 26, _melody(strike, 293.7, 0.24, 1.8, _PELOG)),
    Piece("bars-lullaby.ogg", 44100, 1, 24, _arpeggio(strike, 261.6, 0.36, 1.6)),
    Piece("noise-wind.wav", 22050, 1, 22, _weather(220.0, 0.7, 1.0, 3.0)),
    Piece("noise-rain.flac", 44100, 2, 24, _weather(880.0, 0.12, 0.02, 0.12)),
    Piece("noise-brushes.wav", 32000, 1, 18, _weather(440.0, 0.22, 0.06, 0.5)),
    Piece("duo.flac", 44100, 2, 26, _duo(_arpeggio(pluck, 123.5, 0.38, 2.0), _melody(strike, 493.9, 0.57, 1.8))),
    Piece("one-string.wav", 44100, 1, 1.6, _single(pluck, 220.0)),
    Piece("one-bar.wav", 48000, 1, 1.2, _single(strike, 587.3)),
)
