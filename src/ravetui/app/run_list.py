"""Keeps a row for every run of a workspace, and looks again only where something may have changed."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ravetui.app.detail import DetailReader
from ravetui.app.follow import Watcher, mark_of, watcher_of
from ravetui.app.foreign_detail import ForeignDetailReader
from ravetui.app.snapshot import RunRow
from ravetui.errors import RavetuiError
from ravetui.runs import control
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.lock import is_held
from ravetui.runs.mark import file_mark
from ravetui.runs.state import run_status
from ravetui.runs.summary import RunSummary
from ravetui.runs.workspace import Workspace

FIRST_SECONDS = 0.1
"""How long the first look reads runs before it shows what it has: the others are rows without a summary till then."""
LATER_SECONDS = 0.5
"""The same of every later look while there are such rows."""
FEWEST = 32
"""So many runs are read, or looked at, in any case."""
TURNS = 16
"""Ended runs take turns: each is looked at once in so many looks."""


@dataclass
class Followed:
    """A run and what was last seen of it."""

    folder: RunFolder
    row: RunRow
    spec: object = None
    """What identifies its ``spec.toml``: another one is another run of the same name."""
    mark: object = None
    """Changes whenever an ended run's row may."""
    watcher: Watcher | None = None
    detail: DetailReader | ForeignDetailReader | None = None
    note: tuple[object, str] = (None, "")
    """What identifies its ``notes.md``, and what that says."""
    paths: tuple[str, ...] = ()
    """Where what changes it lies, as they are handed to the system a thousand times a look."""
    created: float = 0.0
    """When its spec was written, Unix time, seconds."""

    @property
    def must_be_read(self) -> bool:
        """Whether its row can change although no file of it does, or what went wrong may have been put right."""
        summary = self.row.summary
        goes_on = summary is None or summary.status.state.goes_on or summary.status.job is not None
        return goes_on or isinstance(self.folder, ForeignFolder)


