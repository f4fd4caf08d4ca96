"""The screen's end of the player process: starts it, writes commands, reads reports, says why it ended."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from typing import Any

QUIT_SECONDS = 3.0
"""A player that has been told to quit gets this long before it is killed."""


class PlayerProcess:
    """A running ``ravetui.app.sound.player``.

    Args:
        process: Started with pipes on all three streams.
        on_report: Called with each report, in the event loop.
        on_end: Called once, with a clause that says how it ended.
    """

    def __init__(
        self, process: Process, on_report: Callable[[dict[str, Any]], None], on_end: Callable[[str], None]
    ) -> None:
        self._process = process
        self._on_report = on_report
        self._on_end = on_end
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def launch(
        cls, on_report: Callable[[dict[str, Any]], None], on_end: Callable[[str], None]
    ) -> "PlayerProcess":
        """Start the player in a session of its own, so that Ctrl-C reaches only us."""
        command = (sys.executable, "-P", "-m", "ravetui.app.sound.player")
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
        return cls(process, on_report, on_end)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    async def send(self, **command: Any) -> None:
        """Write one command; a process that is gone is reported by ``on_end``, not here."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            await self._process.stdin.drain()

    async def close(self) -> None:
        """Tell it to quit, and kill it if it does not."""
        await self.send(do="quit")
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                await asyncio.shield(self._reading)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        errors = asyncio.create_task(self._errors())
        async for line in self._process.stdout:
            self._on_report(json.loads(line))
        noise, code = await errors, await self._process.wait()
        self._on_end(f"the player ended by itself ({noise or f'exit code {code}'})")

    async def _errors(self) -> str:
        """The last line on standard error, where sound libraries print as well."""
        assert self._process.stderr is not None
        tail = b""
        while data := await self._process.stderr.read(4096):
            tail = (tail + data)[-4096:]
        lines = tail.decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
