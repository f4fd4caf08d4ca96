"""Reads everything the panes show of one run, and again only what has changed."""

import os
import re
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import TypeVar

from ravetui.app.chart.smoothing import SMOOTHINGS
from ravetui.app.judged import JudgedSeries, is_judged, judged_series, judgements_by_ear, judgements_of
from ravetui.app.snapshot import Curves, Detail, Gaze, StepRow
from ravetui.app.timeline import Timeline, timeline
from ravetui.runs.advice import Advice, advise
from ravetui.runs.checkpoints import Checkpoint, list_checkpoints
from ravetui.runs.events import Event, read_events
from ravetui.runs.evidence import gather
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.jobs import Job, list_jobs
from ravetui.runs.progress import Progress
from ravetui.runs.ratings import Ratings, read_ratings
from ravetui.runs.resources import Resources, newest
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.scores import ScoreRecord, list_scores
from ravetui.runs.slurm.submission import newest_log
from ravetui.runs.spec import read_spec
from ravetui.runs.state import RunState
from ravetui.runs.tables import RARE, TABLES
from ravetui.runs.workspace import config_above

LOG_BYTES = 16384
LOG_LINES = 200
EVENTS = 100
_TRAINED = ("validated", "saved")
"""Events that happen when their step has just been trained."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
T = TypeVar("T")


class DetailReader:
    """Follows one run; its history is the one that the run's summary follows too."""

    def __init__(self, run: RunFolder, history: RunHistory) -> None:
        self._run = run
        self._history = history
        self._curves = Curves()
        self._spec = read_spec(run.spec_path)
        self._keep_every_hours = config_above(run.path).run.keep_every_hours
        self._advice: tuple[Advice, ...] | None = None
        self._checkpoints: tuple[object, list[Checkpoint]] = (None, [])
        self._scores: tuple[object, list[ScoreRecord]] = (None, [])
        self._ratings: tuple[object, Ratings] = (None, Ratings())
        self._events: tuple[object, tuple[Event, ...]] = (None, ())
        self._trained: dict[int, float] = {}
        self._timeline = Timeline()
        self._used: tuple[Resources | None] | None = None
        """What it uses, as the newest record has it; None: not looked for yet."""
        self._judged: tuple[object, dict[str, JudgedSeries]] = (None, {})

    def look(self, gaze: Gaze, progress: Progress) -> Detail:
        """The run as it is now, with the curves and samples that are looked at."""
        fresh, recent = self._history.poll(), self._recent()
        judged = self._judgements()
        tags = [tag for tag in gaze.tags if not is_judged(tag)]
        same = self._curves.judged is judged and self._curves.timeline == self._timeline
        if fresh or not same or set(self._curves.series) != {*tags, *judged}:
            series = self._history.several(tags) | judged
            self._curves = Curves(series, judged=judged, timeline=self._timeline, rare=self._rare())
            self.prepare([gaze.smoothing])
        rendered = sampled_steps(self._run)
        rows = self._steps(rendered, progress)
        if fresh or self._advice is None:
            saved, hours = self._checkpoints[1], self._keep_every_hours
            self._advice = advise(gather(self._spec, progress, self._history, saved, keep_every_hours=hours))
        if fresh or self._used is None:
            self._used = (newest(self._history.newest("resources", 1)),)
        used = self._used[0] if self._used[0] is not None and self._used[0].is_of(time.time()) else None
        wanted = gaze.step if any(row.step == gaze.step for row in rows) else next((row.step for row in rows), None)
        # A checkpoint saved between validations has no samples of its own: the newest before it are shown.
        sample_step = next((step for step in rendered if wanted is not None and step <= wanted), None)
        samples = () if sample_step is None else tuple(list_samples(self._run, sample_step))
        first = rendered[0] if rendered else 0
        attempts, log = self._run.attempt_folders(), newest_log(self._run)
        return Detail(
            run=self._run.name,
            curves=self._curves,
            steps=rows,
            sample_step=sample_step,
            newest=samples if sample_step == first else tuple(list_samples(self._run, first)) if rendered else (),
            looked_at=gaze.step,
            ratings=self._ratings[1],
            samples=samples,
            advice=tuple(item for item in self._advice if used is not None or not item.passing),
            resources=used,
            best=_best(rows, progress.phase),
            events=recent,
            log=tail(log) if log else (),
            log_attempt=attempts[-1].number if attempts else 0,
        )

    def prepare(self, smoothings: Iterable[float] = SMOOTHINGS) -> None:
        """Compute what drawing the curves with these smoothings takes, so that no key has to wait for it."""
        for series in self._curves.series.values():
            series.values.prepare(smoothings)

    def _steps(self, rendered: list[int], progress: Progress) -> tuple[StepRow, ...]:
        self._checkpoints = _again(self._checkpoints, self._run.checkpoints, lambda: list_checkpoints(self._run))
        checkpoints = {item.step: item for item in self._checkpoints[1]}
        scores = {item.checkpoint: item for item in reversed(self._scores[1])}
        jobs = {job.step: job for job in list_jobs(self._run) if job.kind == "score"}
        measured = self._validations()
        rows = []
        for step in sorted({*checkpoints, *rendered, *scores}, reverse=True):
            checkpoint, score = checkpoints.get(step), scores.get(step)
            rows.append(
                StepRow(
                    step=step,
                    phase=checkpoint.phase if checkpoint else _phase_at(step, progress),
                    validation=checkpoint.validation if checkpoint else measured.get(step),
                    checkpoint=checkpoint,
                    score=score,
                    job=current_job(jobs.get(step), score),
                )
            )
        return tuple(rows)

    def _rare(self) -> frozenset[str]:
        """What it has measured of that most runs never do."""
        return frozenset(tag for table in RARE if len(self._history.newest(table, 1)) for tag in TABLES[table])

    def _judgements(self) -> dict[str, JudgedSeries]:
        """The curves of what was said of checkpoints; the same object as long as nothing was added."""
        self._scores = _again(self._scores, self._run.scores, lambda: list_scores(self._run))
        self._ratings = _again(self._ratings, self._run.ratings, lambda: read_ratings(self._run))
        scores, ratings = self._scores[1], self._ratings[1]
        mark = (self._scores[0], self._ratings[0], self._events[0] if scores or ratings.current else None)
        if mark != self._judged[0]:
            judgements = chain(judgements_of(scores), judgements_by_ear(ratings))
            self._judged = (mark, judged_series(judgements, self._trained))
        return self._judged[1]

    def _validations(self) -> dict[int, float]:
        series = self._history.series("validation")
        return dict(zip(series.step.tolist(), series.value.tolist(), strict=True))

    def _recent(self) -> tuple[Event, ...]:
        def read() -> tuple[Event, ...]:
            events = read_events(self._run.events)
            self._trained = {int(item.fields["step"]): item.time for item in events if item.kind in _TRAINED}
            self._timeline = timeline(self._spec.first_step, events)
            return tuple(events[-EVENTS:])

        self._events = _again(self._events, self._run.events, read)
        return self._events[1]


