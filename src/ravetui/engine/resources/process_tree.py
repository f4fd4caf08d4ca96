"""What a process and everything it has started use, as ``/proc`` counts it (proc(5))."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from ravetui.runs.process import children

_RESCAN = 6
"""So many looks use the list of processes of one scan; one that has gone is left out at once."""


@dataclass(frozen=True)
class TreeUse:
    """What the processes use; NaN where the kernel does not say."""

    cpu_seconds: float
    """CPU time since the look before, user and system; NaN at the first."""
    memory: float
    """Bytes that only these processes hold: anonymous memory of each, swapped or not, and the shared memory of the one
    that maps most of it. Pages of files do not count, for the kernel takes them back: the dataset is one large mapped
    file, which would look like a leak while it is read for the first time."""
    read: float
    """Bytes read from disks since the look before; NaN at the first."""
    written: float
    """Bytes written to disks since the look before; NaN at the first."""


@dataclass(frozen=True)
class _Counters:
    """Of one process, all since it started."""

    cpu_ticks: int
    anonymous: int
    shared: int
    read: int
    written: int


class ProcessTree:
    """Looks at a process and its descendants again and again.

    Args:
        root: The first of them.
        proc: Where the kernel tells of them.
    """

    def __init__(self, root: int, proc: Path = Path("/proc")) -> None:
        self._root = root
        self._proc = proc
        self._pids: list[int] = []
        self._looks = 0
        self._before: dict[tuple[int, int], _Counters] | None = None
        self._ticks = os.sysconf("SC_CLK_TCK")

    def look(self) -> TreeUse:
        """What they use now. A process that has come since counts from its start; one that has gone, no more."""
        if self._looks % _RESCAN == 0:
            self._pids = self._scan()
        self._looks += 1
        now = dict(found for pid in self._pids if (found := self._counters(pid)) is not None)
        before, self._before = self._before, now
        if not now:
            return TreeUse(math.nan, math.nan, math.nan, math.nan)
        memory = sum(item.anonymous for item in now.values()) + max(item.shared for item in now.values())
        if before is None:
            return TreeUse(math.nan, float(memory), math.nan, math.nan)

        def since(name: str) -> float:
            pairs = ((item, before.get(key)) for key, item in now.items())
            return float(sum(getattr(item, name) - (getattr(old, name) if old else 0) for item, old in pairs))

        return TreeUse(since("cpu_ticks") / self._ticks, float(memory), since("read"), since("written"))

    def _scan(self) -> list[int]:
        found = [self._root]
        for pid in found:
            found += self._children(pid)
        return found

    def _children(self, pid: int) -> list[int]:
        tasks = self._proc / str(pid) / "task"
        try:
            lists = [(tasks / task / "children").read_text() for task in os.listdir(tasks)]  # noqa: PTH208 (names only)
        except FileNotFoundError:  # The process or one of its threads is gone, or this kernel keeps no such lists.
            return children(pid) if self._proc == Path("/proc") else []
        except OSError:
            return []
        return [int(word) for text in lists for word in text.split()]

    def _counters(self, pid: int) -> tuple[tuple[int, int], _Counters] | None:
        """By its pid and its start, which nobody else has; None when it is gone or not ours to look at."""
        folder = self._proc / str(pid)
        try:
            stat = (folder / "stat").read_bytes().rpartition(b")")[2].split()
            status = _table(folder / "status")
        except (OSError, ValueError):
            return None
        try:
            traffic = _table(folder / "io")
        except (OSError, ValueError):
            traffic = {}
        counters = _Counters(
            int(stat[11]) + int(stat[12]),
            1024 * (status.get(b"RssAnon", 0) + status.get(b"VmSwap", 0)),
            1024 * status.get(b"RssShmem", 0),
            traffic.get(b"read_bytes", 0),
            traffic.get(b"write_bytes", 0),
        )
        return (pid, int(stat[19])), counters


def _table(path: Path) -> dict[bytes, int]:
    """Lines ``name: number``; those with other values are left out."""
    pairs = (line.partition(b":") for line in path.read_bytes().splitlines())
    words = ((name, value.split()) for name, _, value in pairs)
    return {name: int(value[0]) for name, value in words if value and value[0].isdigit()}
