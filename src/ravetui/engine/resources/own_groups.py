"""The control groups that this process is in (cgroups(7)): version 2 or 1, seen from in a container or from outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class OwnGroup:
    """A place where the group of this process may be found."""

    root: Path
    """Where groups of its kind are mounted."""
    folder: Path
    """The group in it; the root itself where, from inside a container, its path may name nothing."""
    unified: bool
    """Whether it is of version 2, which has all controllers in one tree."""


def own_groups(controller: str, proc: Path, cgroups: Path) -> Iterator[OwnGroup]:
    """Every place where a controller's group of this process may be, likeliest first.

    Args:
        controller: Such as ``memory``.
        proc: Where procfs is mounted.
        cgroups: Where control groups are.
    """
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        for root in (cgroups / controller,) if controllers else (cgroups, cgroups / "unified"):
            yield OwnGroup(root, root if ".." in group else root / group.strip("/"), not controllers)
