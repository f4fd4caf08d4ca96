"""Something that plays: the laptop's listener, a device of this machine, or a page in a browser."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from ravetui.app.sound.process import PlayerProcess
from ravetui.app.sound.route import Route, device_route, no_route


class Outlet(Protocol):
    """Obeys the commands of :mod:`ravetui.app.sound.player` and reports as that does."""

    patience: float
    """Seconds within which it must answer a play."""

    @property
    def route(self) -> Route | None:
        """Where it is heard; None before that is known."""
        ...

    async def send(self, **command: Any) -> None:
        """Give a command."""
        ...

    async def close(self) -> None:
        """Let it go."""
        ...

    async def kill(self) -> None:
        """Let it go, though it does not answer."""
        ...


class DeviceOutlet:
    """The player process of this machine.

    Args:
        on_report: Called with each report.
        on_end: Called once, with a clause that says how it ended, unless it was closed.
    """

    patience = 20.0

    def __init__(self, on_report: Callable[[dict[str, Any]], None], on_end: Callable[[str], None]) -> None:
        self.route: Route | None = None
        self._on_report = on_report
        self._on_end = on_end
        self._process: PlayerProcess | None = None
        self._looked = asyncio.Event()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id, if it runs."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it and wait until it has looked for a device, has ended, or hangs."""
        self._process = await PlayerProcess.launch(self._hear, self._lost)
        try:
            async with asyncio.timeout(self.patience):
                await self._looked.wait()
        except TimeoutError:
            self.hang()
            await self.kill()

    def hang(self) -> None:
        """It has not answered."""
        self._lost(f"the sound system of this machine has not answered for {self.patience:.0f} s")

    async def send(self, **command: Any) -> None:
        """Give a command; a process that is gone is reported by ``on_end``, not here."""
        if self._process is not None:
            await self._process.send(**command)

    async def close(self) -> None:
        """End it."""
        self._closed = True
        if self._process is not None:
            await self._process.close()

    async def kill(self) -> None:
        """End it now."""
        self._closed = True
        if self._process is not None:
            await self._process.kill()

    def _hear(self, said: dict[str, Any]) -> None:
        if said["report"] == "ready":
            self.route = device_route(said["backend"], said["device"])
        elif said["report"] == "no_device":
            self.route = no_route(said["reason"])
        self._looked.set()
        self._on_report(said)

    def _lost(self, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self.route = no_route(reason)
            self._looked.set()
            self._on_end(reason)
