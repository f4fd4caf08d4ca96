"""Everything the panes show of a run of another program."""

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import cast

from ravetui.app.chart.smoothing import SMOOTHINGS
from ravetui.app.detail import current_job
from ravetui.app.judged import is_judged, judged_series, judgements_by_ear, judgements_of
from ravetui.app.snapshot import Curves, Detail, Gaze, StepRow
from ravetui.runs.advice import Advice, advise
from ravetui.runs.events import Event
from ravetui.runs.evidence import gather
from ravetui.runs.foreign.folder import ACIDS_RAVE
from ravetui.runs.foreign.sounds import as_samples
from ravetui.runs.foreign.watcher import ForeignWatcher, config_text
from ravetui.runs.history import RunHistory
from ravetui.runs.jobs import list_jobs
from ravetui.runs.progress import Progress
from ravetui.runs.ratings import Ratings, read_ratings
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.scores import ScoreRecord, list_scores

LOG_EVERY = 50
"""acids-rave logs a training step in so many: what it does is seen so much later."""


class ForeignDetailReader:
    """Follows one run; see :class:`~ravetui.app.detail.DetailReader`."""

    def __init__(self, watcher: ForeignWatcher) -> None:
        self._watcher = watcher
        self._curves = Curves()
        self._advice: tuple[Advice, ...] | None = None
        self._config: tuple[str, tuple[str, ...]] = ("", ())
        self._ratings = Ratings()
        self._scores: list[ScoreRecord] = []

    def look(self, gaze: Gaze, progress: Progress) -> Detail:
        """The run as it is now, with the curves and sounds that are looked at."""
        watcher, history = self._watcher, self._watcher.history
        fresh = history.poll() or self._advice is None
        ratings, tags = read_ratings(watcher.run), [tag for tag in gaze.tags if not is_judged(tag)]
        scores = list_scores(watcher.run)
        rated, self._ratings, self._scores = (ratings, scores) != (self._ratings, self._scores), ratings, scores
        if fresh or rated or set(self._curves.series) != {*tags, *self._curves.judged}:
            trained = {item.step: item.saved for item in watcher.checkpoints()}
            judged = judged_series(chain(judgements_of(scores), judgements_by_ear(ratings)), trained)
            series = {tag: history.series(tag) for tag in tags} | judged
            self._curves = Curves(series, (*history.tags, *judged), judged=judged)
            self.prepare([gaze.smoothing])
        if fresh or self._advice is None:
            self._advice = foreign_advice(watcher, progress)
        rows = self._steps(progress)
        wanted = gaze.step if any(row.step == gaze.step for row in rows) else (rows[0].step if rows else None)
        sounds, rendered = watcher.sounds(), sampled_steps(watcher.run)
        step = max((step for step in sounds if wanted is not None and step <= wanted), default=None)
        clips = sounds.get(step, []) if step is not None else []
        paired = watcher.run.kind == ACIDS_RAVE
        phase = 1 if step is None else _phase(step, progress)
        samples = tuple(as_samples(clips, watcher.run.sounds, step or 0, phase, paired=paired))
        if wanted in rendered:
            # What was rendered of this very checkpoint, before what the other program recorded of it.
            samples = (*list_samples(watcher.run, wanted), *(samples if step == wanted else ()))
            step = wanted
        return Detail(
            run=watcher.run.name,
            curves=self._curves,
            steps=rows,
            sample_step=step,
            samples=samples,
            newest=samples if step == max(sounds, default=None) else (),
            looked_at=gaze.step,
            ratings=ratings,
            advice=self._advice,
            best=min((row.validation for row in rows if row.phase == progress.phase and row.validation), default=None),
            events=foreign_events(watcher, progress),
            log=self._config_lines(),
        )

    def prepare(self, smoothings: Iterable[float] = SMOOTHINGS) -> None:
        """Compute what drawing the curves with these smoothings takes, so that no key has to wait for it."""
        for series in self._curves.series.values():
            series.values.prepare(smoothings)

    def _steps(self, progress: Progress) -> tuple[StepRow, ...]:
        watcher = self._watcher
        checkpoints = {item.step: item for item in watcher.checkpoints()}
        scores = {item.checkpoint: item for item in reversed(self._scores)}
        jobs = {job.step: job for job in list_jobs(watcher.run) if job.kind == "score"}
        series = watcher.history.series("validation")
        measured = dict(zip((series.step + 1).tolist(), series.value.tolist(), strict=True))
        rows = []
        for step in sorted({*checkpoints, *watcher.sounds(), *scores, *sampled_steps(watcher.run)}, reverse=True):
            checkpoint = checkpoints.get(step)
            validation = checkpoint.validation if checkpoint else measured.get(step)
            finite = validation if validation is not None and math.isfinite(validation) else None
            score = scores.get(step)
            job = current_job(jobs.get(step), score)
            rows.append(StepRow(step, _phase(step, progress), finite, checkpoint, score, job))
        return tuple(rows)

    def _config_lines(self) -> tuple[str, ...]:
        text, path = config_text(self._watcher.run, self._watcher.history)
        if text != self._config[0]:
            head = (f"{path.name}:",) if path else ()
            self._config = (text, (*head, *(line.rstrip() for line in text.splitlines() if line.strip())))
        return self._config[1]


def foreign_advice(watcher: ForeignWatcher, progress: Progress) -> tuple[Advice, ...]:
    """What can be said of its curves: nothing without epochs, and nothing that would have to be done with a key."""
    if not progress.steps_per_epoch:
        return ()
    evidence = gather(watcher.spec, progress, cast(RunHistory, watcher.history))
    planned = watcher.config.phase_1_steps
    late = planned is not None and progress.step - planned > 2 * LOG_EVERY
    evidence = replace(evidence, planned_phase_2=planned if late and planned is not None else progress.step)
    return tuple(replace(item, key="") for item in advise(evidence))


def foreign_events(watcher: ForeignWatcher, progress: Progress) -> tuple[Event, ...]:
    """What happened to it, as its files tell."""
    history = watcher.history
    resumed = history.resumed_at()
    found = []
    for number, inside in enumerate(history.attempts, 1):
        begun = min((file.begun for file in inside if file.begun is not None), default=None)
        if begun is not None:
            found.append(Event(begun, "started", number, {"step": resumed[number]} if resumed.get(number) else {}))
        if number > 1 and begun is not None and resumed.get(number, math.inf) <= resumed.get(1, -1):
            reason = "began anew: what earlier versions wrote from there on is not shown"
            found.append(Event(begun, "warned", number, {"step": resumed[number], "reason": reason}))
        for file in inside:
            found += [Event(file.changed or 0.0, "warned", number, {"reason": text}) for text in file.damage]
    for change in progress.transitions:
        series = history.series("loss_dis")
        when = float(series.time[0]) if len(series.time) else 0.0
        found.append(Event(when, "phase", 0, {"phase": change.phase, "step": change.step}))
    for checkpoint in watcher.checkpoints():
        fields = {"step": checkpoint.step, "reason": checkpoint.label}
        found.append(Event(checkpoint.saved, "saved", checkpoint.attempt, fields))
    return tuple(sorted(found, key=lambda event: event.time))


def _phase(step: int, progress: Progress) -> int:
    return max((change.phase for change in progress.transitions if change.step < step), default=1)
