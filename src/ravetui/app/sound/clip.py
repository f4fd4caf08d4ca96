"""One clip being played: decoded ahead by one thread, taken by the device's own."""

from collections import deque

import numpy as np

from ravetui.app.sound.device import Block
from ravetui.app.sound.source import Playable

AHEAD_SECONDS = 1.0
"""Decoded in advance, so that a slow disk is not heard."""

AGAIN_SECONDS = 0.5
"""After audio came too late, so much must lie ready before it goes on: one gap is better than many."""

_CUT = 64
"""Frames over which sound falls where the next frame has not come yet."""


class Clip:
    """Audio from a given second on, and how much of it was handed to the device.

    Args:
        number: Of the command that asked for it.
        source: What is played.
        start: Second from which on.
        volume: Factor, 1: as it is.
        loop: Whether it begins again at its end.
        leader: A clip whose place this one takes, at the same position and without a gap; ``start`` is then ignored.
    """

    def __init__(
        self,
        number: int,
        source: Playable,
        start: float,
        volume: float,
        *,
        loop: bool = False,
        leader: "Clip | None" = None,
    ) -> None:
        self.number = number
        self.source = source
        self.rate, self.channels, self.frames = source.rate, source.channels, source.frames
        first = round(start * self.rate) if leader is None else leader.place(leader.handed)
        self.start = min(max(first, 0), self.frames)
        """First frame that is played."""
        self.handed: int = 0
        """Frames of the clip that the device has taken."""
        self.newest: int = 0
        """How many of them it took last."""
        self.silence = 0
        """Frames of silence that the device has taken after the last one of the clip."""
        self.volume = np.float32(volume)
        """May be changed at any time; the next block slides there."""
        self.done = False
        """The device needs nothing more of this clip."""
        self.loop = loop
        self.follows = leader is not None
        self._leader, self._led = leader, leader.handed if leader else 0
        self._earliest = self.start if leader is None else 0
        self._skip = 0
        """Frames that the leader played while this clip was made ready."""
        self._skipped = 0
        self._applied = self.volume
        self._decoder = source.blocks(self.start)
        self._blocks: deque[Block] = deque()
        self._queued = 0
        self._decoded = False
        self._starved = False
        self._rising = self.start > 0 or self.follows
        self._falling = False

    @property
    def seconds(self) -> float:
        """Length of the whole clip, s."""
        return self.frames / self.rate

    @property
    def ready(self) -> int:
        """Frames that lie decoded and untaken."""
        return self._queued - self._skipped - self.handed

    def can_begin(self, frames: int) -> bool:
        """Whether so many frames lie ready, or all there are.

        One that follows can take its time, since its leader sounds on: it waits for as much as after a gap.
        """
        if self._leader is not None:
            frames = max(frames, round(AGAIN_SECONDS * self.rate)) + self._leader.handed - self._led
        return self._decoded or self.ready >= frames

    def place(self, frames: int) -> int:
        """Position in the source after so many frames since ``start``."""
        reached = self.start + frames
        return reached if reached <= self.frames else (reached % self.frames or self.frames)

    def position(self, latency: int, passed: int = 0) -> float:
        """How far into the source it has been heard, s; see :meth:`heard`.

        Args:
            latency: Frames that the device holds back at most, when it has just taken some.
            passed: Frames that it has played since then, by the clock.
        """
        heard = self.handed - max(0, latency - self.silence - min(passed, self.newest))
        return self.place(max(heard, self._earliest - self.start)) / self.rate

    def repeat(self) -> None:
        """Begin again at the end, from now on."""
        self.loop, self._decoded, self.silence = True, False, 0

    def refill(self) -> None:
        """Decode until a second lies ready, or all that has come. Never called by the device's thread.

        Raises:
            SoundError: The file is damaged further on.
        """
        self._let_pass()
        while not self._decoded and self.ready < AHEAD_SECONDS * self.rate:
            block = next(self._decoder, None)
            if block is None and self.loop:
                self._decoder = self.source.blocks(0)
                continue
            if block is None:
                self._decoded = True
                break
            if not len(block):
                break
            self._queued += len(block)
            self._blocks.append(block)
            self._let_pass()

    def _let_pass(self) -> None:
        """Drop what the leader has played already, where audio comes late. Nobody takes blocks before ``join``."""
        if self._leader is None:
            return
        behind = self._leader.handed - self._led
        while self._blocks and len(self._blocks[0]) <= behind:
            passed = len(self._blocks.popleft())
            self._led += passed
            self._queued -= passed
            self.start += passed
            behind -= passed

    def join(self) -> None:
        """Take the place of the leader, if there is one; called by the device's thread before it takes a block."""
        if self._leader is not None:
            self._skip = self._leader.handed - self._led
            self.start += self._skip
            if not self.loop:
                self.start = min(self.start, self.frames)
            self._leader.fade()
            self._leader = None

    def take(self, count: int) -> Block:
        """At most ``count`` frames; fewer at the end or when the audio is late.

        Only the device's thread calls this.
        """
        ended = self._decoded
        if self._starved and (ended or self.ready >= AGAIN_SECONDS * self.rate):
            self._starved = False
        taken = self._pop(0 if self.done or self._starved else count)
        # A cut through a waveform is a click, so one block rises or falls instead.
        if self._rising and len(taken):
            self._rising = False
            taken = taken * np.linspace(0, 1, len(taken), dtype=np.float32)[:, None]
        if self._falling:
            taken = taken * np.linspace(1, 0, len(taken), dtype=np.float32)[:, None]
            self.done = True
        elif len(taken) < count and not ended and not self.done and not self._starved:
            self._starved = self._rising = True
            cut = min(_CUT, len(taken))
            if cut:
                taken = taken.copy()
                taken[-cut:] *= np.linspace(1, 0, cut, dtype=np.float32)[:, None]
        self.handed += len(taken)
        self.newest = len(taken)
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
        return self._decoded and self.ready <= 0 and self.silence >= latency

    def close(self) -> None:
        """Give the source back."""
        self.source.close()

    def _pop(self, wanted: int) -> Block:
        """So many frames of the queue, at the present volume, less what has to be skipped."""
        parts: list[Block] = []
        while wanted > 0 and self._blocks:
            block = self._blocks.popleft()
            if self._skip:
                over = min(self._skip, len(block))
                self._skip -= over
                self._skipped += over
                block = block[over:]
            if len(block) > wanted:
                self._blocks.appendleft(block[wanted:])
                block = block[:wanted]
            parts.append(block)
            wanted -= len(block)
        taken = np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)
        before, self._applied = self._applied, self.volume
        if before == self._applied or not len(taken):
            return taken * self._applied
        return taken * np.linspace(before, self._applied, len(taken), dtype=np.float32)[:, None]
