"""One run of another program as a row of a list, and where it is, as far as its event files tell."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.foreign.checkpoint_file import CheckpointFiles, as_checkpoints
from ravetui.runs.foreign.event_file import Clip
from ravetui.runs.foreign.folder import ACIDS_RAVE, ForeignFolder
from ravetui.runs.foreign.gin import GinConfig, read_gin
from ravetui.runs.foreign.history import ForeignHistory
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress, Transition
from ravetui.runs.spec import DataRef, RunSpec
from ravetui.runs.state import RunState, Status
from ravetui.runs.summary import RunSummary
from ravetui.runs.training_spec import LossSpec, TrainingSpec

WRITING_SECONDS = 600.0
"""An event file that grew within this time is said to be written, s: TensorBoard's writers flush every two minutes."""
RECENT = 200
"""The pace is taken over at most this many of the newest logged steps."""
FEWEST = 5


class ForeignWatcher:
    """Looks at one run again and again, reading only what is new; see :class:`~ravetui.runs.summary.RunWatcher`.

    Args:
        run: Where it lies.
        clock: Unix time, seconds.
    """

    def __init__(self, run: ForeignFolder, clock: Callable[[], float] = time.time) -> None:
        self.run = run
        self.history = ForeignHistory(run)
        self._clock = clock
        self._checkpoints = CheckpointFiles()
        self._config: tuple[object, GinConfig] = (None, GinConfig())

    @property
    def config(self) -> GinConfig:
        """What ``config.gin`` says; empty when there is none."""
        try:
            found = self.run.config_path.stat()
            mark = (found.st_size, found.st_mtime_ns)
            if mark != self._config[0]:
                self._config = (mark, read_gin(self.run.config_path.read_text("utf-8", "replace")))
        except OSError:
            self._config = (None, GinConfig())
        return self._config[1]

    @property
    def spec(self) -> RunSpec:
        """As much of a spec as the other program's configuration tells; the rest has our defaults."""
        config, begun = self.config, min((file.begun for file in self.history.files if file.begun), default=0.0)
        return RunSpec(
            name=self.run.name,
            id="",
            created=datetime.fromtimestamp(begun, UTC).isoformat(timespec="seconds"),
            preset=f"{self.run.kind} {config.architecture}".rstrip(),
            model=config.model(),
            loss=LossSpec(),
            training=TrainingSpec(phase_1_steps=config.phase_1_steps or 0, total_steps=0),
            data=DataRef("", "", "", self._steps_per_epoch()),
        )

    def summary(self) -> RunSummary:
        """The run as it is now."""
        self.history.poll()
        damage = [text for file in self.history.files for text in file.damage]
        return RunSummary(
            name=self.run.name,
            spec=self.spec,
            status=self._status(),
            progress=self._progress(),
            warning=f"{len(damage)} damaged places: {damage[-1]}" if len(damage) > 1 else "".join(damage),
            foreign=self.run.kind,
        )

    def transition(self) -> int | None:
        """The step after which the second phase began; None before, and where there are no phases.

        It is the configured one if that lies between the last step logged without a tag of phase 2 and the first
        with one; else the first of those tags tells.
        """
        seen = self.history.phase_2_seen() if self.run.kind == ACIDS_RAVE else None
        if seen is None:
            return None
        logged = self.history.series("multiband_spectral_distance").step
        before = logged[logged < seen]
        planned = self.config.phase_1_steps
        if planned is not None and (int(before[-1]) if len(before) else -1) < planned <= seen:
            return planned
        return seen

    def checkpoints(self) -> list[Checkpoint]:
        """The run's checkpoints, newest first."""
        if self.run.kind != ACIDS_RAVE:
            return []
        files = self._checkpoints.look(self.run.event_folders())
        validation = self.history.series("validation")
        judged: dict[int, float] = {}
        for file in files:
            place = int(np.searchsorted(validation.step, file.step)) - 1
            # A step is logged one less than the updates done, and each resume of Lightning's adds one more.
            if place >= 0 and file.step - int(validation.step[place]) <= file.version:
                judged[file.step] = float(validation.value[place])
        return as_checkpoints(files, self.transition(), judged)

    def sounds(self) -> dict[int, list[Clip]]:
        """The recorded sounds by updates done; of acids-rave's, whose events count validations, by their time."""
        found: dict[int, list[Clip]] = {}
        saved = [item.step for item in self.checkpoints()]
        for number, inside in enumerate(self.history.attempts, 1):
            for file in inside:
                column = file.columns.get("validation") if self.run.kind == ACIDS_RAVE else None
                for clip in file.clips:
                    step = clip.number
                    if column is not None and len(column):
                        logged = int(column.step[np.abs(column.time - clip.time).argmin()])
                        step = next((s for s in reversed(saved) if 0 < s - logged <= number), logged + 1)
                    found.setdefault(step, []).append(clip)
        return {step: _newest(clips) for step, clips in found.items()}

    def _status(self) -> Status:
        changed = max((file.changed for file in self.history.files if file.changed), default=None)
        attempt = len(self.history.attempts)
        if changed is not None and self._clock() - changed < WRITING_SECONDS:
            return Status(
                RunState.WRITING,
                f"written in the last {WRITING_SECONDS / 60:.0f} minutes: it seems to train",
                attempt,
                None,
                changed,
            )
        said = f"nothing written for {WRITING_SECONDS / 60:.0f} minutes: it has ended or stands still"
        return Status(RunState.QUIET, said, attempt, None, changed)

    def _progress(self) -> Progress:
        transition, step = self.transition(), self.history.last_step()
        changes = () if transition is None else (Transition(2, transition),)
        phase, planned = (1, self.config.phase_1_steps or 0) if transition is None else (2, 0)
        pace = self._pace(transition)
        epoch = self.history.series("epoch").value
        return Progress(
            step=step,
            total_steps=0,
            phase=phase,
            phase_end_step=planned,
            epoch=float(epoch[-1]) if len(epoch) else 0.0,
            steps_per_epoch=self._steps_per_epoch(),
            seconds_per_step=pace,
            phase_eta_s=None if pace is None or planned <= step else (planned - step) * pace,
            eta_s=None,
            transitions=changes,
        )

    def _pace(self, since: int | None) -> float | None:
        """Seconds a step: the median between logged steps, so that a pause between two attempts is none."""
        tags = self.history.tags
        lead = max(map(self.history.series, tags), key=lambda series: len(series.step), default=None)
        if lead is None:
            return None
        recent = lead.step[-RECENT:] >= (since or 0)
        step, when = lead.step[-RECENT:][recent], lead.time[-RECENT:][recent]
        if len(step) < FEWEST:
            return None
        return float(np.median(np.diff(when) / np.diff(step)))

    def _steps_per_epoch(self) -> int:
        """From where ``epoch`` goes up; 0: unknown."""
        return _per_epoch(self.history.series("epoch")) if self.run.kind == ACIDS_RAVE else 0


def _per_epoch(epoch: Series) -> int:
    """Lightning logs an epoch's number with its last step, too: those are the largest steps of each number."""
    value, last = np.unique(epoch.value[::-1], return_index=True)
    step = epoch.step[::-1][last]
    if len(value) < 3:
        return 0
    return round(float(np.median(np.diff(step[:-1]) / np.diff(value[:-1]))))


def _newest(clips: list[Clip]) -> list[Clip]:
    """Of each tag the one recorded last."""
    by_tag = {clip.tag: clip for clip in sorted(clips, key=lambda clip: clip.time)}
    return list(by_tag.values())


def config_text(run: ForeignFolder, history: ForeignHistory) -> tuple[str, Path | None]:
    """The configuration as it was written, and the file it lies in; else the first text among the events."""
    try:
        return run.config_path.read_text("utf-8", "replace"), run.config_path
    except OSError:
        texts = [text for file in history.files for text in file.texts.values()]
        return (texts[0] if texts else ""), None
