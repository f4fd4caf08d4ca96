"""Looks at a workspace's run folders again and again; knows nothing of widgets."""

import operator
from dataclasses import replace

from ravetui.app.arrangement import Read, arrangement_of
from ravetui.app.follow import detail_of
from ravetui.app.run_list import Followed, RunList, in_words
from ravetui.app.snapshot import Detail, Gaze, RunRow, Snapshot
from ravetui.runs.estimate import with_estimates
from ravetui.runs.foreign.folder import TENSORBOARD, ForeignFolder
from ravetui.runs.foreign.source_watch import SourceWatch
from ravetui.runs.foreign.sources import KEPT, Missing
from ravetui.runs.mark import file_mark
from ravetui.runs.queue import Queue, QueueFolder
from ravetui.runs.trash import list_trash
from ravetui.runs.workspace import Workspace

REMEMBERED = 3
"""The curves of so many runs that were looked at stay in memory."""


class WorkspaceReader:
    """Makes snapshots. One thread at a time may use it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._list = RunList(workspace)
        self._sources = SourceWatch(workspace)
        self._charts: tuple[object, Read] = (None, Read())
        self._absent: tuple[tuple[Missing, ...], list[RunRow]] = ((), [])
        self._gazed: list[Followed] = []
        self._rows: tuple[list[RunRow], object] = ([], None)
        self._shown: tuple[RunRow, ...] = ()

    @property
    def is_behind(self) -> bool:
        """Whether the last look had no time to read every run: the next one goes on at once."""
        return self._list.is_behind

    @property
    def is_calm(self) -> bool:
        """Whether no run of the list trains, waits or can change in any other way than by somebody's doing."""
        return self._list.is_calm

    @property
    def has_stirred(self) -> bool:
        """Whether the run that is looked at has written anything since the last look; costs some microseconds."""
        run = self._gazed[-1] if self._gazed else None
        return run is not None and run.row.is_live and run.watcher is not None and run.watcher.history.has_grown

    def prepare(self) -> None:
        """Compute, between two looks, what other ways to draw the curves will take."""
        for run in self._gazed[-1:]:
            if run.detail is not None:
                run.detail.prepare()

    def look(self, gaze: Gaze) -> Snapshot:
        """The workspace as it is now."""
        others = self._sources.look(self._list.names)
        rows, missing = self._list.look(gaze.run, others.runs), self._missing(others.missing)
        rows = [*rows, *missing] if missing else rows
        detail = None
        followed = self._list.get(gaze.run)
        if followed is not None and followed.row.summary is not None:
            self._remember(followed)
            detail = self._detail(followed, gaze)
            if followed.row.fault:
                rows = [followed.row if row.name == followed.row.name else row for row in rows]
        data = self._workspace.data.glob("*/index.json")
        names = (path.parent.name for path in data)
        return Snapshot(
            runs=self._ordered(rows),
            detail=detail,
            datasets=tuple(sorted(name for name in names if not name.startswith("."))),
            trash=next((item.name for item in list_trash(self._workspace)), ""),
            charts=self._arrangement(),
        )

    def _missing(self, missing: tuple[Missing, ...]) -> list[RunRow]:
        """Sources with nothing to show: the same rows as long as they are the same."""
        if missing != self._absent[0]:
            self._absent = (missing, [_absent(self._workspace, source) for source in missing])
        return self._absent[1]

    def _arrangement(self) -> Read:
        """Which charts are shown, read again when somebody has changed it."""
        file = arrangement_of(self._workspace.root)
        if (mark := file.mark) != self._charts[0]:
            self._charts = (mark, file.read())
        return self._charts[1]

    def _detail(self, followed: Followed, gaze: Gaze) -> Detail | None:
        row, watcher = followed.row, followed.watcher
        assert row.summary is not None and watcher is not None
        try:
            if followed.detail is None:
                followed.detail = detail_of(watcher)
            return followed.detail.look(gaze, row.summary.progress)
        except Exception as error:
            fault, title = in_words(followed.folder, error)
            followed.row = replace(row, fault=fault, fault_title=title)
            return None

    def _remember(self, followed: Followed) -> None:
        if followed in self._gazed[-1:]:
            return
        self._gazed = [other for other in self._gazed if other is not followed] + [followed]
        for other in self._gazed[:-REMEMBERED]:
            other.detail = None
            if other.watcher is not None:
                other.watcher.history.release()
        self._gazed = self._gazed[-REMEMBERED:]

    def _ordered(self, rows: list[RunRow]) -> tuple[RunRow, ...]:
        """Runs that train first, then the queue in its order, damaged ones last, and else the newest first."""
        mark = file_mark(self._workspace.queue / "queue.json")
        before, known = self._rows
        if known == mark and (before is rows or (len(before) == len(rows) and all(map(operator.is_, before, rows)))):
            return self._shown
        self._rows = (rows, mark)
        queue = QueueFolder(self._workspace.queue).read()
        newest = sorted(_estimated(rows), key=self._created, reverse=True)
        self._shown = tuple(sorted(newest, key=lambda row: _rank(row, queue)))
        return self._shown

    def _created(self, row: RunRow) -> str:
        return row.summary.spec.created if row.summary else self._list.created(row.name) if row.unread else ""


def _estimated(rows: list[RunRow]) -> list[RunRow]:
    """The rows with an end for each run whose like has been timed."""
    summaries = [row.summary for row in rows if row.summary is not None]
    if not any(row.is_live and row.summary is not None and row.summary.progress.eta_s is None for row in rows):
        return rows
    known = {summary.name: summary for summary in with_estimates(summaries)}
    return [row if known.get(row.name) is row.summary else replace(row, summary=known[row.name]) for row in rows]


def _absent(workspace: Workspace, missing: Missing) -> RunRow:
    """A source with nothing to show."""
    folder = ForeignFolder(workspace.root / KEPT / missing.name, missing.path, TENSORBOARD)
    return RunRow(missing.name, None, missing.sentence, missing.title, foreign=folder)


def _rank(row: RunRow, queue: Queue) -> tuple[int, int]:
    if row.is_queued:
        return 1, queue.place(row.name) or 0
    return (0 if row.is_live else 2 if row.summary or row.unread else 3), 0