class RunList:
    """All runs of a workspace. One thread at a time may use it.

    A run whose folder is damaged becomes a row that says so; it hides no other.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._followed: dict[str, Followed] = {}
        self._names: list[str] = []
        self.names: frozenset[str] = frozenset()
        """Of the workspace's own runs, as they were at the last look."""
        self._others: tuple[ForeignFolder, ...] = ()
        self._order: list[str] = []
        self._always: set[str] = set()
        """Runs whose rows can change although no file of theirs does."""
        self._unread: dict[str, Followed] = {}
        self._rows: list[RunRow] = []
        self._changed = True
        self._folder: object = None
        self._looks = 0
        self._queue: object = None
        self._turn = 0
        self._begun = False

    @property
    def is_behind(self) -> bool:
        """Whether there are runs that have not been read yet."""
        return bool(self._unread)

    @property
    def is_calm(self) -> bool:
        """Whether no run can change but by somebody's doing."""
        return not self._always and not self._unread

    def created(self, name: str) -> str:
        """When the spec of a run was written, as a spec says it; ISO 8601, UTC."""
        return datetime.fromtimestamp(self._followed[name].created, tz=UTC).isoformat()

    def get(self, name: str | None) -> Followed | None:
        """The run of that name, if it is there."""
        return self._followed.get(name) if name is not None else None

    def look(self, wanted: str | None, others: Sequence[ForeignFolder] = ()) -> list[RunRow]:
        """The rows as they are now, in order of name; the same list as long as none has changed.

        Args:
            wanted: The run that is looked at, and so read first.
            others: Runs of other programs, which come after ours.
        """
        self._look_for_runs(tuple(others))
        queue = file_mark(self._workspace.queue / "queue.json")
        moved, self._queue = queue != self._queue, queue
        turn = set(self._next(max(FEWEST, -(-len(self._followed) // TURNS))))
        due = set(self._followed) if moved else turn | self._always | ({wanted} if wanted else set())
        for name in due:
            run = self._followed.get(name)
            if run is None or run.row.unread:
                continue
            certain = moved or name == wanted or run.must_be_read
            if certain or (name in turn and run.mark != _mark(run)):
                self._read(run)
        self._catch_up(wanted)
        if self._changed:
            self._changed, self._rows = False, [run.row for run in self._followed.values()]
        return self._rows

    def _look_for_runs(self, others: tuple[ForeignFolder, ...]) -> None:
        # A folder's time has a grain: what came within it is found when all are listed anyway.
        folder = file_mark(self._workspace.runs)
        self._looks += 1
        if folder == self._folder and others == self._others and self._looks % TURNS:
            return
        self._folder = folder
        try:
            names = os.listdir(self._workspace.runs)  # noqa: PTH208 (names only, each look)
        except FileNotFoundError:
            names = []
        if names == self._names and others == self._others:
            return
        self._others = others
        found = {}
        for name in sorted(names):
            known = self._followed.get(name)
            if known is None and not name.startswith("."):
                known = self._new(RunFolder(self._workspace.runs / name))
            if known is not None:
                found[name] = known
        for folder in others:
            known = self._followed.get(folder.name)
            same = known is not None and known.folder == folder
            found[folder.name] = known if same and known else Followed(folder, _unread(folder))
        # A folder without a spec may become a run without its name changing: then all are gone through again.
        whole = len(found) == len(others) + sum(not name.startswith(".") for name in names)
        self._followed, self._names = found, names if whole else []
        self._order = list(found)
        self.names = frozenset(name for name, run in found.items() if not isinstance(run.folder, ForeignFolder))
        self._always &= set(found)
        self._unread = {name: run for name, run in found.items() if run.row.unread}
        self._changed = True
        if not whole:
            self._folder = None

    def _new(self, folder: RunFolder) -> Followed | None:
        try:
            created = os.stat(folder.spec_path).st_mtime  # noqa: PTH116 (a thousand at once)
        except OSError:
            return None
        return Followed(folder, _unread(folder), created=created)

    def _next(self, count: int) -> Iterator[str]:
        """The names whose turn it is."""
        names = self._order
        if count >= len(names):
            yield from names
            return
        for _ in range(count):
            self._turn = (self._turn + 1) % len(names)
            yield names[self._turn]

    def _catch_up(self, wanted: str | None) -> None:
        """Read runs that have not been read, for a while: the wanted one, those that train, then the newest."""
        unread = list(self._unread.values())
        if len(unread) > FEWEST:
            unread.sort(key=lambda run: (run.folder.name != wanted, not is_held(run.folder.live_lock), -run.created))
        end = time.monotonic() + (LATER_SECONDS if self._begun else FIRST_SECONDS)
        self._begun = self._begun or bool(unread)
        for number, run in enumerate(unread):
            if number >= (FEWEST if len(unread) <= FEWEST else 1) and time.monotonic() > end:
                return
            self._read(run)

    def _read(self, run: Followed) -> None:
        # Whatever is wrong inside one run's folder, of whatever version or by whatever hand, must not hide the others.
        folder = run.folder
        foreign = folder if isinstance(folder, ForeignFolder) else None
        try:
            spec = mark_of(folder)
            if run.watcher is None or run.spec != spec:
                run.watcher, run.detail, run.spec = watcher_of(folder), None, spec
            summary, asked = _summary(run, run.watcher), control.pending(folder)
            row = RunRow(folder.name, summary, requests=asked, foreign=foreign, note=_note(run))
        except Exception as error:
            run.watcher = run.detail = None
            row = RunRow(folder.name, None, *in_words(folder, error), foreign=foreign)
        self._unread.pop(folder.name, None)
        if row != run.row:
            run.row, self._changed = row, True
        run.mark = _mark(run)
        if row.summary is not None and run.must_be_read:
            self._always.add(folder.name)
        else:
            self._always.discard(folder.name)


def _unread(folder: RunFolder) -> RunRow:
    return RunRow(folder.name, None, unread=True, foreign=folder if isinstance(folder, ForeignFolder) else None)


def _note(run: Followed) -> str:
    """What is written beside a run, read again only when it has changed; empty when it is no text."""
    path = run.folder.notes
    mark = file_mark(path)
    if mark != run.note[0]:
        try:
            run.note = (mark, path.read_text("utf-8", "replace"))
        except OSError:
            run.note = (mark, "")
    return run.note[1]


def _summary(run: Followed, watcher: Watcher) -> RunSummary:
    """The run's summary; that of an ended run is not read again."""
    known = run.row.summary
    if isinstance(watcher, ForeignWatcher):
        return watcher.summary()
    if known is not None and not known.status.state.is_live and run_status(run.folder) == known.status:
        return known
    return watcher.summary()


def _mark(run: Followed) -> object:
    """What changes when an ended run is started, asked, replaced, or has more to say."""
    if not run.paths:
        folder = run.folder
        run.paths = tuple(map(str, (folder.spec_path, folder.attempts, folder.events, folder.notes)))
    attempt = run.row.summary.status.attempt if run.row.summary is not None else 0
    ended = [file_mark(f"{run.paths[1]}/{attempt:04d}/exit.json")] if attempt else []
    return [file_mark(path) for path in run.paths] + ended


def in_words(folder: RunFolder, error: Exception) -> tuple[str, str]:
    """What is wrong, as a sentence and in two words."""
    if isinstance(error, RavetuiError):
        return str(error), error.title.lower()
    return f"{folder.path} cannot be read: {type(error).__name__}: {error}.", "damaged folder"
