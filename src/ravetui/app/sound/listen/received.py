"""A clip that is played while it comes in."""

from collections.abc import Iterator
from threading import Lock

import numpy as np

from ravetui.app.sound.device import Block
from ravetui.app.sound.listen.cache import StoredClip
from ravetui.app.sound.wire.flac import decode
from ravetui.app.sound.wire.message import SEGMENT_FRAMES
from ravetui.errors import SoundError


class ReceivedClip:
    """What the player reads: blocks of a stored clip, and an empty one where the next has not come.

    Args:
        stored: The blocks that are here.
        rate: Hz.
        channels: How many.
        lock: Held while the stored clip is looked at: another thread fills it.
    """

    def __init__(self, stored: StoredClip, rate: int, channels: int, lock: Lock) -> None:
        self.rate = rate
        self.channels = channels
        self.frames = stored.frames
        self._stored = stored
        self._lock = lock

    def blocks(self, start: int) -> Iterator[Block]:
        """Decode from that frame to the end; an empty block: the next has not come yet.

        Raises:
            SoundError: A block is not what was announced.
        """
        while start < self.frames:
            number, within = divmod(start, SEGMENT_FRAMES)
            with self._lock:
                here = self._stored.has(number)
                flac = self._stored.get(number)
            if flac is None and here:
                raise SoundError("Damaged", f"{self._stored.path} was damaged or taken away.", "Play it again.")
            if flac is None:
                yield np.zeros((0, self.channels), np.float32)
                continue
            whole = min(SEGMENT_FRAMES, self.frames - number * SEGMENT_FRAMES)
            block = decode(flac, self.channels, whole)[within:]
            start += len(block)
            yield block

    def close(self) -> None:
        """The cache keeps the file."""
