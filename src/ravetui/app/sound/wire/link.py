"""The screen's end of the wire: obeys the commands of a player and reports as one, but the laptop plays."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ravetui.app.sound.route import Route, listener_route
from ravetui.app.sound.wire.bridge import frames_of
from ravetui.app.sound.wire.frame import Frame, Kind
from ravetui.app.sound.wire.message import VERSION, WireError, message, read_message
from ravetui.app.sound.wire.rendezvous import connect
from ravetui.app.sound.wire.sender import Sender

ATTACH_SECONDS = 2.0
"""A bridge on this machine says at once who listens."""

SILENT_SECONDS, GONE_SECONDS = 3.0, 15.0
"""A laptop that is to play and was not heard for this long does not answer, and has gone."""

_WATCH_SECONDS = 0.5
_REPORTS = {Kind.START: "started", Kind.POS: "position", Kind.END: "ended", Kind.ERROR: "error"}


class Link:
    """A connection to a bridge whose listener is ready. All belongs to one event loop.

    Args:
        path: Of the bridge's socket.
        on_report: Called with each report.
        on_end: Called once, with a clause that says how the connection ended, unless it was closed.
    """

    patience = 6.0
    """Seconds within which the laptop must answer a play."""

    def __init__(self, path: Path, on_report: Callable[[dict[str, Any]], None], on_end: Callable[[str], None]) -> None:
        self.path = path
        self.route: Route | None = None
        """Where it is heard; None before the listener was ready."""
        self._on_report = on_report
        self._on_end = on_end
        self._ready = asyncio.Event()
        self._playing = 0
        """Id of the play that has not ended; 0: none."""
        self._heard = 0.0
        self._silent = False
        self._closed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._writer: asyncio.StreamWriter | None = None
        self._sender: Sender | None = None

    async def attach(self) -> bool:
        """Connect; whether a listener is there and speaks our protocol."""
        found = await asyncio.to_thread(connect, self.path)
        if found is None:
            return False
        found.setblocking(False)
        reader, self._writer = await asyncio.open_unix_connection(sock=found)
        self._sender = Sender(self._writer)
        self._heard = asyncio.get_running_loop().time()
        self._tasks = [asyncio.create_task(work) for work in (self._read(reader), self._watch(), self._sender.run())]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ATTACH_SECONDS):
                await self._ready.wait()
        self._tasks.append(asyncio.create_task(asyncio.to_thread(_warm_up)))
        if self.route is None:
            await self.close()
        return self.route is not None

    async def send(self, **command: Any) -> None:
        """Give a command of a player."""
        do = command["do"]
        if self._closed or self._sender is None:
            return
        try:
            if do == "play":
                await self._play(**command)
            elif do == "prepare":
                self._sender.prepare(Path(command["path"]))
            elif do == "stop":
                await self._write(message(Kind.STOP))
            elif do == "seek":
                await self._seek(command["id"], command["seconds"])
            elif do == "loop":
                await self._write(message(Kind.LOOP, id=command["id"], on=command["on"]))
            elif do == "volume":
                await self._write(message(Kind.GAIN, id=command["id"], gain=_decibel(command["volume"])))
        except ConnectionError:
            self._end("the connection broke off")

    async def close(self) -> None:
        """Let the connection go."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._sender is not None:
            self._sender.close()
        if self._writer is not None:
            self._writer.close()

    kill = close

    async def _play(self, **command: Any) -> None:
        from ravetui.app.sound.wire.upload import Upload
        from ravetui.errors import SoundError

        assert self._sender is not None
        number = command["id"]
        try:
            upload = await asyncio.to_thread(Upload, Path(command["path"]), command["start"])
        except SoundError as error:
            await self._write(message(Kind.STOP))
            self._on_report({"report": "error", "id": number, "fault": "file", "message": error.message})
            return
        self._playing, self._silent = number, False
        self._heard = asyncio.get_running_loop().time()
        await self._write(
            message(
                Kind.PLAY,
                id=number,
                **upload.described,
                title=command.get("title", ""),
                run=command.get("run", ""),
                step=-1 if command.get("step") is None else command["step"],
                start=command["start"],
                gain=_decibel(command["volume"]),
                loop=command["loop"],
                switch=command["switch"],
            )
        )
        self._sender.send(upload, lambda said: self._failed(number, said))

    async def _seek(self, number: int, seconds: float) -> None:
        assert self._sender is not None
        await self._write(message(Kind.SEEK, id=number, seconds=seconds))
        self._sender.go_to(seconds)

    def _failed(self, number: int, said: str) -> None:
        """The file breaks off while it is sent."""
        self._playing = 0
        self._on_report({"report": "error", "id": number, "fault": "file", "message": said})

    async def _write(self, frame: Frame) -> None:
        if self._writer is not None:
            self._writer.write(frame.encode())
            await self._writer.drain()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            async for frame in frames_of(reader):
                self._heard = loop.time()
                if self._silent:
                    self._silent = False
                    self._on_report({"report": "answers", "id": self._playing})
                with contextlib.suppress(WireError):
                    self._take(frame)
        self._end("the connection broke off")

    def _take(self, frame: Frame) -> None:
        assert self._sender is not None
        kind = frame.kind
        if kind is Kind.HELLO and read_message(frame)["version"] != VERSION:
            self._end("it speaks another version of the protocol")
        elif kind is Kind.READY:
            found = read_message(frame)
            self.route = listener_route(found["backend"], found["device"])
            self._ready.set()
            self._on_report({"report": "ready"})
        elif kind is Kind.HAVE:
            self._sender.have(read_message(frame)["clips"])
        elif kind is Kind.LACK:
            self._sender.lack(read_message(frame)["clip"])
        elif kind is Kind.ACK:
            self._sender.acknowledge(read_message(frame)["bytes"])
        elif kind in _REPORTS:
            found = read_message(frame)
            if kind in (Kind.END, Kind.ERROR) and found["id"] == self._playing:
                self._playing = 0
            self._on_report({"report": _REPORTS[kind], **found})

    async def _watch(self) -> None:
        """Ask for a sign of life while something plays, and say when there is none."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            quiet = loop.time() - self._heard
            if not self._playing:
                self._heard = loop.time()
            elif quiet > GONE_SECONDS:
                self._end(f"the laptop has not answered for {GONE_SECONDS:.0f} s")
            elif quiet > SILENT_SECONDS and not self._silent:
                self._silent = True
                self._on_report({"report": "silent", "id": self._playing})
            if self._playing and self._writer is not None:
                self._writer.write(Frame(Kind.PING).encode())

    def _end(self, reason: str) -> None:
        if not self._closed:
            self._closed = True
            if self._writer is not None:
                self._writer.close()
            self._on_end(reason)


def _warm_up() -> None:
    """Load what encodes, so that the first sound does not wait for that."""
    from ravetui.app.sound.wire.flac import warm_up

    warm_up()


def _decibel(factor: float) -> float:
    return max(-100.0, 20 * math.log10(factor)) if factor > 0 else -100.0
