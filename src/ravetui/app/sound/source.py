"""An audio file as a stream of blocks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ravetui.app.sound.device import Block
from ravetui.errors import SoundError

_BLOCK = 4096
"""Frames decoded at a time."""


class Playable(Protocol):
    """Audio of known length that can be decoded from any frame on."""

    rate: int
    """Hz."""
    channels: int
    frames: int

    def blocks(self, start: int) -> Iterator[Block]:
        """Decode from that frame to the end; an empty block: the next has not come yet.

        Raises:
            SoundError: It is damaged.
        """
        ...

    def close(self) -> None:
        """Give it back; may be called twice."""
        ...


class Source:
    """What libsndfile reads: WAV, FLAC, Vorbis, Opus, AIFF, MP3 and more.

    MP3 is read by miniaudio, since soundfile seeks after every block that it reads, and libsndfile's MP3 decoder comes
    out of a seek without the bits that it had in reserve: read in blocks, a third of a sine's energy is noise.

    Raises:
        SoundError: The file is missing, empty or not audio.
    """

    def __init__(self, path: Path) -> None:
        import soundfile

        self._path = path
        if not path.is_file():
            raise SoundError("No such file", f"{path} is not a file.")
        try:
            # Bytes, because a file name need not be UTF-8.
            self._file = soundfile.SoundFile(os.fsencode(path))
        except (RuntimeError, OSError, TypeError) as error:
            raise SoundError("Not audio", f"{path} cannot be played: {_reason(error)}") from None
        self.rate: int = self._file.samplerate
        """Hz."""
        self.channels: int = self._file.channels
        self.frames: int = self._file.frames
        self._is_mp3 = self._file.format == "MP3"
        if self._is_mp3:
            self.frames = self._count_mp3()
        if self.frames <= 0:
            self.close()
            raise SoundError("Empty", f"{path} holds no audio.")

    def blocks(self, start: int) -> Iterator[Block]:
        """Decode from that frame to the end.

        Raises:
            SoundError: The file is damaged further on.
        """
        done = start
        try:
            for block in self._mp3_blocks(start) if self._is_mp3 else self._file_blocks(start):
                yield block
                done += len(block)
        except (RuntimeError, OSError, ValueError) as error:
            raise SoundError("Damaged", f"{self._path} breaks off: {_reason(error)}") from None
        if done < self.frames:
            whole = f"{done / self.rate:.1f} s of {self.frames / self.rate:.1f} s"
            raise SoundError("Damaged", f"{self._path} breaks off after {whole}.")

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _file_blocks(self, start: int) -> Iterator[Block]:
        self._file.seek(start)
        while len(block := self._file.read(_BLOCK, dtype="float32", always_2d=True)):
            yield block

    def _count_mp3(self) -> int:
        """Frames, by decoding: the header that libsndfile trusts may be wrong."""
        import miniaudio

        try:
            count: int = miniaudio.mp3_get_file_info(str(self._path)).num_frames
        except (miniaudio.MiniaudioError, ValueError):
            count = 0
        return count

    def _mp3_blocks(self, start: int) -> Iterator[Block]:
        import miniaudio

        kind: Any = miniaudio.SampleFormat.FLOAT32
        stream = miniaudio.stream_file(
            str(self._path), kind, self.channels, self.rate, frames_to_read=_BLOCK, seek_frame=start
        )
        for samples in stream:
            yield np.array(samples, np.float32).reshape(-1, self.channels)


def read_beginning(path: Path, seconds: float) -> tuple[Block, int]:
    """The first seconds of a file, or all of a shorter one.

    Args:
        path: What libsndfile reads.
        seconds: At least so many, if there are; whole blocks are kept.

    Returns:
        Audio in ±1, (frames, channels), float32, and its rate, Hz.

    Raises:
        SoundError: It cannot be read.
    """
    source = Source(path)
    try:
        blocks, frames = [], 0
        for block in source.blocks(0):
            blocks.append(block)
            frames += len(block)
            if frames >= seconds * source.rate:
                break
    finally:
        source.close()
    return np.concatenate(blocks), source.rate


def _reason(error: BaseException) -> str:
    """What the decoder says, without its prefix."""
    return str(getattr(error, "error_string", "") or error).rstrip(".") + "."
