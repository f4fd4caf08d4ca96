"""Stretches of audio files as sounds to be scored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ravetui.engine.data.clips import shares_of
from ravetui.engine.data.source import find_audio, hash_content
from ravetui.errors import ScoreError
from ravetui.jobs.scoring.item import Item, mono
from ravetui.metrics.sound import derived_sound

if TYPE_CHECKING:
    from ravetui.jobs.scoring.item import Audio


def audio_in(folder: Path) -> list[Path]:
    """Every audio file in a folder, at least one.

    Raises:
        ScoreError: It is gone, or there is none.
    """
    if not folder.is_dir():
        raise ScoreError("No such folder", f"There is no folder {folder}.", "Mount it, or give another one.")
    files = find_audio([folder]).files
    if not files:
        raise ScoreError("Empty folder", f"There is no audio file in {folder}.", "libsndfile reads WAV, FLAC, OGG …")
    return files


def stretches(files: Sequence[Path], length: float, seconds: float) -> list[Item]:
    """Stretches of files, ``seconds`` in all at most: one of each file before any gives two, evenly spread."""
    import soundfile

    found = []
    for path in files:
        try:
            info = soundfile.info(path)
        except (OSError, soundfile.SoundFileError) as error:
            raise ScoreError("Score", f"{path} cannot be read: {error}.", "Leave it out, or make it again.") from None
        if info.frames:
            found.append((path, int(info.frames), int(info.samplerate)))
    count = max(int(seconds / length), 1)
    capacities = [max(1, int(frames / rate / length)) for _, frames, rate in found]
    shares = shares_of(capacities, count)
    items = []
    for (path, frames, rate), share in zip(found, shares, strict=True):
        size = min(frames, round(length * rate))
        content = hash_content(path, lambda _share: None) if share else ""
        for number in range(share):
            low, high = frames * number // share, frames * (number + 1) // share
            start = low + max(high - low - size, 0) // 2
            items.append(_stretch(path, start, min(size, frames - start), rate, content))
    return items


def _stretch(path: Path, start: int, frames: int, rate: int, content: str) -> Item:
    def audio() -> Audio:
        import soundfile

        try:
            samples, _ = soundfile.read(path, frames, start, dtype="float32", always_2d=True)
        except (OSError, soundfile.SoundFileError) as error:
            raise ScoreError("Score", f"{path} cannot be read: {error}.", "Leave it out, or make it again.") from None
        return cast("Audio", samples.T)

    parts = ("stretch", content, str(start), str(frames))
    sound = derived_sound(parts, lambda: (mono(audio()), rate), path.name)
    return Item(path.stem, sound, sound.key(), frames, rate, frozenset({content}), audio, path, start / rate, parts)
