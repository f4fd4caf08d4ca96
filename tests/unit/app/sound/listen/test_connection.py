"""How the listener comes back, and when it says that there is no sense in trying."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.app.sound.listen.cache import ClipCache
from ravetui.app.sound.listen.connection import Connection
from ravetui.app.sound.listen.listener import Listener
from ravetui.errors import SoundError
from tests.pulse import PATIENCE


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    cache = ClipCache(tmp_path / "clips", 10**6)
    yield Listener(cache, lambda call: call(), lambda _report: None)
    cache.close()


def tried(listener: Listener, script: str, said: list[str]) -> Connection:
    """One whose ssh is a line of shell."""
    return Connection(["sh", "-c", script], "graz", listener, said.append)


async def test_it_waits_twice_as_long_each_time_up_to_a_limit(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    done = asyncio.Event()
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            done.set()
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    said: list[str] = []
    running = asyncio.create_task(tried(listener, "echo no route to host >&2; exit 255", said).run())
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    wanted = [1, 2, 4, 8, 16, 30, 30, 30]
    assert said[:8] == [f"graz cannot be reached: no route to host. Trying again in {wait} s." for wait in wanted]
    # Each a little off, so that not all laptops come back in the same moment.
    assert [wait / want for wait, want in zip(waits, wanted, strict=False)] == [pytest.approx(1, abs=0.1)] * 8
    assert len({wait / want for wait, want in zip(waits, wanted, strict=False)}) > 1


@pytest.mark.parametrize(
    ("script", "message", "remedy"),
    [
        ("exit 127", "There is no ravetui to be found on graz.", "--remote PATH/bin/ravetui HOST"),
        (
            "echo 'you@graz: Permission denied (publickey).' >&2; exit 255",
            "graz cannot be reached: you@graz: Permission denied (publickey).",
            "See that `ssh graz` works.",
        ),
        (
            "echo \"Error: No such command 'audio-bridge'.\" >&2; exit 2",
            "The ravetui on graz is too old to be heard from here.",
            "Install it anew there.",
        ),
        ("echo 'This account is not available.'; exit 1", "No bridge on graz: This account is not available.", ""),
    ],
)
async def test_what_trying_again_would_not_mend_is_said_with_what_would(
    listener: Listener, script: str, message: str, remedy: str
) -> None:
    with pytest.raises(SoundError) as caught:
        await asyncio.wait_for(tried(listener, script, []).run(), PATIENCE)
    assert caught.value.message == message
    assert remedy in caught.value.remedy


async def test_an_ssh_that_is_not_there_is_named(listener: Listener) -> None:
    with pytest.raises(SoundError, match="no-such-ssh cannot be started"):
        await Connection(["no-such-ssh"], "graz", listener, lambda _line: None).run()
