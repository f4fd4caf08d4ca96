"""The sounds in event files as samples: validation clips of acids-rave, the original beside the reconstruction."""

import io
import struct
import wave
from pathlib import Path

import numpy as np

from ravetui.errors import RunError
from ravetui.runs.atomic import write_bytes
from ravetui.runs.foreign.crc import masked
from ravetui.runs.foreign.event_file import Clip
from ravetui.runs.foreign.record_chain import HEADER
from ravetui.runs.samples import Sample

CROP = 131072
"""Samples of a crop of acids-rave unless its user chose another one; where it is written down it is not told."""
MOST_ITEMS = 8
"""acids-rave joins at most so many items into one clip."""
KEPT_FILES = 256
"""So many extracted files are kept; older ones are extracted again when they are wanted."""
_FRAME = 1024
_STILL = 0.05
"""Loudness that moves by less than this share of its mean says nothing."""
_MARGIN = 0.4
"""So much more alike, as a correlation, a shorter crop than the default must make the pairs."""


def read_clip(clip: Clip) -> bytes:
    """The bytes of a recorded sound as they were logged, a WAV file.

    Raises:
        RunError: Its record is damaged, or the file is gone.
    """
    try:
        with clip.file.open("rb") as file:
            file.seek(clip.record)
            (length,) = struct.unpack("<Q", file.read(HEADER)[:8])
            payload, footer = file.read(length), file.read(4)
    except (OSError, struct.error) as error:
        raise RunError("Sound not readable", f"{clip.file} cannot be read: {error}.") from None
    if len(footer) < 4 or struct.unpack("<I", footer)[0] != masked(payload):
        raise RunError("Damaged sound", f"{clip.file.name}: the record at byte {clip.record} is damaged.")
    return payload[clip.start : clip.start + clip.length]


def as_samples(clips: list[Clip], folder: Path, step: int, phase: int, *, paired: bool) -> list[Sample]:
    """The sounds of one step, extracted into ``folder`` unless they lie there already; a damaged one is left out.

    Args:
        paired: Whether each is ``original, reconstruction, original, …`` joined, as acids-rave's are.
    """
    samples: list[Sample] = []
    for clip in clips:
        try:
            samples += _extract(clip, folder, step, phase, paired=paired)
        except RunError:
            continue
    return samples


def split(content: bytes) -> list[tuple[bytes, bytes]]:
    """The pairs of original and reconstruction that acids-rave joined into one WAV file, each a WAV file.

    Raises:
        ValueError: It is no WAV file of whole numbers, or cannot be halved.
    """
    with _opened(content) as file:
        shape, frames = file.getparams(), file.getnframes()
        audio = file.readframes(frames)
    width = shape.nchannels * shape.sampwidth
    items = items_in(np.frombuffer(audio, np.int16)[:: shape.nchannels]) if shape.sampwidth == 2 else 1
    if frames < 2 or frames % (2 * items):
        raise ValueError("it cannot be halved")
    size = frames // (2 * items) * width
    parts = [_wav(shape, audio[place : place + size]) for place in range(0, 2 * items * size, size)]
    return list(zip(parts[::2], parts[1::2], strict=True))


def items_in(audio: np.ndarray[tuple[int], np.dtype[np.int16]]) -> int:
    """How many pairs a clip of acids-rave is made of.

    The length of a crop is not logged. Where its default fits it is taken, unless as many pairs as there can be are
    much more alike; else the number for which the loudness of each original and of its reconstruction are most alike
    over time.
    """
    frames = len(audio)
    if frames % (2 * CROP) == 0 and 1 <= (items := frames // (2 * CROP)) <= MOST_ITEMS:
        if items == MOST_ITEMS or _likeness(audio, MOST_ITEMS) <= _likeness(audio, items) + _MARGIN:
            return items
        return MOST_ITEMS
    possible = [items for items in range(1, MOST_ITEMS + 1) if frames and frames % (2 * items) == 0]
    return max(possible, key=lambda items: _likeness(audio, items), default=1)


def _likeness(audio: np.ndarray[tuple[int], np.dtype[np.int16]], items: int) -> float:
    size = len(audio) // (2 * items)
    if size < 4 * _FRAME:
        return -1.0
    loud = np.abs(audio.reshape(2 * items, size)[:, : size // _FRAME * _FRAME].astype(np.float32))
    envelope = loud.reshape(2 * items, -1, _FRAME).mean(axis=2)
    level = envelope.mean(axis=1, keepdims=True)
    envelope -= level
    # What hardly moves, as a steady tone, is like nothing.
    norm = np.sqrt((envelope**2).sum(axis=1)) + _STILL * level[:, 0] * np.sqrt(envelope.shape[1]) + 1e-9
    return float(((envelope[::2] * envelope[1::2]).sum(axis=1) / (norm[::2] * norm[1::2])).mean())


def _extract(clip: Clip, folder: Path, step: int, phase: int, *, paired: bool) -> list[Sample]:
    stem = f"{clip.tag.replace('/', '-')}-{_mark(clip)}"
    known = sorted(folder.glob(f"{stem}-*-reconstruction.wav"))
    if not known:
        content = read_clip(clip)
        try:
            pairs = split(content) if paired else [(content, content)]
        except ValueError:
            pairs = [(content, content)]
        _make_room(folder)
        for number, (original, reconstruction) in enumerate(pairs, 1):
            if original is not reconstruction:
                write_bytes(folder / f"{stem}-{number}-original.wav", original)
            path = folder / f"{stem}-{number}-reconstruction.wav"
            write_bytes(path, reconstruction)
            known.append(path)
    # A pair that another process is still writing comes whole at the next look.
    return [_sample(path, clip, step, phase, alone=len(known) == 1) for path in known]


def _sample(path: Path, clip: Clip, step: int, phase: int, *, alone: bool) -> Sample:
    original = path.with_name(path.name.replace("-reconstruction", "-original"))
    number = path.stem.rsplit("-", 2)[1]
    with wave.open(str(path), "rb") as file:
        seconds = file.getnframes() / file.getframerate()
    return Sample(
        name=clip.tag if alone else f"{clip.tag} {number}",
        step=step,
        phase=phase,
        seconds=seconds,
        reconstruction=path,
        original=original if original.exists() else path,
        distance=None,
    )


def _mark(clip: Clip) -> str:
    """What tells one recorded sound from every other: where it lies, in which file, and when it was recorded."""
    text = f"{clip.file}:{clip.record}:{clip.length}:{clip.time!r}"
    return f"{masked(text.encode()):08x}{masked(text[::-1].encode()):08x}"


def _make_room(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(folder.glob("*.wav"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[KEPT_FILES:]:
        path.unlink(missing_ok=True)


def _opened(content: bytes) -> wave.Wave_read:
    try:
        return wave.open(io.BytesIO(content), "rb")
    except (wave.Error, EOFError) as error:
        raise ValueError(str(error)) from None


def _wav(shape: wave._wave_params, audio: bytes) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(shape.nchannels)
        file.setsampwidth(shape.sampwidth)
        file.setframerate(shape.framerate)
        file.writeframes(audio)
    return made.getvalue()
