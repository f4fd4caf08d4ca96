"""The screen's end of the wire: it believes the laptop about what was heard, nobody else, and lives through lies."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ravetui.app.sound.playback import Playback
from ravetui.app.sound.wire.bridge import frames_of
from ravetui.app.sound.wire.frame import Frame, Kind
from ravetui.app.sound.wire.message import message, read_message
from ravetui.app.sound.wire.rendezvous import open_socket
from tests.functional.test_sound import Reports
from tests.fuzz import fuzzed_frames
from tests.listening import Server, server
from tests.pulse import PATIENCE, tone

__all__ = ["server"]

READY = message(Kind.READY, backend="PulseAudio", device="Speakers", host="graz")


class Laptop:
    """A bridge and listener that say whatever the test wants."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def start(self) -> None:
        socket, self.path = open_socket()
        self._server = await asyncio.start_unix_server(self._come, sock=socket)

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(message(Kind.HELLO, version=1, program="test").encode() + READY.encode())
        self._came.put_nowait((reader, writer))

    async def screen(self) -> None:
        async with asyncio.timeout(PATIENCE):
            reader, self.writer = await self._came.get()
        self._frames = frames_of(reader)

    async def hear(self, kind: Kind) -> Frame:
        async with asyncio.timeout(PATIENCE):
            async for frame in self._frames:
                if frame.kind is kind:
                    return frame
        raise AssertionError("the screen hung up")

    def say(self, *frames: Frame) -> None:
        self.writer.write(b"".join(frame.encode() for frame in frames))

    async def close(self) -> None:
        self.writer.close()
        self._server.close()
        self.path.unlink()


@pytest.fixture
async def laptop(server: Server) -> AsyncIterator[Laptop]:
    made = Laptop()
    await made.start()
    yield made
    await made.close()


async def test_played_is_said_only_when_the_laptop_says_so(laptop: Laptop, tmp_path: Path) -> None:
    reports = Reports()
    playback = Playback(reports)
    playing = asyncio.create_task(playback.play(tone(tmp_path / "a.flac", 1.0)))
    await laptop.screen()
    number = read_message(await laptop.hear(Kind.PLAY))["id"]
    await laptop.hear(Kind.DATA)
    assert not any(report.sounds for report in reports.all)
    laptop.say(message(Kind.START, id=number, seconds=1.0))
    await playing
    assert playback.report.state == "playing"
    assert playback.report.position_s == 0
    laptop.say(message(Kind.POS, id=number, seconds=0.25))
    await reports.until(lambda report: report.position_s == 0.25)
    laptop.say(message(Kind.END, id=number, frames=24000, seconds=0.5, complete=False))
    end = await reports.until_state("idle")
    assert (end.position_s, end.complete) == (0.5, False)
    await playback.close()


async def test_ten_thousand_fuzzed_frames_from_the_laptop_leave_the_screen_working(
    laptop: Laptop, tmp_path: Path
) -> None:
    reports = Reports()
    playback = Playback(reports)
    path = tone(tmp_path / "a.flac", 0.2)
    playing = asyncio.create_task(playback.play(path))
    await laptop.screen()
    chosen, hellos = random.Random(3), 0
    for data in fuzzed_frames(chosen, 10_000):
        # A hello of another version makes the screen hang up by design.
        if data[4:5] == bytes([Kind.HELLO]):
            hellos += 1
            continue
        laptop.writer.write(data)
        await laptop.writer.drain()
    assert hellos < 1000
    # The last of them may have been cut: what comes next, a laptop's signs of life, fills it up.
    laptop.say(*[Frame(Kind.PING)] * 100)
    await asyncio.wait_for(playing, PATIENCE)
    assert playback.report.route.kind == "listener"
    playing = asyncio.create_task(playback.play(path))
    number = 1
    while number < 2:
        number = read_message(await laptop.hear(Kind.PLAY))["id"]
    laptop.say(message(Kind.START, id=number, seconds=0.2))
    await asyncio.wait_for(playing, PATIENCE)
    laptop.say(message(Kind.END, id=number, frames=9600, seconds=0.2, complete=True))
    assert (await reports.until(lambda report: report.complete)).path == path
    await playback.close()
