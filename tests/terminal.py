"""A real terminal for the real program: a pseudo-terminal whose screen can be read and whose keys can be pressed."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

RAVETUI = str(Path(sys.executable).with_name("ravetui"))
"""The program as it is installed."""
KEYS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "ctrl+p": "\x10"}


class Terminal:
    """Runs one program in a pseudo-terminal until the ``with`` block ends.

    Args:
        argv: The program and its arguments.
        columns: Width in cells.
        rows: Height in cells.
        environment: Variables beside ours.
    """

    def __init__(
        self, argv: Sequence[str], *, columns: int = 120, rows: int = 34, environment: Mapping[str, str] | None = None
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.exit_code: int | None = None
        self.written = bytearray()
        """What the program wrote, as bytes; a test may clear it."""
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            # Not execvp's view of the environment: readline puts a COLUMNS of its own into the C library's.
            ours = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            ours |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
            os.execvpe(argv[0], list(argv), ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._handle)

    @property
    def text(self) -> str:
        """The screen as it is now."""
        self._read(0.0)
        return "\n".join(self._screen.display)

    def press(self, *keys: str) -> None:
        """Press keys one after the other: names of :data:`KEYS`, or texts as they are typed."""
        for key in keys:
            os.write(self._handle, KEYS.get(key, key).encode())

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = 60.0) -> str:
        """Read until the screen holds a text, or fulfils a condition; returns it.

        Raises:
            AssertionError: It did not within ``seconds``; the message is the screen.
        """
        deadline = time.monotonic() + seconds
        while True:
            text = self.text
            if wanted in text if isinstance(wanted, str) else wanted(text):
                return text
            assert time.monotonic() < deadline, f"{wanted!r} did not come in {seconds} s. The screen is:\n{text}"
            self._read(0.1)

    def wait_for_quiet(self, seconds: float = 1.0) -> None:
        """Read until the program has written nothing for so long."""
        while select.select([self._handle], [], [], seconds)[0]:
            self._read(0.0)

    def wait_for_exit(self, seconds: float = 30.0) -> int:
        """Read until the program has ended; returns its exit code."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None:
            assert time.monotonic() < deadline, f"it did not end in {seconds} s. The screen is:\n{self.text}"
            self._read(0.1)
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code

    def hang_up(self) -> None:
        """Close the terminal as a lost connection does: the program gets SIGHUP."""
        os.kill(self.pid, signal.SIGHUP)

    def _read(self, seconds: float) -> None:
        while select.select([self._handle], [], [], seconds)[0]:
            try:
                data = os.read(self._handle, 1 << 16)
            except OSError:
                return
            if not data:
                return
            self.written += data
            self._stream.feed(data)
            seconds = 0.0
