"""What the screen and the command line play sound with; the playing itself is done by another process."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ravetui.app.sound.process import PlayerProcess
from ravetui.app.sound.route import Route, device_route, no_route

ANSWER_SECONDS = 20.0
"""A player that says nothing for this long after a command hangs in the sound system and is ended."""

_NOT_ASKED = no_route("no sound device was looked for yet")


@dataclass(frozen=True)
class PlaybackReport:
    """What is playing now, or how the last clip ended."""

    state: Literal["idle", "playing", "failed"]
    path: Path | None
    """The clip, absolute; None before the first."""
    position_s: float
    """How far into the file it has been heard, s."""
    duration_s: float
    """Length of the file, s; 0 when it is not known."""
    route: Route
    message: str = ""
    """One sentence for the status line: where the sound goes, or why there is none and where the file lies."""
    complete: bool = False
    """Idle because it was heard to its end."""
    fault: Literal["", "file", "device"] = ""
    """What failed."""


class Playback:
    """Plays one file at a time in a process of its own.

    All methods belong to one event loop, Textual's for instance, and so does the callback.

    Args:
        on_report: Called with every change and, while playing, with the position at most ten times a second.
        volume: Gain, 0 to 1.
    """

    def __init__(self, on_report: Callable[[PlaybackReport], None], volume: float = 1.0) -> None:
        self._on_report = on_report
        self._volume = volume
        self._process: PlayerProcess | None = None
        self._turn = asyncio.Lock()
        """Held by the one command that the player has not answered yet."""
        self._answer: asyncio.Future[None] | None = None
        self._number = 0
        """Of the newest play; what the player says of earlier ones is old news."""
        self._ending = ""
        """How the last player ended, if it was not asked to."""
        self._report = PlaybackReport("idle", None, 0.0, 0.0, _NOT_ASKED)

    @property
    def report(self) -> PlaybackReport:
        """The newest report."""
        return self._report

    @property
    def route(self) -> Route:
        """Where sound goes, as far as is known."""
        return self._report.route

    @property
    def player_pid(self) -> int | None:
        """Process id of the player, if one runs."""
        return self._process.pid if self._process else None

    async def start(self) -> Route:
        """Start the player and look for a device; ``play`` does so itself when this was not called."""
        async with self._turn:
            await self._launch()
        return self.route

    async def play(self, path: Path, start: float = 0.0) -> None:
        """Play a file from ``start`` seconds on, in place of what plays.

        Returns when it has begun or has failed; which of the two, and why, is in the report.
        """
        path = Path(os.path.abspath(path))  # noqa: PTH100 (no .., and links as they were typed)
        async with self._turn:
            self._number += 1
            self._report = replace(self._report, state="idle", path=path, position_s=start, duration_s=0.0)
            # Twice: a player that died while it was idle may be noticed only now.
            for _ in range(2):
                if not await self._launch():
                    break
                command = {"id": self._number, "path": str(path), "start": start, "volume": self._volume}
                await self._ask("play", **command)
                if self._alive or self._report.state != "idle":
                    return
            self._fail("device", self._unheard(self._ending))

    async def stop(self) -> None:
        """Stop what plays; nothing happens when nothing does."""
        async with self._turn:
            if self._process is not None and self._report.state == "playing":
                await self._ask("stop")

    async def close(self) -> None:
        """End the player; a later ``play`` starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            if self._report.state == "playing":
                self._report = replace(self._report, state="idle", message="")
            await process.close()

    async def _launch(self) -> bool:
        """Have a player that has looked for a device; whether there is one."""
        if self._process is None:
            self._process = await PlayerProcess.launch(self._hear, self._lost)
            await self._ask()
            if not self._alive:
                self._publish(route=no_route(self._ending))
        return self._alive

    @property
    def _alive(self) -> bool:
        return self._process is not None

    async def _ask(self, do: str = "", **values: Any) -> None:
        """Give a command, or none, and wait until the player has answered or ended; one that hangs is ended."""
        process = self._process
        assert process is not None
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if do:
                    await process.send(do=do, **values)
                await self._answer
        except TimeoutError:
            self._lost(f"the sound system of this machine has not answered for {ANSWER_SECONDS:.0f} s")
            await process.kill()

    def _hear(self, said: dict[str, Any]) -> None:
        """Turn one report of the player into one of ours."""
        kind, number = said["report"], said.get("id")
        if number not in (None, self._number):
            return
        if kind == "ready":
            self._publish(route=device_route(said["backend"], said["device"]))
        elif kind == "no_device":
            self._publish(route=no_route(said["reason"]))
            if number is not None:
                self._fail("device", self._unheard(said["reason"]))
        elif kind == "started":
            self._begin(said["seconds"])
        elif kind == "position":
            self._publish(position_s=said["seconds"])
        elif kind == "ended":
            self._publish(state="idle", position_s=said["seconds"], message="", complete=said["complete"])
        elif kind == "error":
            file = said["fault"] == "file"
            self._fail(said["fault"], said["message"] if file else self._unheard(said["message"]))
        if kind != "position" and not (kind == "ready" and number is not None):
            self._answered()

    def _lost(self, reason: str) -> None:
        """The player is gone; unless it was told to go, that is said."""
        if self._process is not None:
            self._process = None
            self._ending = reason
            if self._report.state == "playing":
                self._fail("device", f"The sound broke off: {reason}; the file is {self._report.path}")
        self._answered()

    def _begin(self, seconds: float) -> None:
        assert self._report.path is not None
        message = f"{self._report.path.name} on {self.route.label}"
        self._publish(state="playing", duration_s=seconds, message=message, complete=False, fault="")

    def _unheard(self, reason: str) -> str:
        return f"{reason[:1].upper()}{reason[1:]}; the file is {self._report.path}"

    def _fail(self, fault: Literal["file", "device"], message: str) -> None:
        self._publish(state="failed", message=message, complete=False, fault=fault)

    def _answered(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def _publish(self, **changes: Any) -> None:
        self._report = replace(self._report, **changes)
        self._on_report(self._report)
