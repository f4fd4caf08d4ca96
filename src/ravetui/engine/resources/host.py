"""What this machine, or the control group that the trainer is in, has left: memory, cores, disk."""

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ravetui.engine.resources.own_groups import own_groups

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
_SHARE = 1000
"""The size of a folder is taken again when this many times as long as it took has passed, and not before a minute."""
_OFTEN = 60.0


@dataclass(frozen=True)
class Memory:
    """Memory that the trainer may use, bytes; NaN where the kernel does not say."""

    free: float
    """What can still be had without swapping; pages of files count as free."""
    total: float


def memory(proc: Path = _PROC, cgroups: Path = _CGROUPS) -> Memory:
    """The machine's memory, or that of the narrowest control group (cgroups(7)) above this process."""
    known = _numbers(proc / "meminfo", 1024)
    free, total = known.get("MemAvailable", math.nan), known.get("MemTotal", math.nan)
    for folder, names in _groups("memory", proc, cgroups):
        limit, used = (_number(folder / name) for name in names[:2])
        if limit is None or used is None or not limit < total:
            continue
        reclaimable = _numbers(folder / "memory.stat", 1).get(names[2], 0.0)
        free, total = min(free, max(limit - used + reclaimable, 0.0)), limit
    return Memory(free, total)


def cores(proc: Path = _PROC, cgroups: Path = _CGROUPS) -> float:
    """How many cores' time this process may use: those it may run on, or the quota of its control group."""
    found = float(len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else float(os.cpu_count() or 1)
    for folder, _ in _groups("cpu", proc, cgroups):
        try:
            if (folder / "cpu.max").exists():
                quota, period = (folder / "cpu.max").read_text().split()
            else:
                quota, period = ((folder / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period"))
            if quota not in ("max", "-1"):
                found = min(found, int(quota) / int(period))
        except (OSError, ValueError):
            continue
    return found


def disk_free(path: Path) -> float:
    """Bytes that a user who is not root can still write where a path lies; NaN when nobody says."""
    try:
        found = os.statvfs(path)
    except OSError:
        return math.nan
    return float(found.f_bavail * found.f_frsize)


class FolderSize:
    """How much of the disk a folder takes, looked at rarely: it may hold many thousand files on a slow disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = math.nan
        self._next = 0.0

    def look(self) -> float:
        """Bytes, at most a minute old, or as old as it takes to spend a thousandth of the time on it."""
        began = time.monotonic()
        if began >= self._next:
            self._known = float(sum(_sizes(self._path)))
            ended = time.monotonic()
            self._next = ended + max(_OFTEN, _SHARE * (ended - began))
        return self._known


def _sizes(path: Path) -> Iterator[int]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                try:
                    yield 512 * entry.stat(follow_symlinks=False).st_blocks
                    if entry.is_dir(follow_symlinks=False):
                        yield from _sizes(Path(entry.path))
                except FileNotFoundError:
                    continue
    except OSError:
        return


def _groups(controller: str, proc: Path, cgroups: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """Folders that may limit this process, and what the files of its memory are called, of version 1 or 2."""
    second = ("memory.max", "memory.current", "inactive_file")
    first = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    for own in own_groups(controller, proc, cgroups):
        for folder in (own.folder, *own.folder.parents):
            if folder.is_relative_to(own.root) and folder.is_dir():
                yield folder, second if own.unified else first


def _number(path: Path) -> float | None:
    """The number that a file holds; None when there is none, or no limit."""
    try:
        return float(int(path.read_text()))
    except (OSError, ValueError):
        return None


def _numbers(path: Path, unit: int) -> dict[str, float]:
    try:
        words = (line.replace(":", " ").split() for line in path.read_text().splitlines())
        return {line[0]: float(line[1]) * unit for line in words if len(line) > 1 and line[1].isdigit()}
    except OSError:
        return {}
