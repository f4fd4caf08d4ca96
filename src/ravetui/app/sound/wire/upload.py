"""A clip on its way to the laptop: encoded block by block, from where it is to be heard first."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ravetui.app.sound.device import Block
from ravetui.app.sound.source import Source
from ravetui.app.sound.wire.fingerprint import fingerprint
from ravetui.app.sound.wire.flac import encode
from ravetui.app.sound.wire.message import SEGMENT_FRAMES, segments_of


class Upload:
    """One file. Read by one thread at a time, never the screen's; given back by any.

    Args:
        path: What is sent.
        start: Second from which it is needed first.

    Raises:
        SoundError: It is missing, empty or not audio.
    """

    def __init__(self, path: Path, start: float) -> None:
        self.clip = fingerprint(path)
        self._source = Source(path)
        self.frames = self._source.frames
        self.segments = segments_of(self.frames)
        self.start = start
        """Second from which it is needed first; counts from the next beginning on."""
        self._blocks: Iterator[tuple[int, bytes]] | None = None
        # A link that is let go cannot call back the thread that is reading just now, and libsndfile does not survive
        # a file that is closed under its hands.
        self._turn = Lock()
        self._closed = False

    @property
    def described(self) -> dict[str, Any]:
        """The fields of a PLAY or OFFER that are about the clip."""
        source = self._source
        return {
            "clip": self.clip,
            "codec": "flac",
            "rate": source.rate,
            "channels": source.channels,
            "length": source.frames,
        }

    def take(self, count: int, but: frozenset[int]) -> list[tuple[int, bytes]]:
        """The next blocks with their numbers, without those that are there already; none: all have been sent.

        Raises:
            SoundError: The file is damaged further on.
        """
        with self._turn:
            if self._closed:
                return []
            blocks = self._blocks or self._encoded(but)
            self._blocks = blocks
            return list(islice(blocks, count))

    def again(self) -> None:
        """Begin anew, from ``start`` on."""
        self._blocks = None

    def close(self) -> None:
        """Give the file back."""
        with self._turn:
            self._closed, self._blocks = True, None
            self._source.close()

    def _encoded(self, but: frozenset[int]) -> Iterator[tuple[int, bytes]]:
        first = min(max(round(self.start * self._source.rate) // SEGMENT_FRAMES, 0), self.segments - 1)
        for span in (range(first, self.segments), range(first)):
            missing = [number for number in span if number not in but]
            if missing:
                numbers = range(missing[0], missing[-1] + 1)
                for number, block in zip(numbers, self._even(numbers.start * SEGMENT_FRAMES), strict=False):
                    if number not in but:
                        yield number, encode(block, self._source.rate)

    def _even(self, start: int) -> Iterator[Block]:
        """The source in blocks of equal length, whatever its decoder gives."""
        held = np.zeros((0, self._source.channels), np.float32)
        for block in self._source.blocks(start):
            held = block if not len(held) else np.concatenate([held, block])
            while len(held) >= SEGMENT_FRAMES:
                yield held[:SEGMENT_FRAMES]
                held = held[SEGMENT_FRAMES:]
        if len(held):
            yield held
