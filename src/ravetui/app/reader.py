"""Looks at a workspace's run folders again and again; knows nothing of widgets."""

from dataclasses import dataclass, replace

from ravetui.app.arrangement import Read, arrangement_of
from ravetui.app.detail import DetailReader
from ravetui.app.snapshot import Detail, Gaze, RunRow, Snapshot
from ravetui.errors import RavetuiError
from ravetui.runs import control
from ravetui.runs.estimate import with_estimates
from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import Queue, QueueFolder
from ravetui.runs.state import run_status
from ravetui.runs.summary import RunSummary, RunWatcher
from ravetui.runs.trash import list_trash
from ravetui.runs.workspace import Workspace


@dataclass
class _Followed:
    """A run that is being followed."""

    mark: object
    """What identifies its ``spec.toml``: another one is another run of the same name."""
    watcher: RunWatcher
    detail: DetailReader
    summary: RunSummary | None = None


class WorkspaceReader:
    """Makes snapshots. One thread at a time may use it.

    A run whose folder is damaged becomes a row that says so; it hides no other.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._followed: dict[str, _Followed] = {}
        self._charts: tuple[object, Read] = (None, Read())

    def look(self, gaze: Gaze) -> Snapshot:
        """The workspace as it is now."""
        folders = self._workspace.run_folders()
        rows, detail = [], None
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
        # Whatever is wrong inside one run's folder, of whatever version or by whatever hand, must not hide the others.
        try:
            followed = self._follow(folder)
            summary = followed.summary = _summary(followed)
            row = RunRow(folder.name, summary, requests=control.pending(folder))
            if folder.name != gaze.run:
                return row, None
        except Exception as error:
            self._followed.pop(folder.name, None)
            return RunRow(folder.name, None, *_words(folder, error)), None
        try:
            return row, followed.detail.look(gaze, summary.progress)
        except Exception as error:
            return RunRow(folder.name, summary, *_words(folder, error)), None

    def _follow(self, folder: RunFolder) -> _Followed:
        found = folder.spec_path.stat()
        mark = (found.st_ino, found.st_mtime_ns)
        followed = self._followed.get(folder.name)
        if followed is None or followed.mark != mark:
            watcher = RunWatcher(folder)
            followed = self._followed[folder.name] = _Followed(mark, watcher, DetailReader(folder, watcher.history))
        return followed


def _summary(followed: _Followed) -> RunSummary:
    """The run's summary; that of an ended run is not read again."""
    known = followed.summary
    if known is not None and not known.status.state.is_live and run_status(followed.watcher.run) == known.status:
        return known
    return followed.watcher.summary()


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
