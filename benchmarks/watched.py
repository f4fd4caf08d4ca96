"""A program in a pseudo-terminal, watched with a clock: when what was on its screen, how many bytes, CPU and memory."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watched:
    """Runs one program until the ``with`` block ends.

    What it writes is taken off the terminal at once and stamped; a screen is made of it only while nothing comes, so
    that the watching does not slow down what is watched.

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
        self._pending: list[tuple[float, bytes]] = []
        self.received = 0
        """Bytes so far."""
        self.began = time.monotonic()
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            ours = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            ours |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
            os.execvpe(argv[0], list(argv), ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self._handle)

    @property
    def text(self) -> str:
        """The screen as far as it has been made."""
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Type something."""
        os.write(self._handle, keys.encode())

    def until(self, wanted: str | Callable[[str], bool], seconds: float = 120.0) -> float:
        """When the screen first held a text, or fulfilled a condition, on the clock of ``time.monotonic``.

        Raises:
            TimeoutError: It did not; the message is the screen.
        """

        def holds() -> bool:
            return wanted in self.text if isinstance(wanted, str) else wanted(self.text)

        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._take(0.02) and holds():
                return time.monotonic()
            while self._pending:
                when, data = self._pending.pop(0)
                self._stream.feed(data)
                if holds():
                    return when
                self._take(0.0)
        what = repr(wanted) if isinstance(wanted, str) else "what was waited for"
        raise TimeoutError(f"{what} did not come in {seconds:g} s. The screen is:\n{self.text}")

    def repaint(self, keys: str, *, quiet: float = 0.15, seconds: float = 5.0) -> float | None:
        """Seconds from a key to the last byte of what it paints; None when nothing is painted.

        Args:
            keys: What is typed.
            quiet: The painting is over when so long nothing comes, seconds.
            seconds: How long to wait for the first byte.
        """
        self.settle(quiet)
        began = time.monotonic()
        self.press(keys)
        last = None
        while time.monotonic() < (began + seconds if last is None else last + quiet):
            if self._take(0.01):
                last = self._pending[-1][0]
        return None if last is None else last - began

    def settle(self, quiet: float = 0.3, seconds: float = 60.0) -> None:
        """Wait until nothing has come for a while, and make the screen of it."""
        deadline = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() < min(last + quiet, deadline):
            if self._take(0.02):
                last = time.monotonic()
        for _, data in self._pending:
            self._stream.feed(data)
        self._pending.clear()

    def bursts(self, seconds: float, gap: float = 0.05) -> list[tuple[float, int]]:
        """What is written in the next seconds: for each burst its time and its bytes.

        Args:
            seconds: How long to watch.
            gap: Bursts are so far apart, seconds.
        """
        found: list[tuple[float, int]] = []
        last = 0.0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            before = len(self._pending)
            self._take(0.01)
            for when, data in self._pending[before:]:
                if not found or when - last > gap:
                    found.append((when, 0))
                found[-1] = (found[-1][0], found[-1][1] + len(data))
                last = when
        self.settle(0.0)
        return found

    def cpu(self) -> float:
        """Processor seconds of the program so far, with those of its children that have ended or still run."""
        return family_cpu(self.pid)

    def memory(self) -> float:
        """Resident memory of the program and its children, MB of 10^6 bytes."""
        return family_memory(self.pid)

    def _take(self, seconds: float) -> bool:
        came = False
        while select.select([self._handle], [], [], 0.0 if came else seconds)[0]:
            try:
                data = os.read(self._handle, 1 << 16)
            except OSError as error:
                raise RuntimeError(f"the program has ended. Its screen was:\n{self.text}") from error
            self.received += len(data)
            self._pending.append((time.monotonic(), data))
            came = True
        return came


def family_cpu(pid: int) -> float:
    """Processor seconds of a process and its children."""
    return sum(map(_cpu, _family(pid)))


def family_memory(pid: int) -> float:
    """Resident memory of a process and its children, MB of 10^6 bytes."""
    pages = 0
    for member in _family(pid):
        try:
            pages += int(Path(f"/proc/{member}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _PAGE / 1e6


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _family(pid: int) -> list[int]:
    """A process and its children, all the way down."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(found for child in children for found in _family(int(child)))]
