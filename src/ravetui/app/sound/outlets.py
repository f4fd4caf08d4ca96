"""Which outlet is to play: an attached listener, a device of this machine, a page in the laptop's browser, or none."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ravetui.app.sound.outlet import DeviceOutlet, Outlet
from ravetui.app.sound.route import Route, no_route

if TYPE_CHECKING:
    from ravetui.app.sound.page.outlet import PageOutlet
    from ravetui.app.sound.wire.link import Link
    from ravetui.app.sound.wire.lookout import Lookout

NO_DEVICE = "this machine has no sound device"


class Outlets:
    """Finds outlets and keeps them. All belongs to one event loop.

    Args:
        on_report: Called with an outlet and what it reports.
        on_end: Called with an outlet that has gone, and a clause that says why.
        on_change: Called when another outlet may be the best.
    """

    def __init__(
        self,
        on_report: Callable[[Outlet, dict[str, Any]], None],
        on_end: Callable[[Outlet, str], None],
        on_change: Callable[[], None],
    ) -> None:
        self._on_report = on_report
        self._on_end = on_end
        self._on_change = on_change
        self._link: Link | None = None
        self._device: DeviceOutlet | None = None
        self._no_device = no_route("no sound device was looked for yet")
        """Why there is no device."""
        self._page: PageOutlet | None = None
        self._lookout: Lookout | None = None
        self._watching: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def route(self) -> Route:
        """Where the next sound goes, as far as is known."""
        found = self._best_known()
        route = found.route if found is not None else None
        return route if route is not None and route.audible else self._no_device

    @property
    def device_pid(self) -> int | None:
        """Process id of the device's player, if one runs."""
        return self._device.pid if self._device else None

    @property
    def link_path(self) -> Path | None:
        """Socket of the bridge that is attached."""
        return self._link.path if self._link else None

    def watch(self) -> None:
        """From now on see listeners come and go."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    async def find(self) -> Outlet | None:
        """The best outlet, after looking for all that come before it."""
        await self._look()
        if self._link is not None:
            return self._link
        if self._device is None:
            await self._start_device()
        return self._best_known() or self._device

    async def open_page(self) -> "PageOutlet":
        """The page for the laptop's browser, served from now on.

        Raises:
            SoundError: No port of the loopback can be had.
        """
        from ravetui.app.sound.page.outlet import PageOutlet

        if self._page is None:

            def hear(said: dict[str, Any]) -> None:
                if self._page is not None:
                    self._on_report(self._page, said)

            self._page = PageOutlet(hear, self._on_change)
        return self._page

    async def close(self) -> None:
        """Let everything go."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        outlets = [item for item in (self._link, self._device, self._page) if item is not None]
        self._link = self._device = self._page = None
        self._lookout = None
        for outlet in outlets:
            await outlet.close()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def forget(self, outlet: Outlet, reason: str) -> None:
        """An outlet has gone or is given up."""
        if outlet is self._link:
            assert self._link is not None
            if self._lookout is not None:
                self._lookout.lost(self._link.path)
            self._link = None
        elif outlet is self._device:
            self._device, self._no_device = None, no_route(reason)
        elif outlet is self._page:
            self._page = None
        self._leave(outlet)
        self._on_change()

    def _best_known(self) -> Outlet | None:
        """In the order in which they come; only what can be heard."""
        for outlet in (self._link, self._device, self._page):
            if outlet is not None and outlet.route is not None and outlet.route.audible:
                return outlet
        return None

    async def _watch(self) -> None:
        await self._look()
        if self._link is None and not _may_have_device():
            self._no_device = no_route(NO_DEVICE)
        self._on_change()
        if self._lookout is None:
            return
        from ravetui.app.sound.wire.rendezvous import leave_program

        await asyncio.to_thread(leave_program)
        with contextlib.suppress(asyncio.CancelledError):
            await self._lookout.run()

    async def _look(self) -> None:
        """Attach to the newest listener."""
        if self._lookout is None:
            if sys.platform == "win32":
                return
            from ravetui.app.sound.wire.link import Link
            from ravetui.app.sound.wire.lookout import Lookout

            def make(path: Path) -> Link:
                link = Link(path, lambda said: self._on_report(link, said), lambda reason: self._ended(link, reason))
                return link

            self._lookout = Lookout(make, self._attached)
        await self._lookout.look()

    async def _start_device(self) -> None:
        device = DeviceOutlet(lambda said: self._hear_device(device, said), lambda reason: self._ended(device, reason))
        self._device = device
        await device.start()

    def _hear_device(self, device: DeviceOutlet, said: dict[str, Any]) -> None:
        if device.route is not None and not device.route.audible:
            self._no_device = device.route
        self._on_report(device, said)

    def _attached(self, link: "Link") -> None:
        before, self._link = self._link, link
        if before is not None:
            self._leave(before)
            self._on_end(before, "another listener has come")
        self._on_change()

    def _ended(self, outlet: Outlet, reason: str) -> None:
        if outlet in (self._link, self._device, self._page):
            self.forget(outlet, reason)
            self._on_end(outlet, reason)

    def _leave(self, outlet: Outlet) -> None:
        """Close it in its own time."""
        task = asyncio.get_running_loop().create_task(outlet.close())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def _may_have_device() -> bool:
    """Whether it is worth looking for a device; decided without any sound library."""
    if sys.platform != "linux" or os.environ.get("PULSE_SERVER"):
        return True
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}"):
        if folder and any(Path(folder, name).exists() for name in ("pulse/native", "pipewire-0")):
            return True
    try:
        return "no soundcards" not in Path("/proc/asound/cards").read_text()
    except OSError:
        return any(path.exists() for path in (Path.home() / ".asoundrc", Path("/etc/asound.conf")))
