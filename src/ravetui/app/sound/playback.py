"""What the screen and the command line play sound with; the playing itself is done elsewhere: see ``outlet``."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ravetui.app.sound.cue import Cue, absolute, bounded, factor
from ravetui.app.sound.outlet import Outlet
from ravetui.app.sound.outlets import NO_DEVICE, Outlets
from ravetui.app.sound.report import About, PlaybackReport
from ravetui.app.sound.route import Route

if TYPE_CHECKING:
    from ravetui.app.sound.page.outlet import PageOutlet

RESUME_SECONDS = 120.0
"""A clip whose laptop was lost goes on by itself if the laptop is back within this."""

_NOTHING = PlaybackReport("idle", None, 0.0, 0.0, Route("nowhere", "nowhere: not looked for yet"))


class Playback:
    """Plays one file at a time, wherever it can be heard.

    All methods belong to one event loop, Textual's for instance, and so does the callback.

    Args:
        on_report: Called with every change and, while playing, with the position about 15 times a second.
        volume: Factor for everything, 0 to 1.
    """

    def __init__(self, on_report: Callable[[PlaybackReport], None], volume: float = 1.0) -> None:
        self._on_report = on_report
        self._volume = volume
        self._outlets = Outlets(self._hear, self._lost, self._outlets_changed)
        self._outlet: Outlet | None = None
        """Where the newest play was asked for."""
        self._turn = asyncio.Lock()
        """Held by the one command that was not answered yet."""
        self._answer: asyncio.Future[bool] | None = None
        self._number = 0
        """Of the newest play; what is said of earlier ones is old news."""
        self._cue: Cue | None = None
        """Of the newest play, with the loop and gain of now."""
        self._lost_at = 0.0
        """When the laptop was lost in mid-play; 0: it was not."""
        self._ending = ""
        """How the last outlet ended, if it was not asked to."""
        self._resuming: asyncio.Task[None] | None = None
        self._report = _NOTHING

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
        """Process id of the player of this machine's device, if one runs."""
        return self._outlets.device_pid

    def watch(self) -> None:
        """From now on see listeners come and go; costs no process and no sound library."""
        self._outlets.watch()

    async def start(self) -> Route:
        """Find out where sound goes; ``play`` does so itself when this was not called."""
        async with self._turn:
            await self._outlets.find()
            self._publish()
        return self.route

    async def open_page(self) -> "PageOutlet":
        """Serve a page for the laptop's browser; what is played is heard there when nothing better is attached.

        Raises:
            SoundError: No port of the loopback can be had.
        """
        return await self._outlets.open_page()

    async def play(
        self, path: Path, start: float = 0.0, *, loop: bool = False, gain_db: float = 0.0, about: About | None = None
    ) -> None:
        """Play a file from ``start`` seconds on, in place of what plays.

        Returns when it has begun or has failed; which of the two, and why, is in the report.
        """
        await self._play(Cue(absolute(path), start, about or About(), loop, bounded(gain_db)))

    async def switch(self, path: Path, *, gain_db: float = 0.0, about: About | None = None) -> None:
        """Play another version of the clip that plays, from the position where that is, without a gap.

        The loop stays as it is. When nothing plays it is played from its beginning.
        """
        loop, playing = self._report.loop, self._report.sounds
        start = self._report.position_s if playing else 0.0
        await self._play(Cue(absolute(path), start, about or About(), loop, bounded(gain_db), switch=playing))

    async def prepare(self, path: Path) -> None:
        """Say that a file may be played or switched to next, so that it is on the laptop by then."""
        if (found := self._outlet) is not None:
            await found.send(do="prepare", path=str(absolute(path)))

    async def seek(self, seconds: float) -> None:
        """Go on from that second; nothing happens when nothing plays."""
        async with self._turn:
            if self._report.state == "playing" and self._outlet is not None:
                bounded = min(max(seconds, 0.0), self._report.duration_s)
                await self._outlet.send(do="seek", id=self._number, seconds=bounded)

    async def set_loop(self, on: bool) -> None:
        """Begin the clip again at its end, or do not; for what plays and for what is switched to."""
        async with self._turn:
            self._publish(loop=on)
            self._cue = replace(self._cue, loop=on) if self._cue else None
            if self._report.sounds and self._outlet is not None:
                await self._outlet.send(do="loop", id=self._number, on=on)

    async def set_gain(self, gain_db: float) -> None:
        """Slide to that gain, dB beside the volume; a switch or play brings its own."""
        async with self._turn:
            self._publish(gain_db=bounded(gain_db))
            self._cue = replace(self._cue, gain_db=bounded(gain_db)) if self._cue else None
            if self._report.sounds and self._outlet is not None:
                await self._outlet.send(do="volume", id=self._number, volume=self._volume * factor(bounded(gain_db)))

    async def stop(self) -> None:
        """Stop what plays; nothing happens when nothing does."""
        async with self._turn:
            self._lost_at = 0.0
            if self._report.state == "waiting":
                number, self._number = self._number, self._number + 1
                if self._outlet is not None:
                    await self._outlet.send(do="stop", id=number)
                self._publish(state="idle", message="", complete=False)
            elif self._outlet is not None and self._report.state == "playing":
                await self._ask(self._outlet, do="stop", id=self._number)

    async def close(self) -> None:
        """Let go of all outlets; a later ``play`` finds them again."""
        self._lost_at = 0.0
        if self._resuming is not None:
            self._resuming.cancel()
        if self._report.sounds:
            self._report = replace(self._report, state="idle", message="")
        self._outlet = None
        await self._outlets.close()

    async def _play(self, cue: Cue) -> None:
        async with self._turn:
            self._lost_at, self._ending = 0.0, ""
            self._number += 1
            answered: bool | None = False
            before, self._cue = self._outlet, cue
            if not cue.switch:
                self._report = replace(self._report, state="idle", position_s=cue.start, duration_s=0.0)
                self._report = replace(self._report, path=cue.path, about=cue.about)
            # Twice: an outlet that died while it was idle may be noticed only now.
            for _ in range(2):
                self._outlet = found = await self._outlets.find()
                if found is None:
                    break
                if before is not None and before is not found and self._report.sounds:
                    await before.send(do="stop", id=self._number - 1)
                if (answered := await self._ask(found, **cue.command(self._number, self._volume))) or answered is None:
                    break
            if not answered:
                self._fail("device", self._unheard(self._ending or self._outlets.route.reason or NO_DEVICE))

    async def _ask(self, outlet: Outlet, **command: Any) -> bool | None:
        """Give a command and wait for the answer: True; False: the outlet died; None: it hangs and is given up."""
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(outlet.patience):
                await outlet.send(**command)
                return await self._answer
        except TimeoutError:
            who = "the laptop" if outlet.route is None or outlet.route.kind != "device" else "the sound system"
            self._ending = f"{who} has not answered for {outlet.patience:.0f} s"
            self._outlets.forget(outlet, self._ending)
            await outlet.kill()
            return None

    def _hear(self, outlet: Outlet, said: dict[str, Any]) -> None:
        """Turn one report of an outlet into one of ours."""
        kind, number = said["report"], said.get("id")
        if outlet is not self._outlet or number != self._number or self._cue is None:
            if kind in ("ready", "no_device") and number is None:
                self._publish()
            return
        if kind == "no_device":
            self._fail("device", self._unheard(said["reason"]))
        elif kind == "started":
            self._begin(said["seconds"])
        elif kind == "position":
            self._publish(state="playing", position_s=said["seconds"], message=self._where())
        elif kind == "silent":
            self._publish(state="waiting", message="The laptop does not answer; it may go on playing what it has.")
        elif kind == "answers" and self._report.state == "waiting":
            self._publish(state="playing", message=self._where())
        elif kind == "ended":
            self._publish(state="idle", position_s=said["seconds"], message="", complete=said["complete"])
        elif kind == "error":
            file = said["fault"] == "file"
            self._fail("file" if file else "device", said["message"] if file else self._unheard(said["message"]))
        if kind in ("no_device", "started", "ended", "error"):
            self._answered(True)

    def _lost(self, outlet: Outlet, reason: str) -> None:
        """An outlet has gone that was not told to."""
        if outlet is not self._outlet:
            return
        self._outlet, self._ending = None, reason
        if self._report.sounds and outlet.route is not None and outlet.route.kind == "listener":
            loop = asyncio.get_running_loop()
            self._lost_at = loop.time()
            loop.call_later(RESUME_SECONDS, self._give_up, self._lost_at)
            at = f"{int(self._report.position_s) // 60}:{int(self._report.position_s) % 60:02d}"
            message = f"The connection to the laptop broke off at {at}; the sound goes on when the laptop is back."
            self._publish(state="waiting", message=message)
        elif self._report.sounds:
            self._fail("device", f"The sound broke off: {reason}; the file is {self._report.path}")
        self._answered(False)

    def _give_up(self, lost_at: float) -> None:
        if self._lost_at == lost_at:
            self._lost_at = 0.0
            self._fail("device", f"The laptop did not come back; the file is {self._report.path}")

    def _outlets_changed(self) -> None:
        self._publish()
        if self._lost_at and self._outlets.route.kind == "listener" and self._cue is not None:
            cue = replace(self._cue, start=self._report.position_s, switch=False)
            self._lost_at = 0.0
            self._resuming = asyncio.get_running_loop().create_task(self._play(cue))

    def _begin(self, seconds: float) -> None:
        assert self._cue is not None
        cue = self._cue
        self._report = replace(self._report, path=cue.path, about=cue.about, loop=cue.loop, gain_db=cue.gain_db)
        self._report = replace(self._report, state="playing", route=self._present_route())
        self._publish(duration_s=seconds, message=self._where(), complete=False, fault="")

    def _where(self) -> str:
        assert self._report.path is not None
        return f"{self._report.path.name} on {self._report.route.label}"

    def _unheard(self, reason: str) -> str:
        path = self._cue.path if self._cue else self._report.path
        return f"{reason[:1].upper()}{reason[1:]}; the file is {path}"

    def _fail(self, fault: Literal["file", "device"], message: str) -> None:
        self._publish(state="failed", message=message, complete=False, fault=fault)

    def _answered(self, how: bool) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(how)

    def _present_route(self) -> Route:
        """That of what plays, else that of what would be played next."""
        heard = self._outlet.route if self._outlet is not None and self._report.sounds else None
        return heard if heard is not None and heard.audible else self._outlets.route

    def _publish(self, **changes: Any) -> None:
        self._report = replace(self._report, **changes)
        self._report = replace(self._report, route=self._present_route())
        self._on_report(self._report)
