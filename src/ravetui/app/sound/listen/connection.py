"""The listener's connection to the bridge: one ssh, started again whenever it ends."""

import asyncio
import contextlib
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ravetui.app.sound.listen.listener import Listener
from ravetui.app.sound.listen.remote import NOT_FOUND
from ravetui.app.sound.wire.bridge import PING_SECONDS, SILENT_SECONDS
from ravetui.app.sound.wire.frame import Frame, FrameDecoder, Kind
from ravetui.app.sound.wire.message import VERSION, message, read_message
from ravetui.errors import SoundError

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds before the first try to connect again, and the most; doubled in between."""

HELLO_SECONDS = 60.0
"""The bridge must answer within this: a person may have to type a password first."""

_SETTLED_SECONDS = 10.0
"""A connection that lived so long was a good one: the next wait is the first again."""

_HOPELESS = ("Permission denied", "Host key verification failed", "Bad configuration option", "command not found")
"""What ssh says when trying again would not help."""


@dataclass(frozen=True)
class Ended:
    """How a connection ended."""

    reason: str
    """A clause."""
    again: bool
    """Whether to try again."""
    remedy: str = ""


class Connection:
    """Keeps a listener connected.

    Args:
        argv: What starts the bridge.
        host: As the person typed it.
        listener: Plays.
        say: Prints a line for the person.
    """

    def __init__(self, argv: Sequence[str], host: str, listener: Listener, say: Callable[[str], None]) -> None:
        self._argv = list(argv)
        self._host = host
        self._listener = listener
        self._say = say
        self._decoder = FrameDecoder()
        self._tail = b""
        self.connected = 0
        """How often there was a connection."""

    async def run(self) -> None:
        """Connect again and again until cancelled.

        Raises:
            SoundError: It makes no sense to try again.
        """
        wait, loop = FIRST_WAIT, asyncio.get_running_loop()
        while True:
            began, before = loop.time(), self.connected
            ended = await self._once()
            if not ended.again and not self.connected:
                raise SoundError("Not connected", ended.reason, ended.remedy)
            if self.connected > before and loop.time() - began > _SETTLED_SECONDS:
                wait = FIRST_WAIT
            self._say(f"{ended.reason} Trying again in {wait:.0f} s.")
            # Not all laptops that lost one server shall come back in the same moment.
            await asyncio.sleep(wait * random.uniform(0.9, 1.1))
            wait = min(2 * wait, LONGEST_WAIT)

    async def _once(self) -> Ended:
        """One connection from its beginning to its end."""
        self._decoder, self._tail = FrameDecoder(), b""
        try:
            process = await asyncio.create_subprocess_exec(*self._argv, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        except OSError as error:
            return Ended(f"{self._argv[0]} cannot be started: {error.strerror}.", False, "Install an ssh client.")
        errors = asyncio.create_task(self._pass_on_errors(process))
        try:
            silent = await self._carry(process)
        finally:
            self._listener.detach()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            code = await process.wait()
            await errors
        return self._ending(code, silent=silent)

    async def _carry(self, process: Process) -> bool:
        """Carry frames until the stream ends; whether that was because nothing came any more."""
        assert process.stdin is not None and process.stdout is not None
        stdin, greeted, first = process.stdin, False, self.connected
        beat: asyncio.Task[None] | None = None
        try:
            while True:
                limit = SILENT_SECONDS if greeted else HELLO_SECONDS
                async with asyncio.timeout(limit):
                    data = await process.stdout.read(1 << 16)
                if not data:
                    return False
                for frame in self._decoder.feed(data):
                    if not greeted and frame.kind is Kind.HELLO:
                        greeted = True
                        self._greet(read_message(frame)["version"], stdin)
                        beat = asyncio.create_task(self._beat(stdin))
                    elif greeted and frame.kind is Kind.OPEN and not frame.channel:
                        if self.connected == first:
                            self._opened()
                    elif greeted:
                        self._listener.take(frame)
        except TimeoutError:
            return self.connected > first
        except ConnectionError:
            return False
        finally:
            if beat is not None:
                beat.cancel()

    def _greet(self, version: int, stdin: asyncio.StreamWriter) -> None:
        if version != VERSION:
            raise SoundError(
                "Other version",
                f"ravetui on {self._host} speaks version {version} of the protocol, this one {VERSION}.",
                "Install the same ravetui on both machines.",
            )

        def send(frame: Frame) -> None:
            if not stdin.is_closing():
                stdin.write(frame.encode())

        send(message(Kind.HELLO, version=VERSION, program="ravetui listen"))
        self._listener.attach(send, self._host)

    def _opened(self) -> None:
        """The bridge has its socket."""
        self.connected += 1
        again = " again" if self.connected > 1 else ""
        self._say(f"Connected{again} to {self._host}: what its ravetui plays is heard here. Ctrl-C ends.")

    async def _beat(self, stdin: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                stdin.write(Frame(Kind.PING).encode())
                await stdin.drain()
                await asyncio.sleep(PING_SECONDS)

    async def _pass_on_errors(self, process: Process) -> None:
        """Show what ssh says, and keep the end of it."""
        assert process.stderr is not None
        while data := await process.stderr.read(4096):
            self._tail = (self._tail + data)[-4096:]
            sys.stderr.buffer.write(data)
            sys.stderr.buffer.flush()

    def _ending(self, code: int, *, silent: bool) -> Ended:
        errors = self._tail.decode(errors="replace")
        if silent:
            return Ended(f"{self._host} has not answered for {SILENT_SECONDS:.0f} s.", True)
        if code == NOT_FOUND:
            remedy = "Say where it is: `ravetui listen --remote PATH/bin/ravetui HOST`; that is remembered."
            return Ended(f"There is no ravetui to be found on {self._host}.", False, remedy)
        if "No such command 'audio-bridge'" in errors:
            return Ended(
                f"The ravetui on {self._host} is too old to be heard from here.", False, "Install it anew there."
            )
        last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "")
        last = last.rstrip(".")
        if any(word in errors for word in _HOPELESS):
            return Ended(f"{self._host} cannot be reached: {last}.", False, f"See that `ssh {self._host}` works.")
        if self.connected:
            return Ended(f"The connection to {self._host} broke off{f': {last}' if last else ''}.", True)
        if code == 255:
            return Ended(f"{self._host} cannot be reached: {last or 'ssh ended without a word'}.", True)
        said = last or self._decoder.noise.strip().rpartition("\n")[2].rstrip(".")
        return Ended(f"No bridge on {self._host}: {said or f'ssh ended with code {code}'}.", False, "")
