"""The process that plays: one JSON command a line on standard input, one JSON report a line on standard output.

It is a process of its own because sound libraries print on the terminal and their threads must not wait for the
screen's. It ends when its input does, so that nothing plays on when the screen is gone.

Commands: ``{"do": "play", "id", "path", "start", "volume", "loop", "switch"}``, ``seek`` (id, seconds), ``loop`` (id,
on), ``volume`` (id, volume), ``stop`` and ``quit``. A play with ``switch`` takes over from what plays, at its position.
Reports: ``ready`` (backend, device), ``no_device`` (reason), ``started`` (seconds), ``position`` (seconds, about 15
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

from ravetui.app.sound.deck import Deck, OpenDevice, open_device
from ravetui.app.sound.source import Playable, Source
from ravetui.errors import SoundError

IDLE_SECONDS = 5.0
"""A device is kept this long after the last sound: long enough to compare clips, short enough not to hold it."""

TICK_SECONDS = 1 / 15

LINGER_SECONDS = 1.0
"""Nothing is played or waited for longer than this after the input has ended."""

_NICENESS = -11
"""That of a sound server."""

Commands = queue.Queue[dict[str, Any] | bytes | None]
"""Commands as they come, or lines of JSON that hold them; None: no more will come."""


class Player:
    """Obeys commands until there are no more.

    Args:
        commands: What is asked for. A play may bring an opened ``source`` instead of a ``path``; ``wake`` only looks
            whether more of it has come.
        report: Called with the kind and values of each report.
        open_device: Opens a device.
        idle: Seconds for which an unused device is kept.
    """

    def __init__(
        self,
        commands: Commands,
        report: Callable[..., None],
        open_device: OpenDevice = open_device,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._commands = commands
        self._report = report
        self._idle = idle
        self._deck = Deck(report, open_device)
        self._told = 0.0
        """When a position was last reported."""

    def run(self) -> None:
        """Look for a device, then obey until told to quit or until the input ends."""
        # A device does not wait until a trainer has computed. For this thread and the device's, where we may.
        with contextlib.suppress(AttributeError, OSError):
            os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
        # However this ends: an interpreter that exits while a device runs waits for its thread for ever.
        try:
            self._deck.find()
            while (command := self._next()) is None or command["do"] != "quit":
                if command is not None:
                    self._obey(command)
                elif not self._deck.busy:
                    self._deck.close()
                self._tick()
        finally:
            self._deck.close()

    def _next(self) -> dict[str, Any] | None:
        """The next command; None after a tick of sound, or after so much silence that the device is not needed."""
        wait = max(0.0, self._told + TICK_SECONDS - time.monotonic()) if self._deck.busy else self._idle
        try:
            found = self._commands.get(timeout=wait)
        except queue.Empty:
            return None
        command: dict[str, Any] = json.loads(found) if isinstance(found, bytes) else found or {"do": "quit"}
        return command

    def _obey(self, command: dict[str, Any]) -> None:
        do, number = command["do"], command.get("id", 0)
        if do == "play":
            self._play(number, command)
        elif do == "stop":
            self._deck.stop()
        elif do == "seek":
            self._deck.seek(number, command["seconds"])
        elif do == "loop":
            self._deck.set_loop(number, command["on"])
        elif do == "volume":
            self._deck.set_volume(number, command["volume"])

    def _play(self, number: int, command: dict[str, Any]) -> None:
        source: Playable | None = command.get("source")
        try:
            # Opened before anything is stopped, so that a slow disk makes no gap between two clips.
            source = source or Source(Path(command["path"]))
        except SoundError as error:
            self._deck.stop()
            self._report("error", id=number, fault="file", message=error.message)
            return
        loop, switch = command.get("loop", False), command.get("switch", False)
        self._deck.play(number, source, command["start"], command["volume"], loop=loop, switch=switch)

    def _tick(self) -> None:
        late = time.monotonic() - self._told - TICK_SECONDS
        telling = late >= 0
        if telling:
            # In step with the clock, however late this look was, unless it was the first for long.
            self._told += TICK_SECONDS + (late if late > TICK_SECONDS else 0.0)
        self._deck.tick(telling=telling)


def main() -> None:
    """Obey standard input until it ends."""
    # What a sound library prints on standard output must not come between the reports.
    out = os.dup(1)
    os.dup2(2, 1)
    commands: Commands = queue.Queue()

    def report(kind: str, **values: Any) -> None:
        os.write(out, json.dumps({"report": kind, **values}).encode() + b"\n")

    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        Player(commands, report).run()


def _listen(commands: Commands) -> None:
    # Unbuffered: a thread that waits inside a buffered reader cannot be left behind when the process ends.
    with open(0, "rb", buffering=0, closefd=False) as stream:
        for line in stream:
            commands.put(line)
    commands.put(None)
    # A call into a sound library may never return; nobody is left who could end this process then.
    time.sleep(LINGER_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