def tail(path: Path) -> tuple[str, ...]:
    """The last lines of a log that is being written, without control characters; empty when there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LOG_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    lines = text.split("\n")
    if size > LOG_BYTES:
        lines = lines[1:]
    # A progress bar rewrites its line: only what it says last is on the screen of who started it.
    shown = [_CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]).rstrip() for line in lines]
    return tuple(line for line in shown if line)[-LOG_LINES:]


def _again(known: tuple[object, T], path: Path, read: Callable[[], T]) -> tuple[object, T]:
    """What was read before, or read again when the file or folder has changed since."""
    try:
        found = path.stat()
        names = frozenset(os.listdir(path)) if path.is_dir() else None  # noqa: PTH208 (names only, each look)
        mark: object = (found.st_mtime_ns, found.st_size, found.st_ino, names)
    except OSError:
        mark = "missing"
    return known if mark == known[0] else (mark, read())


def _phase_at(step: int, progress: Progress) -> int:
    return max((change.phase for change in progress.transitions if change.step < step), default=1)


def _best(rows: tuple[StepRow, ...], phase: int) -> float | None:
    return min((row.validation for row in rows if row.phase == phase and row.validation is not None), default=None)


def current_job(job: Job | None, score: ScoreRecord | None) -> Job | None:
    """A job that still says something: it runs, or it failed after the newest score."""
    if job is None or job.status.state.is_live:
        return job
    if job.status.state in (RunState.FINISHED, RunState.STOPPED):
        return None
    ended = job.status.since or 0.0
    return None if score is not None and score.created >= ended else job
