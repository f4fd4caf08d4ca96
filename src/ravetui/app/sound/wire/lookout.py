"""Sees within a second that a listener has come or gone, without asking anybody but the file system."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from ravetui.app.sound.wire.link import Link
from ravetui.app.sound.wire.rendezvous import sockets

LOOK_SECONDS = 0.5


class Lookout:
    """Keeps a link to the newest bridge.

    Args:
        make: Makes a link that is not attached yet.
        on_link: Called with each link that is attached; the one before it is not needed any more.
    """

    def __init__(self, make: Callable[[Path], Link], on_link: Callable[[Link], None]) -> None:
        self._make = make
        self._on_link = on_link
        self._path: Path | None = None
        """Of the newest link."""
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Attach to the newest bridge, unless that is so already."""
        async with self._turn:
            for path in sockets():  # a small folder of this machine: listing it is less than asking a thread to
                if path == self._path:
                    return
                link = self._make(path)
                if await link.attach():
                    self._path = path
                    self._on_link(link)
                    return

    def lost(self, path: Path) -> None:
        """A link has ended; it is tried again if its socket is still there."""
        if path == self._path:
            self._path = None

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)
