"""The device and the clips on it: the one that plays, the one that is made ready, those that fade out."""

import time
from collections.abc import Callable

import numpy as np

from ravetui.app.sound.clip import Clip
from ravetui.app.sound.device import LONGEST_PERIOD_MS, PERIOD_MS, Block, OutputDevice
from ravetui.app.sound.source import Playable
from ravetui.errors import SoundError

STALL_SECONDS = 3.0
"""A device that takes no audio for this long is gone."""

OpenDevice = Callable[[int, int, int], OutputDevice]
"""Opens a device for a rate in Hz, a count of channels, and blocks of so many milliseconds."""


def open_device(rate: int, channels: int, period_ms: int) -> OutputDevice:
    """A device that can be heard."""
    return OutputDevice(rate, channels, period_ms=period_ms)


class Deck:
    """Plays one clip at a time; the one before it fades out while the next begins.

    Args:
        report: Called with the kind and values of each report; see :mod:`ravetui.app.sound.player`.
        open_device: Opens a device.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        report: Callable[..., None],
        open_device: OpenDevice = open_device,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._open_device = open_device
        self._clock = clock
        self._device: OutputDevice | None = None
        self._clip: Clip | None = None
        """What plays and has not ended."""
        self._next: Clip | None = None
        """What begins as soon as enough of it has come."""
        self._leaving: Clip | None = None
        """What sounds on until the same source begins elsewhere; it is not decoded any further."""
        self._sounding: tuple[Clip, ...] = ()
        """What the device mixes: the clip and those that fade out. Replaced, never changed: its thread reads it."""
        self._asked = 0
        """Frames that the device has asked for."""
        self._asked_at = 0.0
        """When it last did; 0: not since it was started."""
        self._period_ms = PERIOD_MS
        self._late = False
        """Whether it came so late for a block that it had nothing left to play."""
        self._seen = 0
        self._moved = 0.0
        """When ``_asked`` was last seen to have grown, and what it was."""

    @property
    def busy(self) -> bool:
        """Whether something plays, fades or is awaited."""
        return bool(self._sounding or self._next)

    def find(self) -> None:
        """Say whether there is a device; it is not kept."""
        try:
            device = self._open(48000, 2)
            self._report("ready", backend=device.backend, device=device.name)
        except SoundError as error:
            self._report("no_device", reason=error.message)
        self.close()

    def play(
        self, number: int, source: Playable, start: float, volume: float, *, loop: bool = False, switch: bool = False
    ) -> None:
        """Play a source in place of what plays; ``switch``: at the position where that is, without a gap."""
        leader = self._clip if switch and self._sounding else None
        if leader is not None and (leader.rate, leader.channels) != (source.rate, source.channels):
            start, leader = leader.position(self._latency), None
        if leader is None:
            self.stop()
        try:
            device = self._open(source.rate, source.channels)
        except SoundError as error:
            source.close()
            self._report("no_device", id=number, reason=error.message)
            return
        self._report("ready", id=number, backend=device.backend, device=device.name)
        self._drop_next()
        self._next = Clip(number, source, start, volume, loop=loop, leader=leader)
        self.tick(telling=False)

    def stop(self) -> None:
        """Stop what plays, without a click."""
        self._drop_next()
        if self._clip is not None:
            self._clip.fade()
            self._end(complete=False)

    def seek(self, number: int, seconds: float) -> None:
        """Go on from that second."""
        self._again(number, lambda clip: Clip(number, clip.source, seconds, float(clip.volume), loop=clip.loop))

    def set_loop(self, number: int, on: bool) -> None:
        """Begin again at the end, or do not."""
        clip = self._next or self._clip
        if clip is None or clip.number != number or clip.loop == on:
            return
        if on:
            clip.repeat()
        elif clip is self._next:
            clip.loop = False
        else:
            # A second is decoded ahead and may have begun again already, so the rest is decoded anew.
            self._again(number, lambda clip: Clip(number, clip.source, 0, float(clip.volume), leader=clip))

    def set_volume(self, number: int, volume: float) -> None:
        """Slide to that volume."""
        for clip in (self._clip, self._next):
            if clip is not None and clip.number == number:
                clip.volume = np.float32(volume)

    def tick(self, *, telling: bool = True) -> None:
        """Decode ahead, say where the sound is, notice ends, and notice a device that has gone."""
        if self._device is None or not self.busy:
            return
        if self._next is not None and self._refill(self._next) and self._next.can_begin(self._latency):
            self._begin(self._next)
        now = self._clock()
        if self._asked != self._seen or not self._sounding:
            self._seen, self._moved = self._asked, now
        if self._device is not None and now - self._moved > STALL_SECONDS:
            self._fail("device", f"{self._device.name} takes no more audio and may have been unplugged")
            return
        clip = self._clip
        if clip is not None and self._refill(clip):
            if clip.at_end(self._latency):
                self._end(complete=True)
            elif telling:
                # The device takes blocks of 80 ms; in between, the clock says how far it is.
                passed = int((now - self._asked_at) * clip.rate)
                self._report("position", id=clip.number, seconds=clip.position(self._latency, passed))
        self._sounding = tuple(clip for clip in self._sounding if not clip.done)
        if self._device is not None and self._device.running and not self._sounding:
            self._rest(self._device)

    def close(self) -> None:
        """Give the device back."""
        device, self._device = self._device, None
        self._sounding = ()
        if device is not None:
            device.close()

    @property
    def _latency(self) -> int:
        return self._device.latency if self._device else 0

    def _begin(self, clip: Clip) -> None:
        assert self._device is not None
        device = self._device
        old, self._clip, self._next = self._clip, clip, None
        again = old is not None and old.source is clip.source
        if not again:
            self._report("started", id=clip.number, seconds=clip.seconds)
        if old is not None and not again:
            self._tell_end(old, complete=False)
        self._sounding = (*self._sounding, clip)
        self._leave()
        self._moved = self._clock()
        try:
            if not device.running:
                self._asked_at = 0.0
                device.start(lambda count: self._mix(count, device))
        except SoundError as error:
            self._fail("device", error.message)

    def _again(self, number: int, make: Callable[[Clip], Clip]) -> None:
        """Put another clip of the same source in place of the one that plays."""
        clip = self._next or self._clip
        if clip is None or clip.number != number:
            return
        self._next = made = make(clip)
        if clip is self._clip and not made.follows:
            # Two clips that decode one source would get in each other's way: this one has what it has.
            self._leaving, self._clip = clip, None
        self.tick(telling=False)

    def _drop_next(self) -> None:
        """Forget what was awaited; its source is given back unless it plays as well."""
        clip, self._next = self._next, None
        self._leave()
        if clip is not None and (self._clip is None or clip.source is not self._clip.source):
            self._tell_end(clip, complete=False)

    def _leave(self) -> None:
        """End what was to sound only until now."""
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            leaving.fade()

    def _open(self, rate: int, channels: int) -> OutputDevice:
        """The device that is open, if it has that rate, or a new one; with longer blocks, if it came late for one."""
        if self._late and not (self._device is not None and self._device.running):
            self._late, self._period_ms = False, min(2 * self._period_ms, LONGEST_PERIOD_MS)
            self.close()
        if self._device is None or (self._device.rate, self._device.channels) != (rate, channels):
            self.close()
            self._device = self._open_device(rate, channels, self._period_ms)
        return self._device

    def _mix(self, count: int, device: OutputDevice) -> Block:
        """The next block, in the device's thread."""
        block = np.zeros((count, device.channels), np.float32)
        sounding = self._sounding
        for clip in sounding:
            clip.join()
        for clip in sounding:
            part = clip.take(count)
            block[: len(part)] += part
        now, before = self._clock(), self._asked_at
        self._late = self._late or (before > 0 and (now - before) * device.rate > 2 * count)
        self._asked, self._asked_at = self._asked + count, now
        return block

    def _refill(self, clip: Clip) -> bool:
        """Decode a clip ahead; whether it could be."""
        try:
            clip.refill()
        except SoundError as error:
            self._fail("file", error.message, clip)
            return False
        return True

    def _end(self, *, complete: bool) -> None:
        clip, self._clip = self._clip, None
        if clip is not None:
            self._tell_end(clip, complete=complete)

    def _tell_end(self, clip: Clip, *, complete: bool) -> None:
        """Say how much of the clip was heard."""
        frames, position = clip.heard(self._latency), clip.position(self._latency)
        self._report("ended", id=clip.number, frames=frames, seconds=position, complete=complete)
        clip.done = clip.done or complete
        clip.close()

    def _fail(self, fault: str, message: str, at: Clip | None = None) -> None:
        """Give everything up, because of the clip at fault or of the device."""
        failed = at or self._clip or self._next
        clips = {id(clip.source): clip for clip in (self._clip, self._next) if clip is not None and clip is not failed}
        self._clip = self._next = self._leaving = None
        for clip in clips.values():
            self._tell_end(clip, complete=False)
        if failed is not None:
            failed.close()
            self._report("error", id=failed.number, fault=fault, message=message)
        self.close()

    def _rest(self, device: OutputDevice) -> None:
        """Ask for nothing, so that the next clip starts without a queue of silence before it."""
        try:
            device.stop()
        except SoundError:
            self.close()
