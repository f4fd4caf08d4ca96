"""Several runs side by side: one curve of each, and the numbers that decide between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.smoothing import SMOOTHINGS
from ravetui.app.follow import Watcher, watcher_of
from ravetui.errors import RavetuiError
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.source_watch import SourceWatch
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.history import Series
from ravetui.runs.mark import file_mark
from ravetui.runs.progress import Progress
from ravetui.runs.scores import ScoreRecord, list_scores
from ravetui.runs.summary import RunSummary
from ravetui.runs.tables import table_of
from ravetui.runs.trend import Trend, relative_trend
from ravetui.runs.workspace import Workspace

MOST = 8
"""Runs that can be told apart on one chart."""
_RECENT = 20
"""Validations over which a trend is taken."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One of the runs."""

    summary: RunSummary
    series: Series
    """Of the tag that is compared."""
    last: float | None
    """The newest validation distance."""
    best: float | None
    """The lowest of the present phase: that of phase 1 says nothing of phase 2."""
    best_step: int | None
    trend: Trend | None
    """Of the newest validations of the present phase, a share of their median an epoch."""
    score: ScoreRecord | None
    """The newest."""
    tags: tuple[str, ...] = ()
    """What a run of another program logs."""
    shown: float | None = None
    """Mean of the compared tag over the newest epoch of the present phase."""
    shown_trend: Trend | None = None
    """Of that mean over the newest epochs, a share of their median an epoch."""

    @property
    def is_live(self) -> bool:
        """Whether a process of the run is there."""
        return self.summary.status.state.is_live

    def same_as(self, other: "Compared") -> bool:
        """Whether nothing has been added meanwhile."""
        return (self.summary, self.score) == (other.summary, other.score) and (
            self.series.tag == other.series.tag and self.series.values.same_as(other.series.values)
        )


class ComparisonReader:
    """Follows the runs that are compared. One thread at a time may use it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sources = SourceWatch(workspace)
        self._watchers: dict[str, Watcher] = {}
        self._known: dict[str, Compared] = {}
        self._marks: dict[str, object] = {}
        self._series: list[Series] = []

    def look(self, names: Sequence[str], tag: str, smoothing: float = 0.0) -> tuple[Compared, ...]:
        """The runs as they are now, in this order; one that cannot be read is left out.

        Args:
            names: Their names.
            tag: What is compared.
            smoothing: How far it is smoothed just now.
        """
        for gone in self._watchers.keys() - set(names):
            del self._watchers[gone]
            self._known.pop(gone, None)
        found = []
        for name in names:
            try:
                found.append(self._look(name, tag, smoothing))
            except (RavetuiError, OSError):
                self._watchers.pop(name, None)
                self._known.pop(name, None)
        self._series = [run.series for run in found]
        return tuple(found)

    @property
    def has_stirred(self) -> bool:
        """Whether one of the runs has written anything since the last look; costs some microseconds a run."""
        return any(known.is_live and self._watchers[name].history.has_grown for name, known in self._known.items())

    @property
    def is_calm(self) -> bool:
        """Whether none of the runs is trained."""
        return not any(known.is_live for known in self._known.values())

    def prepare(self) -> None:
        """Compute, between two looks, what other ways to draw the curves will take."""
        for series in self._series:
            series.values.prepare(SMOOTHINGS)

    def _look(self, name: str, tag: str, smoothing: float) -> Compared:
        """One run; of one that has ended and has not changed, what was seen before."""
        known = self._known.get(name)
        folder = self._watchers[name].run if name in self._watchers else RunFolder(self._workspace.runs / name)
        if known is not None and not known.is_live and known.series.tag == tag:
            grown = self._watchers[name].history.has_grown
            if not grown and _mark(folder, known) == self._marks.get(name):
                return known
        found = self._known[name] = self._compare(name, tag, smoothing)
        self._marks[name] = _mark(folder, found)
        return found

    def _compare(self, name: str, tag: str, smoothing: float) -> Compared:
        if name not in self._watchers:
            self._watchers[name] = watcher_of(self._folder(name))
        watcher = self._watchers[name]
        history = watcher.history
        history.poll()
        summary = watcher.summary()
        series = _series(watcher, tag)
        series.values.prepare([smoothing])
        history.release(keep=[tag, "validation"])
        phase = _of_present_phase(history.series("validation"), summary.progress)
        best = int(np.nanargmin(phase.value)) if np.isfinite(phase.value).any() else None
        epochs = _by_epoch(_of_present_phase(series, summary.progress), summary.progress.steps_per_epoch)
        return Compared(
            summary,
            series,
            last=float(phase.value[-1]) if phase.value.size else None,
            best=None if best is None else float(phase.value[best]),
            best_step=None if best is None else int(phase.step[best]),
            trend=_trend(phase, summary.progress.steps_per_epoch),
            score=next(iter(list_scores(watcher.run)), None),
            tags=watcher.history.tags if isinstance(watcher, ForeignWatcher) else (),
            shown=float(epochs[-1]) if epochs.size and np.isfinite(epochs[-1]) else None,
            shown_trend=relative_trend(np.arange(float(epochs.size)), epochs),
        )

    def _folder(self, name: str) -> RunFolder:
        own = self._workspace.run_folders()
        found = self._sources.look(frozenset(folder.name for folder in own))
        return next((run for run in found.runs if run.name == name), RunFolder(self._workspace.runs / name))


def _series(watcher: Watcher, tag: str) -> Series:
    """Its curve; empty for one of ours when only another program has the tag."""
    if isinstance(watcher, ForeignWatcher) or table_of(tag) is not None:
        return watcher.history.series(tag)
    return Series(tag, np.empty(0, np.int64), np.empty(0), np.empty(0))


def _mark(folder: RunFolder, seen: Compared) -> object:
    """What changes when an ended run is started, scored, or gone."""
    ended = folder.attempt(seen.summary.status.attempt).exit
    return [file_mark(path) for path in (folder.spec_path, folder.attempts, folder.events, folder.scores, ended)]


def _of_present_phase(series: Series, progress: Progress) -> Series:
    began = max((change.step for change in progress.transitions if change.phase == progress.phase), default=0)
    return series.after(began)


def _by_epoch(series: Series, steps_per_epoch: int) -> NDArray[np.float64]:
    """Means over the newest epochs, counted back from the newest step, oldest first; what is not finite is left out."""
    if not series.step.size:
        return np.empty(0)
    length = max(steps_per_epoch, 1)
    ends = int(series.step[-1]) - length * np.arange(_RECENT, -1, -1)
    borders = np.searchsorted(series.step, ends, "right")
    parts = (series.value[first:last] for first, last in pairwise(borders))
    kept = (part[np.isfinite(part)] for part in parts)
    return np.array([part.mean() for part in kept if part.size])


def _trend(validation: Series, steps_per_epoch: int) -> Trend | None:
    epoch = validation.step[-_RECENT:] / max(steps_per_epoch, 1)
    return relative_trend(epoch, validation.value[-_RECENT:])
