"""The bridge: runs on the server at the end of the listener's ssh, and lets this user's screens speak to the listener.

It understands no audio. What comes from a screen gets that screen's channel and goes up; what comes down goes to the
screen it is for. It answers a screen that connects with what it knows of the listener, so that attaching takes no round
trip. It ends, and its socket with it, when its input does or when the listener has been silent for too long.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ravetui.app.sound.wire.frame import Frame, FrameDecoder, Kind
from ravetui.app.sound.wire.message import VERSION, WireError, message, read_message
from ravetui.app.sound.wire.rendezvous import is_ours, open_socket
from ravetui.errors import SoundError

PING_SECONDS = 3.0
SILENT_SECONDS = 12.0
"""A listener, or a bridge, that was not heard for this long is taken for gone."""

_UP = {Kind.PING, Kind.PLAY, Kind.OFFER, Kind.DATA, Kind.STOP, Kind.SEEK, Kind.LOOP, Kind.GAIN}
"""What a screen may say."""
_DOWN = {Kind.PING, Kind.HAVE, Kind.LACK, Kind.ACK, Kind.START, Kind.POS, Kind.END, Kind.ERROR}
"""What a listener may say to a screen."""

_BEHIND = 1 << 20
"""Bytes that may wait for a screen; one that reads no more than that is let go."""
_MOST_SCREENS = 64
_MOST_CLIPS = 4096


class Bridge:
    """Between one listener and any number of screens.

    Args:
        up: Writes to the listener.
    """

    def __init__(self, up: asyncio.StreamWriter) -> None:
        self._up = up
        self._screens: dict[int, asyncio.StreamWriter] = {}
        self._last = 0
        self._ready: dict[str, Any] | None = None
        self._clips: dict[str, None] = {}
        """What the listener has; in the order in which it got it."""
        self._path: Path | None = None
        self._server: asyncio.Server | None = None
        self._heard = 0.0

    async def run(self, down: asyncio.StreamReader) -> None:
        """Say hello, open the socket when the listener is ready, and carry frames until it is gone.

        Raises:
            SoundError: No socket can be made, or the listener speaks another protocol.
        """
        loop = asyncio.get_running_loop()
        beat = asyncio.create_task(self._beat(asyncio.current_task()))
        self._heard = loop.time()
        try:
            await self._send(message(Kind.HELLO, version=VERSION, program=_program()))
            async for frame in frames_of(down):
                self._heard = loop.time()
                with contextlib.suppress(WireError):
                    await self._from_listener(frame)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            beat.cancel()
            self._close()

    async def _from_listener(self, frame: Frame) -> None:
        if frame.channel:
            if frame.kind in _DOWN and frame.channel in self._screens:
                self._tell(frame.channel, frame)
            return
        if frame.kind is Kind.HELLO and read_message(frame)["version"] != VERSION:
            raise SoundError("Other version", "The listener on the laptop speaks another version of the protocol.")
        if frame.kind is Kind.READY:
            self._ready = read_message(frame)
            await self._open()
        elif frame.kind is Kind.HAVE:
            for clip in read_message(frame)["clips"]:
                self._clips[clip] = None
            while len(self._clips) > _MOST_CLIPS:
                del self._clips[next(iter(self._clips))]
        elif frame.kind is Kind.LACK:
            self._clips.pop(read_message(frame)["clip"], None)
        else:
            return
        for channel in list(self._screens):
            self._tell(channel, frame)

    async def _open(self) -> None:
        if self._server is None:
            server, self._path = open_socket()
            self._server = await asyncio.start_unix_server(self._screen, sock=server)
            # Only from here on is it true that screens can be heard.
            await self._send(Frame(Kind.OPEN))

    async def _screen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One screen, from its coming to its going."""
        peer: socket.socket = writer.get_extra_info("socket")
        if not is_ours(peer) or len(self._screens) >= _MOST_SCREENS:
            writer.close()
            return
        channel = self._channel()
        self._screens[channel] = writer
        assert self._ready is not None
        self._tell(channel, message(Kind.HELLO, version=VERSION, program=_program()))
        self._tell(channel, message(Kind.READY, **self._ready))
        self._tell(channel, message(Kind.HAVE, clips=list(self._clips)))
        try:
            await self._send(Frame(Kind.OPEN, channel=channel))
            async for frame in frames_of(reader):
                if frame.kind in _UP:
                    await self._send(Frame(frame.kind, frame.payload, channel))
        except ConnectionError:
            pass
        finally:
            self._screens.pop(channel, None)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await self._send(Frame(Kind.CLOSE, channel=channel))

    def _channel(self) -> int:
        while True:
            self._last = self._last % 0xFFFF + 1
            if self._last not in self._screens:
                return self._last

    def _tell(self, channel: int, frame: Frame) -> None:
        writer = self._screens[channel]
        writer.write(frame.encode())
        if writer.transport.get_write_buffer_size() > _BEHIND:
            writer.transport.abort()

    async def _send(self, frame: Frame) -> None:
        self._up.write(frame.encode())
        await self._up.drain()

    async def _beat(self, whole: "asyncio.Task[Any] | None") -> None:
        """Let the listener hear us, and give up on one that is not heard."""
        loop = asyncio.get_running_loop()
        while loop.time() - self._heard < SILENT_SECONDS:
            self._up.write(Frame(Kind.PING).encode())
            await asyncio.sleep(PING_SECONDS)
        if whole is not None:
            whole.cancel()

    def _close(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        for writer in self._screens.values():
            writer.close()
        self._up.transport.abort()


async def frames_of(reader: asyncio.StreamReader) -> AsyncIterator[Frame]:
    """Frames until the stream ends."""
    decoder = FrameDecoder()
    while data := await reader.read(1 << 16):
        for frame in decoder.feed(data):
            yield frame


async def pipes() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Standard input and output as streams."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout.buffer)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


async def serve() -> None:
    """Be the bridge between standard input and output and the screens, until input ends or a signal comes."""
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()
    assert whole is not None
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        loop.add_signal_handler(number, whole.cancel)
    reader, writer = await pipes()
    await Bridge(writer).run(reader)


def _program() -> str:
    from importlib.metadata import version

    return f"ravetui {version('ravetui')}"
