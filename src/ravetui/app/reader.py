"""Looks at a workspace's run folders again and again; knows nothing of widgets."""

from dataclasses import dataclass, replace

from ravetui.app.arrangement import Read, arrangement_of
from ravetui.app.detail import DetailReader
from ravetui.app.follow import Watcher, detail_of, mark_of, watcher_of
from ravetui.app.foreign_detail import ForeignDetailReader
from ravetui.app.snapshot import Detail, Gaze, RunRow, Snapshot
from ravetui.errors import RavetuiError
from ravetui.runs import control
from ravetui.runs.estimate import with_estimates
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import TENSORBOARD, ForeignFolder
from ravetui.runs.foreign.source_watch import SourceWatch
from ravetui.runs.foreign.sources import KEPT, Missing
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.queue import Queue, QueueFolder
from ravetui.runs.state import run_status
from ravetui.runs.summary import RunSummary
from ravetui.runs.trash import list_trash
from ravetui.runs.workspace import Workspace


@dataclass
class _Followed:
    """A run that is being followed."""

    mark: object
    """What identifies its ``spec.toml``: another one is another run of the same name."""
    watcher: Watcher
    detail: DetailReader | ForeignDetailReader
    summary: RunSummary | None = None
    note: tuple[object, str] = (None, "")
    """What identifies its ``notes.md``, and what that says."""


class WorkspaceReader:
    """Makes snapshots. One thread at a time may use it.

    A run whose folder is damaged becomes a row that says so; it hides no other.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sources = SourceWatch(workspace)
        self._followed: dict[str, _Followed] = {}
        self._charts: tuple[object, Read] = (None, Read())

    def look(self, gaze: Gaze) -> Snapshot:
        """The workspace as it is now."""
        own = self._workspace.run_folders()
        others = self._sources.look(frozenset(folder.name for folder in own))
        folders: list[RunFolder] = [*own, *others.runs]
        rows, detail = [_absent(self._workspace, missing) for missing in others.missing], None
        for folder in folders:
            row, found = self._look_at(folder, gaze)
            rows.append(row)
            detail = found or detail
        for gone in self._followed.keys() - {folder.name for folder in folders}:
            del self._followed[gone]
        data = self._workspace.data.glob("*/index.json")
        names = (path.parent.name for path in data)
        return Snapshot(
            runs=_ordered(_estimated(rows), QueueFolder(self._workspace.queue).read()),
            detail=detail,
            datasets=tuple(sorted(name for name in names if not name.startswith("."))),
            trash=next((item.name for item in list_trash(self._workspace)), ""),
            charts=self._arrangement(),
        )

    def _arrangement(self) -> Read:
        """Which charts are shown, read again when somebody has changed it."""
        file = arrangement_of(self._workspace.root)
        if (mark := file.mark) != self._charts[0]:
            self._charts = (mark, file.read())
        return self._charts[1]

    def _look_at(self, folder: RunFolder, gaze: Gaze) -> tuple[RunRow, Detail | None]:
        foreign = folder if isinstance(folder, ForeignFolder) else None
        # Whatever is wrong inside one run's folder, of whatever version or by whatever hand, must not hide the others.
        try:
            followed = self._follow(folder)
            summary = followed.summary = _summary(followed)
            row = RunRow(folder.name, summary, requests=control.pending(folder), foreign=foreign, note=_note(followed))
            if folder.name != gaze.run:
                return row, None
        except Exception as error:
            self._followed.pop(folder.name, None)
            return RunRow(folder.name, None, *_words(folder, error), foreign=foreign), None
        try:
            return row, followed.detail.look(gaze, summary.progress)
        except Exception as error:
            return replace(row, fault=_words(folder, error)[0], fault_title=_words(folder, error)[1]), None

    def _follow(self, folder: RunFolder) -> _Followed:
        mark = mark_of(folder)
        followed = self._followed.get(folder.name)
        if followed is None or followed.mark != mark:
            watcher = watcher_of(folder)
            followed = self._followed[folder.name] = _Followed(mark, watcher, detail_of(watcher))
        return followed


def _summary(followed: _Followed) -> RunSummary:
    """The run's summary; that of an ended run is not read again."""
    known = followed.summary
    if isinstance(followed.watcher, ForeignWatcher):
        return followed.watcher.summary()
    if known is not None and not known.status.state.is_live and run_status(followed.watcher.run) == known.status:
        return known
    return followed.watcher.summary()


def _absent(workspace: Workspace, missing: Missing) -> RunRow:
    """A source with nothing to show."""
    folder = ForeignFolder(workspace.root / KEPT / missing.name, missing.path, TENSORBOARD)
    return RunRow(missing.name, None, missing.sentence, missing.title, foreign=folder)


def _note(followed: _Followed) -> str:
    """What is written beside a run, read again only when it has changed; empty when it is no text."""
    path = followed.watcher.run.notes
    try:
        found = path.stat()
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        if mark != followed.note[0]:
            followed.note = (mark, path.read_text("utf-8", "replace"))
    except OSError:
        return ""
    return followed.note[1]


def _words(folder: RunFolder, error: Exception) -> tuple[str, str]:
    """What is wrong, as a sentence and in two words."""
    if isinstance(error, RavetuiError):
        return str(error), error.title.lower()
    return f"{folder.path} cannot be read: {type(error).__name__}: {error}.", "damaged folder"


def _estimated(rows: list[RunRow]) -> list[RunRow]:
    """The rows with an end for each run whose like has been timed."""
    summaries = with_estimates([row.summary for row in rows if row.summary is not None])
    known = {summary.name: summary for summary in summaries}
    return [replace(row, summary=known.get(row.name)) for row in rows]


def _ordered(rows: list[RunRow], queue: Queue) -> tuple[RunRow, ...]:
    """Runs that train first, then the queue in its order, damaged ones last, and else the newest first."""
    newest = sorted(rows, key=lambda row: row.summary.spec.created if row.summary else "", reverse=True)
    return tuple(sorted(newest, key=lambda row: _rank(row, queue)))


def _rank(row: RunRow, queue: Queue) -> tuple[int, int]:
    if row.is_queued:
        return 1, queue.place(row.name) or 0
    return (0 if row.is_live else 2 if row.summary else 3), 0
