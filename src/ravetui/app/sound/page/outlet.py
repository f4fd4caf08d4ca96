"""The page in the laptop's browser as an outlet."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ravetui.app.sound.page.server import PageServer
from ravetui.app.sound.route import Route, page_route
from ravetui.app.sound.source import Source
from ravetui.app.sound.whereabouts import tunnel_command
from ravetui.errors import SoundError

_KEPT_CLIPS = 8


class PageOutlet:
    """Serves the page and passes commands on to it. All but the server's threads belongs to one event loop.

    Args:
        on_report: Called with each report.
        on_change: Called when a page was opened or closed.

    Raises:
        SoundError: No port of the loopback can be had.
    """

    patience = 6.0

    def __init__(self, on_report: Callable[[dict[str, Any]], None], on_change: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_report = on_report
        self._on_change = on_change
        self._playing = 0
        self._told: dict[str, Any] = {}
        """The play that the page was told last, from where it is by now."""
        self._duration = 0.0
        self._server = PageServer(
            lambda said: self._later(lambda: self._hear(said)), lambda there: self._later(lambda: self._attach(there))
        )

    @property
    def route(self) -> Route | None:
        """Where it is heard; None while no page is open."""
        return page_route() if self._server.attached else None

    @property
    def url(self) -> str:
        """What to open on the laptop, through the tunnel."""
        return f"http://127.0.0.1:{self._server.port}/{self._server.token}/"

    @property
    def tunnel(self) -> str:
        """What to type on the laptop first."""
        return tunnel_command(self._server.port)

    async def send(self, **command: Any) -> None:
        """Give a command of a player."""
        do = command["do"]
        if do == "play":
            await self._play(command)
        elif do == "volume":
            self._server.tell(do="volume", id=command["id"], volume=min(1.0, command["volume"]))
        elif do != "prepare":
            self._server.tell(**command)

    async def close(self) -> None:
        """Serve no more."""
        await asyncio.to_thread(self._server.close)

    kill = close

    async def _play(self, command: dict[str, Any]) -> None:
        number, path = command["id"], Path(command["path"])
        try:
            self._duration = await asyncio.to_thread(_length, path)
        except SoundError as error:
            self._server.tell(do="stop")
            self._on_report({"report": "error", "id": number, "fault": "file", "message": error.message})
            return
        self._playing = number
        clips = self._server.clips
        clips[number] = path
        clips.pop(number - _KEPT_CLIPS, None)
        told = {key: command.get(key) for key in ("do", "id", "start", "loop", "switch", "title", "run", "step")}
        self._told = {**told, "clip": f"clip/{number}", "volume": min(1.0, command["volume"]), "file": path.name}
        self._server.tell(**self._told)

    def _attach(self, there: bool) -> None:
        if there and self._playing:
            # The page was loaded anew.
            self._server.tell(**{**self._told, "switch": False})
        if not there and self._playing:
            number, self._playing = self._playing, 0
            said = "the page in the laptop's browser was closed"
            self._on_report({"report": "error", "id": number, "fault": "device", "message": said})
        self._on_change()

    def _hear(self, said: dict[str, Any]) -> None:
        if said["report"] == "started":
            # Maybe after an error: a page that was not allowed to sound begins with the click that allows it.
            self._playing = said["id"]
            said = {**said, "seconds": self._duration}
        if said["report"] == "position" and said["id"] == self._playing:
            self._told["start"] = said["seconds"]
        if said["report"] in ("ended", "error") and said["id"] == self._playing:
            self._playing = 0
        self._on_report(said)

    def _later(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # The screen has gone.
            self._loop.call_soon_threadsafe(call)


def _length(path: Path) -> float:
    """Seconds of a file."""
    source = Source(path)
    source.close()
    return source.frames / source.rate
