"""The bridge as a process: who may connect, what is carried, what it does with nonsense, and when it goes."""

import asyncio
import os
import random
import socket
import stat
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ravetui.app.sound.wire.bridge import frames_of
from ravetui.app.sound.wire.frame import Frame, Kind
from ravetui.app.sound.wire.message import message, read_message
from tests.fuzz import fuzzed_frames
from tests.listening import Server, server
from tests.pulse import PATIENCE
from tests.terminal import RAVETUI

__all__ = ["server"]

READY: dict[str, Any] = {"backend": "PulseAudio", "device": "Speakers", "host": "graz"}


class End:
    """One end of a wire."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._frames = frames_of(reader)
        self.writer = writer

    async def hear(self, kind: Kind) -> Frame:
        """The next frame of that kind."""
        async with asyncio.timeout(PATIENCE):
            async for frame in self._frames:
                if frame.kind is kind:
                    return frame
        raise AssertionError("the stream ended")

    async def ended(self) -> None:
        """Until nothing more comes."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self._frames:
                pass

    async def say(self, frame: Frame) -> None:
        self.writer.write(frame.encode())
        await self.writer.drain()


class Bridge(End):
    """The listener's end of a running bridge."""

    def __init__(self, process: Process, server: Server) -> None:
        assert process.stdout is not None and process.stdin is not None
        super().__init__(process.stdout, process.stdin)
        self.process = process
        self._server = server

    async def screen(self) -> End:
        (path,) = self._server.sockets()
        return End(*await asyncio.open_unix_connection(path))


@pytest.fixture
async def bridge(server: Server) -> AsyncIterator[Bridge]:
    """Ready."""
    process = await asyncio.create_subprocess_exec(RAVETUI, "audio-bridge", stdin=PIPE, stdout=PIPE)
    made = Bridge(process, server)
    await made.hear(Kind.HELLO)
    assert server.sockets() == []
    await made.say(message(Kind.HELLO, version=1, program="test"))
    await made.say(message(Kind.HAVE, clips=["a" * 32]))
    await made.say(message(Kind.READY, **READY))
    await made.hear(Kind.OPEN)
    yield made
    made.writer.close()
    async with asyncio.timeout(PATIENCE):
        await process.wait()
    assert process.returncode == 0
    assert server.sockets() == []


async def test_a_screen_is_told_at_once_who_listens(bridge: Bridge) -> None:
    screen = await bridge.screen()
    assert read_message(await screen.hear(Kind.READY)) == READY
    assert read_message(await screen.hear(Kind.HAVE)) == {"clips": ["a" * 32]}
    screen.writer.close()


async def test_frames_go_to_the_one_that_they_are_for(bridge: Bridge) -> None:
    one, other = await bridge.screen(), await bridge.screen()
    await one.hear(Kind.READY)
    await other.hear(Kind.READY)
    channels = {(await bridge.hear(Kind.OPEN)).channel for _ in range(2)}
    await one.say(message(Kind.SEEK, id=1, seconds=2.0))
    mine = (await bridge.hear(Kind.SEEK)).channel
    assert mine in channels
    await bridge.say(message(Kind.POS, (channels - {mine}).pop(), id=5, seconds=1.0))
    await bridge.say(message(Kind.POS, mine, id=6, seconds=1.0))
    assert read_message(await one.hear(Kind.POS))["id"] == 6
    assert read_message(await other.hear(Kind.POS))["id"] == 5
    one.writer.close()
    assert (await bridge.hear(Kind.CLOSE)).channel == mine
    other.writer.close()


