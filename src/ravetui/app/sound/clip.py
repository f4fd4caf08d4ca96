"""One file being played: decoded ahead by one thread, taken by the device's own."""

from collections import deque
from pathlib import Path

import numpy as np

from ravetui.app.sound.device import Block
from ravetui.app.sound.source import Source

AHEAD_SECONDS = 1.0
"""Decoded in advance, so that a slow disk is not heard."""


class Clip:
    """Audio of one file from a given second on, and how much of it was handed to the device.

    Raises:
        SoundError: The file is missing, empty or not audio that libsndfile reads.
    """

    def __init__(self, number: int, path: Path, start: float, volume: float) -> None:
        self.number = number
        """Of the command that asked for it."""
        source = Source(path)
        self.rate, self.channels, self.frames = source.rate, source.channels, source.frames
        self._source = source
        self.start = min(max(round(start * self.rate), 0), self.frames)
        """First frame that is played."""
        self.handed = 0
        """Frames of the file that the device has taken."""
        self.silence = 0
        """Frames of silence that the device has taken after the last one of the file."""
        self._decoder = source.blocks(self.start)
        self._volume = volume
        self._blocks: deque[Block] = deque()
        self._queued = 0
        self._decoded = False
        self._rising = self.start > 0
        self._falling = False
        self.done = False
        """The device needs nothing more of this clip."""

    @property
    def seconds(self) -> float:
        """Length of the whole file, s."""
        return self.frames / self.rate

    def refill(self) -> None:
        """Decode until a second lies ready. Never called by the device's thread.

        Raises:
            SoundError: The file is damaged further on.
        """
        while not self._decoded and self._queued - self.handed < AHEAD_SECONDS * self.rate:
            block = next(self._decoder, None)
            if block is None:
                self._decoded = True
                break
            self._queued += len(block)
            self._blocks.append(block * np.float32(self._volume))

    def take(self, count: int) -> Block:
        """At most ``count`` frames; fewer at the end or when the decoder is late.

        Only the device's thread calls this.
        """
        parts: list[Block] = []
        wanted = 0 if self.done else count
        ended = self._decoded
        while wanted > 0 and self._blocks:
            block = self._blocks.popleft()
            if len(block) > wanted:
                self._blocks.appendleft(block[wanted:])
                block = block[:wanted]
            parts.append(block)
            wanted -= len(block)
        taken = np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)
        # A cut through a waveform is a click, so one block rises or falls instead.
        if self._rising and len(taken):
            self._rising = False
            taken = taken * np.linspace(0, 1, len(taken), dtype=np.float32)[:, None]
        if self._falling:
            taken = taken * np.linspace(1, 0, len(taken), dtype=np.float32)[:, None]
            self.done = True
        self.handed += len(taken)
        if self.done or ended:
            self.silence += count - len(taken)
        return taken

    def fade(self) -> None:
        """End with the next block."""
        self._falling = True

    def heard(self, latency: int) -> int:
        """Frames that have left the device, when it holds back at most ``latency`` of what it took."""
        return max(0, self.handed - max(0, latency - self.silence))

    def at_end(self, latency: int) -> bool:
        """Whether the last frame has left the device."""
        return self._decoded and self.handed == self._queued and self.silence >= latency

    def close(self) -> None:
        """Give the file back."""
        self._source.close()
