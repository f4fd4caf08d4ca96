"""`ravetui listen` as a process whose server is the test: noise, nonsense, damage, and the limits of what it keeps."""

import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ravetui.app.sound.wire.bridge import frames_of
from ravetui.app.sound.wire.flac import encode
from ravetui.app.sound.wire.frame import Frame, Kind
from ravetui.app.sound.wire.message import SEGMENT_FRAMES, message, read_message, segment_frame
from tests.fuzz import fuzzed_frames
from tests.pulse import NO_SOUND, PATIENCE
from tests.terminal import RAVETUI

RELAY = Path(__file__).resolve().parents[4] / "relay.py"
RATE = 8000
CLIP = "c" * 32
BANNER = b"*** Authorised users only ***\r\nconda activate base\n\x00RV\x01 is what our prompt looks like\n"


class Server:
    """The other end of a listener that plays to a null device."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: Process
        self.writer: asyncio.StreamWriter
        self._reader: asyncio.StreamReader
        self._came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def start(self, *options: str) -> None:
        path = self.folder / "s"
        self._server = await asyncio.start_unix_server(lambda *ends: self._came.put_nowait(ends), path)
        environment = {**os.environ, **NO_SOUND, "XDG_CACHE_HOME": str(self.folder)}
        ssh = f"{sys.executable} {RELAY} {path}"
        command = (RAVETUI, "listen", "graz", "--null", "--command", ssh, *options)
        self.process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
        assert self.process.stderr is not None
        self._said = asyncio.create_task(self.process.stderr.read())

    async def come(self, noise: bytes = b"") -> None:
        """The bridge is there."""
        async with asyncio.timeout(PATIENCE):
            self._reader, self.writer = await self._came.get()
        self._frames = frames_of(self._reader)
        self.writer.write(noise + message(Kind.HELLO, version=1, program="test").encode())
        await self.hear(Kind.READY)
        await self.say(Frame(Kind.OPEN))

    async def hear(self, kind: Kind) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            async for frame in self._frames:
                if frame.kind is kind:
                    return read_message(frame)
        raise AssertionError("the listener hung up")

    async def say(self, *frames: Frame) -> None:
        self.writer.write(b"".join(frame.encode() for frame in frames))
        await self.writer.drain()

    async def play(self, number: int, frames: int, clip: str = CLIP, **more: Any) -> None:
        clip_is = {"clip": clip, "codec": "flac", "rate": RATE, "channels": 1, "length": frames}
        how: dict[str, Any] = {"title": "", "run": "", "step": -1, "start": 0.0, "gain": 0.0, "loop": False}
        await self.say(message(Kind.PLAY, 1, id=number, **clip_is, **how | {"switch": False} | more))

    @property
    def clips(self) -> list[Path]:
        return sorted((self.folder / "ravetui" / "clips").iterdir())

    async def close(self) -> str:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            said = await self._said
            await self.process.wait()
        self.writer.close()
        self._server.close()
        return said.decode()


def block(number: int, frames: int = SEGMENT_FRAMES, clip: str = CLIP) -> Frame:
    audio = np.random.default_rng(number).uniform(-0.5, 0.5, (frames, 1)).astype(np.float32)
    return segment_frame(clip, number, encode(audio, RATE))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(Path(tempfile.mkdtemp(prefix="rvt")))
    yield made
    await made.close()
    shutil.rmtree(made.folder)


async def test_a_banner_before_the_first_frame_does_no_harm(server: Server) -> None:
    await server.start()
    await server.come(BANNER)
    await server.play(1, 1000)
    await server.say(block(0, 1000))
    end = await server.hear(Kind.END)
    assert end == {"id": 1, "frames": 1000, "seconds": 0.125, "complete": True}


async def test_audio_that_comes_late_is_waited_for_and_positions_are_what_was_played(server: Server) -> None:
    await server.start()
    await server.come()
    await server.play(1, 2 * SEGMENT_FRAMES, start=0.6)
    await server.hear(Kind.LACK)
    await server.say(block(1))
    await server.hear(Kind.START)
    end = await server.hear(Kind.END)
    # 0.6 s are in the second block, which is all that was ever needed.
    assert end == {"id": 1, "frames": 2 * SEGMENT_FRAMES - 4800, "seconds": 1.024, "complete": True}
    assert [path.suffix for path in server.clips] == [".part"]
    await server.say(block(0))
    assert (await server.hear(Kind.HAVE))["clips"] == [CLIP]
    assert [path.name for path in server.clips] == [f"{CLIP}.clip"]


async def test_damage_on_the_disk_is_found_and_the_clip_is_asked_for_anew(server: Server) -> None:
    await server.start()
    await server.come()
    await server.play(1, 1000)
    await server.say(block(0, 1000))
    await server.hear(Kind.END)
    (path,) = server.clips
    raw = bytearray(path.read_bytes())
    raw[40] ^= 1
    path.write_bytes(bytes(raw))
    await server.play(2, 1000)
    said = await server.hear(Kind.ERROR)
    assert (said["id"], said["fault"]) == (2, "file")
    assert server.clips == []
    await server.play(3, 1000)
    assert await server.hear(Kind.LACK) == {"clip": CLIP}
    await server.say(block(0, 1000))
    assert (await server.hear(Kind.END))["complete"]


async def test_what_is_not_the_announced_audio_is_an_error_of_that_play(server: Server) -> None:
    await server.start()
    await server.come()
    await server.play(1, 1000)
    await server.say(block(0, 900))
    said = await server.hear(Kind.ERROR)
    assert said == {"id": 1, "fault": "file", "message": "A block of audio is not what was announced."}


async def test_ten_thousand_fuzzed_frames_start_nothing_and_leave_it_playing(server: Server) -> None:
    await server.start()
    await server.come()
    pid = server.process.pid

    def children() -> str:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text()

    before, chosen = children(), random.Random(2)

    async def drain() -> None:
        async for frame in server._frames:
            if frame.kind is Kind.END and read_message(frame)["id"] == 999999:
                assert read_message(frame)["complete"]
                return
        raise AssertionError("the listener hung up")

    drained = asyncio.create_task(drain())
    for data in fuzzed_frames(chosen, 10_000):
        server.writer.write(data)
        await server.writer.drain()
    await server.play(999999, 1000)
    await server.say(block(0, 1000))
    async with asyncio.timeout(PATIENCE):
        await drained
    assert children() == before
    assert all(path.parent.name == "clips" for path in server.folder.rglob("*") if path.is_file())
    assert {path.suffix for path in server.clips} <= {".clip", ".part"}


async def test_no_more_is_kept_than_the_limit(server: Server) -> None:
    await server.start("--cache", "16")
    await server.come()
    clip = 2_000_000  # frames of noise: about 4 MB
    blocks = [block(number) for number in range(clip // SEGMENT_FRAMES)]
    for number in range(1, 7):
        name = f"{number:032x}"
        length = len(blocks) * SEGMENT_FRAMES
        await server.play(number, length, name)
        for frame in blocks:
            await server.say(Frame(Kind.DATA, bytes.fromhex(name) + frame.payload[16:], 1))
        while name not in (await server.hear(Kind.HAVE))["clips"]:
            pass
    await server.play(7, 1000, "7" * 32)
    await server.hear(Kind.LACK)
    assert sum(path.stat().st_size for path in server.clips) <= 16e6
    assert f"{6:032x}.clip" in [path.name for path in server.clips]


async def test_after_a_break_it_comes_back_by_itself(server: Server) -> None:
    await server.start("--json")
    await server.come()
    server.writer.close()
    await server.come()
    await server.play(1, 1000)
    await server.hear(Kind.LACK)
    said = await server.close()
    assert "The connection to graz broke off" in said
    assert "Connected again to graz" in said
    assert server.process.returncode == 0
