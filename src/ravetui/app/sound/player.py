"""The process that plays: one JSON command a line on standard input, one JSON report a line on standard output.

It is a process of its own because sound libraries print on the terminal and their threads must not wait for the
screen's. It ends when its input does, so that nothing plays on when the screen is gone.

Commands: ``{"do": "play", "id", "path", "start", "volume"}``, ``{"do": "stop"}``, ``{"do": "quit"}``.
Reports: ``ready`` (backend, device), ``no_device`` (reason), ``started`` (seconds), ``position`` (seconds, at most ten
times a second), ``ended`` (frames, seconds, complete) and ``error`` (fault: file or device, message). Each carries the
``id`` of the play it speaks of, only the first ``ready`` or ``no_device`` has none.
"""

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ravetui.app.sound.clip import Clip
from ravetui.app.sound.device import Block, OutputDevice
from ravetui.errors import SoundError

IDLE_SECONDS = 5.0
"""A device is kept this long after the last sound: long enough to compare clips, short enough not to hold it."""

STALL_SECONDS = 3.0
"""A device that takes no audio for this long is gone."""

TICK_SECONDS = 0.1

LINGER_SECONDS = 1.0
"""Nothing is played or waited for longer than this after the input has ended."""


class Player:
    """Plays one clip at a time; the one before it fades out while the next begins."""

    def __init__(self, commands: "queue.Queue[str | None]", report: Callable[..., None]) -> None:
        self._commands = commands
        self._report = report
        self._device: OutputDevice | None = None
        self._clip: Clip | None = None
        """What was asked for and has not ended."""
        self._sounding: tuple[Clip, ...] = ()
        """What the device mixes: that clip and those that fade out. Replaced, never changed: its thread reads it."""
        self._asked = 0
        """Frames that the device has asked for."""
        self._seen = 0
        self._moved = 0.0
        """When ``_asked`` was last seen to have grown, and what it was."""
        self._told = 0.0
        """When a position was last reported."""

    def run(self) -> None:
        """Look for a device, then obey until told to quit or until the input ends."""
        # However this ends: an interpreter that exits while a device runs waits for its thread for ever.
        try:
            self._find()
            self._obey()
        finally:
            self._close()

    def _find(self) -> None:
        try:
            device = self._open(48000, 2)
            self._report("ready", backend=device.backend, device=device.name)
        except SoundError as error:
            self._report("no_device", reason=error.message)
        self._close()

    def _obey(self) -> None:
        while (command := self._next()) is None or command["do"] != "quit":
            if command is None:
                if not self._sounding:
                    self._close()
            elif command["do"] == "play":
                self._play(command["id"], Path(command["path"]), command["start"], command["volume"])
            else:
                self._fade()
            self._tick()

    def _next(self) -> Any:
        """The next command; None after a tick of sound, or after so much silence that the device is not needed."""
        try:
            line = self._commands.get(timeout=TICK_SECONDS if self._sounding else IDLE_SECONDS)
        except queue.Empty:
            return None
        return {"do": "quit"} if line is None else json.loads(line)

    def _play(self, number: int, path: Path, start: float, volume: float) -> None:
        try:
            clip = Clip(number, path, start, volume)
        except SoundError as error:
            self._report("error", id=number, fault="file", message=error.message)
            return
        finally:
            self._fade()  # after the file was opened, so that a slow disk makes no gap between two clips
        try:
            device = self._open(clip.rate, clip.channels)
        except SoundError as error:
            clip.close()
            self._report("no_device", id=number, reason=error.message)
            return
        self._report("ready", id=number, backend=device.backend, device=device.name)
        self._report("started", id=number, seconds=clip.seconds)
        self._clip = clip
        if not self._refill():
            return
        self._sounding = (*self._sounding, clip)
        self._moved = self._told = time.monotonic()
        try:
            if not device.running:
                device.start(lambda count: self._mix(count, device.channels))
        except SoundError as error:
            self._fail("device", error.message)

    def _open(self, rate: int, channels: int) -> OutputDevice:
        """The device that is open, if it runs at that rate, or a new one."""
        if self._device is None or (self._device.rate, self._device.channels) != (rate, channels):
            self._close()
            self._device = OutputDevice(rate, channels)
        return self._device

    def _mix(self, count: int, channels: int) -> Block:
        """The next block, in the device's thread."""
        block = np.zeros((count, channels), np.float32)
        for clip in self._sounding:
            part = clip.take(count)
            block[: len(part)] += part
        self._asked += count
        return block

    def _tick(self) -> None:
        """Decode ahead, say where the sound is, notice ends, and notice a device that has gone."""
        if self._device is None or not self._sounding:
            return
        now = time.monotonic()
        if self._asked != self._seen:
            self._seen, self._moved = self._asked, now
        if now - self._moved > STALL_SECONDS:
            self._fail("device", f"{self._device.name} takes no more audio and may have been unplugged")
            return
        clip = self._clip
        if clip is not None and self._refill():
            if clip.at_end(self._device.latency):
                self._end(complete=True)
            elif now - self._told >= TICK_SECONDS:
                self._told = now
                played = clip.start + clip.heard(self._device.latency)
                self._report("position", id=clip.number, seconds=played / clip.rate)
        self._sounding = tuple(clip for clip in self._sounding if not clip.done)
        if not self._sounding:
            self._rest()

    def _refill(self) -> bool:
        """Decode the clip ahead; whether it could be."""
        assert self._clip is not None
        try:
            self._clip.refill()
        except SoundError as error:
            self._fail("file", error.message)
            return False
        return True

    def _fade(self) -> None:
        """Stop what plays, without a click."""
        if self._clip is not None:
            self._clip.fade()
            self._end(complete=False)

    def _end(self, *, complete: bool) -> None:
        """Say how much of the clip was heard."""
        clip, self._clip = self._clip, None
        if clip is not None:
            heard = clip.heard(self._device.latency if self._device else 0)
            position = (clip.start + heard) / clip.rate
            self._report("ended", id=clip.number, frames=heard, seconds=position, complete=complete)
            clip.done = clip.done or complete
            clip.close()

    def _fail(self, fault: str, message: str) -> None:
        clip, self._clip = self._clip, None
        if clip is not None:
            clip.close()
            self._report("error", id=clip.number, fault=fault, message=message)
        self._close()

    def _rest(self) -> None:
        """Ask for nothing, so that the next clip starts without a queue of silence before it."""
        assert self._device is not None
        try:
            self._device.stop()
        except SoundError:
            self._close()

    def _close(self) -> None:
        device, self._device = self._device, None
        self._sounding = ()
        if device is not None:
            device.close()


def main() -> None:
    """Obey standard input until it ends."""
    # What a sound library prints on standard output must not come between the reports.
    out = os.dup(1)
    os.dup2(2, 1)
    commands: queue.Queue[str | None] = queue.Queue()

    def report(kind: str, **values: Any) -> None:
        os.write(out, json.dumps({"report": kind, **values}).encode() + b"\n")

    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        Player(commands, report).run()


def _listen(commands: "queue.Queue[str | None]") -> None:
    # Unbuffered: a thread that waits inside a buffered reader cannot be left behind when the process ends.
    with open(0, "rb", buffering=0, closefd=False) as stream:
        for line in stream:
            commands.put(line.decode())
    commands.put(None)
    # A call into a sound library may never return; nobody is left who could end this process then.
    time.sleep(LINGER_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
