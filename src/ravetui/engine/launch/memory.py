"""Whether the kernel has killed for want of memory: it counts that, and tells nobody else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ravetui.engine.resources.own_groups import own_groups

MACHINE = "the machine ran out of memory"
LIMIT = "it reached the memory limit of its group (cgroup)"


def oom_kills(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> dict[str, int]:
    """How many processes the kernel has killed for want of memory since the boot: in our control group, and in all.

    A counter that this kernel does not have, or does not show, is left out (cgroups(7), memory.events and
    memory.oom_control; proc_vmstat(5)).
    """
    found = {}
    for path in _group_counters(proc, cgroups):
        if (number := _count(path)) is not None:
            found[LIMIT] = number
            break
    if (number := _count(proc / "vmstat")) is not None:
        found[MACHINE] = number
    return found


def killed_since(before: Mapping[str, int], now: Mapping[str, int]) -> str | None:
    """Where memory ran out in between; empty: nowhere; None: the kernel does not tell."""
    if not now:
        return None
    return next((where for where, number in now.items() if number > before.get(where, number)), "")


def _group_counters(proc: Path, cgroups: Path) -> Iterator[Path]:
    """Where the counter of our own group may be."""
    for own in own_groups("memory", proc, cgroups):
        name = "memory.events" if own.unified else "memory.oom_control"
        yield from (own.folder / name, own.root / name)


def _count(path: Path) -> int | None:
    try:
        words = (line.split() for line in path.read_text().splitlines())
        return next((int(line[1]) for line in words if line[:1] == ["oom_kill"]), None)
    except (OSError, ValueError, IndexError):
        return None