async def test_the_socket_is_its_owners_alone(bridge: Bridge, server: Server) -> None:
    (path,) = server.sockets()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert str(bridge.process.pid) in path.name


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user, which only root can")
async def test_another_user_cannot_connect_and_is_not_heard_even_past_the_modes(bridge: Bridge, server: Server) -> None:
    (path,) = server.sockets()
    program = """
import os, socket, sys
os.setgid(65534); os.setuid(65534)
one = socket.socket(socket.AF_UNIX); one.settimeout(10)
try:
    one.connect(sys.argv[1])
except PermissionError:
    print("refused")
else:
    try:
        one.sendall(bytes.fromhex(sys.argv[2]))
        print("heard" if one.recv(1) else "hung up")
    except ConnectionError:
        print("hung up")
"""
    stop = Frame(Kind.STOP).encode().hex()

    async def attempt() -> str:
        command = (sys.executable, "-I", "-c", program, str(path), stop)
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
        out, _ = await process.communicate()
        return out.decode().strip()

    assert await attempt() == "refused"
    # Even with the modes wide open the kernel tells who it is.
    for folder in (*path.parents[:3], path):
        folder.chmod(0o777)
    assert await attempt() == "hung up"
    screen = await bridge.screen()
    await screen.hear(Kind.READY)
    await screen.say(message(Kind.SEEK, id=77, seconds=0.0))
    async for frame in bridge._frames:
        assert frame.kind is not Kind.STOP
        if frame.kind is Kind.SEEK:
            break
    screen.writer.close()


async def test_no_port_is_opened(bridge: Bridge) -> None:
    inodes = {
        link.readlink().name.removeprefix("socket:[").removesuffix("]")
        for link in Path(f"/proc/{bridge.process.pid}/fd").iterdir()
        if link.readlink().name.startswith("socket:")
    }
    for table in ("tcp", "tcp6", "udp", "udp6"):
        lines = Path(f"/proc/{bridge.process.pid}/net/{table}").read_text().splitlines()[1:]
        assert not inodes & {line.split()[9] for line in lines}


async def test_ten_thousand_fuzzed_frames_from_both_sides_leave_it_working(bridge: Bridge) -> None:
    children = Path(f"/proc/{bridge.process.pid}/task/{bridge.process.pid}/children")
    before = len(list(Path(f"/proc/{bridge.process.pid}/fd").iterdir()))
    screen = await bridge.screen()
    await screen.hear(Kind.READY)
    chosen = random.Random(1)

    async def drain(end: End) -> None:
        async for _ in end._frames:
            pass

    draining = asyncio.create_task(drain(screen))
    hearing = asyncio.create_task(drain(bridge))
    for one, other in zip(fuzzed_frames(chosen, 5000), fuzzed_frames(chosen, 5000), strict=True):
        screen.writer.write(one)
        # An enemy's hello of another version ends the bridge by design; what the listener says is checked elsewhere.
        bridge.writer.write(other)
        await asyncio.gather(screen.writer.drain(), bridge.writer.drain())
    hearing.cancel()
    draining.cancel()
    await asyncio.gather(hearing, draining, return_exceptions=True)
    bridge._frames = frames_of(bridge.process.stdout)  # type: ignore[arg-type]
    after = await bridge.screen()
    await after.hear(Kind.READY)
    await after.say(message(Kind.SEEK, id=12345, seconds=0.0))
    # What is left of the fuzz comes before it.
    while b"12345" not in (await bridge.hear(Kind.SEEK)).payload:
        pass
    assert children.read_text() == ""
    assert len(list(Path(f"/proc/{bridge.process.pid}/fd").iterdir())) <= before + 2
    screen.writer.close()
    after.writer.close()


def test_typed_by_hand_it_says_what_to_type_instead() -> None:
    leader, follower = os.openpty()
    done = subprocess.run([RAVETUI, "audio-bridge"], stdin=follower, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(leader)
    os.close(follower)
    assert done.returncode == 1
    assert "Run `ravetui listen`" in done.stderr


async def test_a_screen_that_reads_nothing_is_let_go(bridge: Bridge, server: Server) -> None:
    (path,) = server.sockets()
    lazy = socket.socket(socket.AF_UNIX)
    lazy.connect(str(path))
    channel = (await bridge.hear(Kind.OPEN)).channel
    text = message(Kind.ERROR, channel, id=1, fault="file", message="x" * 512)
    for _ in range(6000):
        await bridge.say(text)
    assert (await bridge.hear(Kind.CLOSE)).channel == channel
    lazy.close()
