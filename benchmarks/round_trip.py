"""Claim: over a line of 200 ms a key takes one round trip and no second one, and writes less than a screen.

The program runs in a pseudo-terminal behind a line that keeps every byte back for half the round trip, each way. For
each key: the time from pressing it to the first and the last byte that it causes, over the round trip; the same without
a line; and the bytes. A key that asked the terminal something would take two. Prints JSON.

    python benchmarks/round_trip.py WORKSPACE --size 120x34 --rtt 0.2
"""

import argparse
import heapq
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

KEYS = {
    "turn": ("\x1b[C", "\x1b[D"),
    "log": ("l", "l"),
    "smooth": ("w", "w", "w", "w"),
    "zoom": ("+", "-"),
    "cursor": (",", ",", "0"),
    "axis": ("h", "h", "h"),
    "phase": ("j", "j", "j"),
    "all curves": ("g",),
    "walk": ("\x1b[C", "\x1b[B", "\x1b[C", "\x1b[A"),
    "cursor in all": (",", ",", "0"),
    "enlarge": ("\r", "\r"),
    "leave": ("q",),
}
_QUIET = 0.4
"""So long without a byte, seconds, beyond the round trip: the key has done what it does."""


class Line:
    """A program behind a slow line.

    Args:
        argv: The program.
        size: Columns and rows.
        rtt: Round trip, seconds.
    """

    def __init__(self, argv: list[str], size: tuple[int, int], rtt: float) -> None:
        self._delay = rtt / 2
        self._up: list[tuple[float, bytes]] = []
        self._down: list[tuple[float, int]] = []
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execvp(argv[0], argv)

    def press(self, key: str, quiet: float = _QUIET) -> tuple[float, int]:
        """Seconds until the last byte that a key causes has come, and how many came."""
        began = last = time.monotonic()
        heapq.heappush(self._up, (began + self._delay, key.encode()))
        count = 0
        while (now := time.monotonic()) < last + 2 * self._delay + quiet:
            while self._up and self._up[0][0] <= now:
                os.write(self._handle, heapq.heappop(self._up)[1])
            if select.select([self._handle], [], [], 0.002)[0]:
                heapq.heappush(self._down, (time.monotonic() + self._delay, len(os.read(self._handle, 1 << 16))))
            while self._down and self._down[0][0] <= now:
                count += heapq.heappop(self._down)[1]
                last = now
        return last - began, count

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self._handle)


def measured(options: argparse.Namespace, rtt: float) -> dict[str, dict[str, float]]:
    """Median seconds and most bytes of each kind of key."""
    columns, rows = (int(part) for part in options.size.split("x"))
    program = str(Path(sys.executable).with_name("ravetui"))
    line = Line([program, "-w", options.workspace], (columns, rows), rtt)
    while not line.press("", 2.0)[1]:
        pass
    found = {}
    for name, keys in KEYS.items():
        pressed = [line.press(key) for key in keys]
        seconds = [each for each, count in pressed if count] or [0.0]
        found[name] = {"seconds": statistics.median(seconds), "bytes": max(count for _, count in pressed)}
    line.close()
    return found


def main(options: argparse.Namespace) -> None:
    """With the line and without it."""
    slow, fast = measured(options, options.rtt), measured(options, 0.0)
    rows = {
        name: {
            "round_trips": round(slow[name]["seconds"] / options.rtt, 2),
            "beyond_one_ms": round(1e3 * (slow[name]["seconds"] - options.rtt)),
            "without_line_ms": round(1e3 * fast[name]["seconds"]),
            "bytes": int(slow[name]["bytes"]),
        }
        for name in KEYS
    }
    print(json.dumps({"size": options.size, "rtt_s": options.rtt, "keys": rows}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace")
    parser.add_argument("--size", default="120x34")
    parser.add_argument("--rtt", type=float, default=0.2)
    main(parser.parse_args())
