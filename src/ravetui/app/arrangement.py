"""Which charts a person wants to see, in which order: one small file of the workspace."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ravetui.errors import ConfigError
from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.lock import acquire

PATIENCE = 5.0
"""How long another screen may take to write its change, seconds."""
_KEPT = "-damaged"


@dataclass(frozen=True)
class Arrangement:
    """Charts by their titles. Titles that are not known here are those of another version: kept, and not shown."""

    pinned: tuple[str, ...] = ()
    """These come first, in this order."""
    order: tuple[str, ...] = ()
    """The others as somebody moved them; empty: as they are by default."""
    hidden: frozenset[str] = frozenset()

    def of(self, titles: Sequence[str]) -> list[str]:
        """All titles in order, hidden ones too.

        One that nobody has moved follows the one that it follows by default.
        """
        rest = [title for title in self.order if title in titles]
        for number, title in enumerate(titles):
            if title not in rest:
                before = next((known for known in reversed(titles[:number]) if known in rest), None)
                rest.insert(0 if before is None else rest.index(before) + 1, title)
        front = [title for title in self.pinned if title in titles]
        return [*front, *(title for title in rest if title not in front)]

    def shown(self, titles: Sequence[str]) -> list[str]:
        """The titles in order without those that are hidden; all of them if that leaves none."""
        found = self.of(titles)
        return [title for title in found if title not in self.hidden] or found

    def with_pin(self, title: str) -> "Arrangement":
        """The chart pinned behind those that are already, or let go."""
        if title in self.pinned:
            return replace(self, pinned=tuple(other for other in self.pinned if other != title))
        return replace(self, pinned=(*self.pinned, title), hidden=self.hidden - {title})

    def with_hidden(self, title: str) -> "Arrangement":
        """The chart hidden, or shown again."""
        return replace(self, hidden=self.hidden ^ {title})

    def with_moved(self, titles: Sequence[str], title: str, by: int, among: Sequence[str]) -> "Arrangement":
        """The chart moved past so many of those that are seen; a pinned one stays among the pinned.

        Args:
            titles: Every title, in the order by default.
            title: Which one.
            by: To the front if negative.
            among: Those that are seen, in order.
        """
        is_pinned = title in self.pinned
        peers = [other for other in among if (other in self.pinned) == is_pinned]
        if title not in peers:
            return self
        goal = peers[min(max(peers.index(title) + by, 0), len(peers) - 1)]
        whole = list(self.pinned) if is_pinned else [other for other in self.of(titles) if other not in self.pinned]
        place = whole.index(goal)
        whole.remove(title)
        whole.insert(place, title)
        unknown = [other for other in self.order if other not in titles]
        return replace(self, pinned=tuple(whole)) if is_pinned else replace(self, order=(*whole, *unknown))


@dataclass(frozen=True)
class Read:
    """What the file says."""

    arrangement: Arrangement = Arrangement()
    fault: str = ""
    """One sentence when some of it was passed over."""


@dataclass(frozen=True)
class ArrangementFile:
    """``.ravetui/charts.json`` of a workspace.

    Args:
        path: That file; it and its folder are made with the first change.
    """

    path: Path

    @property
    def mark(self) -> object:
        """What is another one after each change."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def read(self) -> Read:
        """The arrangement now; what is damaged in it is as if nobody had ever changed it."""
        if not self.path.exists():
            return Read()
        found = read_json(self.path)
        if not isinstance(found, dict):
            return Read(fault=f"{self.path} is damaged: all charts are shown in their usual order.")
        pinned, order, hidden = (_titles(found.get(name, [])) for name in ("pinned", "order", "hidden"))
        fault = f"{self.path} is damaged in part: what of it can be read counts."
        whole = pinned is not None and order is not None and hidden is not None
        read = Arrangement(tuple(pinned or ()), tuple(order or ()), frozenset(hidden or ()))
        return Read(read, "" if whole else fault)

    def change(self, change: Callable[[Arrangement], Arrangement]) -> None:
        """Change what the file says now, so that what another screen has changed meanwhile stays.

        A damaged file is kept beside the new one.

        Raises:
            ConfigError: It cannot be written.
        """
        try:
            self.path.parent.mkdir(exist_ok=True)
            with self._alone():
                before = self.read()
                if before.fault:
                    self.path.replace(self.path.with_stem(self.path.stem + _KEPT))
                after = asdict(change(before.arrangement))
                write_json(self.path, {**after, "hidden": sorted(after["hidden"])})
        except OSError as error:
            raise ConfigError(
                "Charts not remembered", f"{self.path} cannot be written: {error.strerror}.", "Look at disk and rights."
            ) from None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other screen changes the file in here."""
        handle = acquire(self.path.with_suffix(".lock"), patience=PATIENCE)
        if handle is None:
            raise ConfigError("Charts not remembered", f"Another process has {self.path} and keeps it.", "Try again.")
        try:
            yield
        finally:
            os.close(handle)


def arrangement_of(workspace: Path) -> ArrangementFile:
    """The file of a workspace, by its root."""
    return ArrangementFile(workspace / ".ravetui" / "charts.json")


def unknown_words(read: Read, titles: Sequence[str]) -> str:
    """What of an arrangement is passed over here, in one sentence; empty when all of it counts."""
    arrangement = read.arrangement
    named = dict.fromkeys([*arrangement.pinned, *arrangement.order, *sorted(arrangement.hidden)])
    unknown = [title for title in named if title not in titles]
    if read.fault or not unknown:
        return read.fault
    rest = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    return f"charts.json names {unknown[0]!r}{rest}, which this version does not have: left as it is, and not shown."


def _titles(found: object) -> list[str] | None:
    """A list of titles, each once; None when it is something else."""
    if not isinstance(found, list) or not all(isinstance(title, str) for title in found):
        return None
    return list(dict.fromkeys(found))
