"""One run as a row of a list: what ``run list --json`` and the screen's left pane show."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.journal import Records, record_type
from ravetui.runs.mark import file_mark
from ravetui.runs.progress import Progress, progress, transitions
from ravetui.runs.spec import RunSpec, read_spec
from ravetui.runs.stall import WINDOW, Stall, StallWatch
from ravetui.runs.state import Status, run_status
from ravetui.runs.tables import TABLES
from ravetui.runs.warning import standing_warning

NEWEST_STEPS = 20_000
"""So many of the newest steps tell where a run is and how fast; the others are not read."""


@dataclass(frozen=True)
class RunSummary:
    """What one glance at a run gives."""

    name: str
    spec: RunSpec
    status: Status
    progress: Progress
    stall: Stall | None = None
    """That it stands still, although it lives."""
    warning: str = ""
    """What a person must know though the run goes on; see :func:`ravetui.runs.warning.standing_warning`."""

    @property
    def reason(self) -> str:
        """Why it is in its state, and that it stands still if it does."""
        return f"{self.status.reason}, {self.stall.sentence}" if self.stall else self.status.reason

    def as_dict(self) -> dict[str, Any]:
        """The row of ``run list --json``."""
        live = self.status.state.is_live
        return {
            "run": self.name,
            "state": self.status.state.value,
            "reason": self.reason,
            "stalled_s": self.stall.seconds if self.stall else None,
            "stalled_advice": self.stall.advice if self.stall else "",
            "warning": self.warning,
            "phase": self.progress.phase,
            "step": self.progress.step,
            "total_steps": self.progress.total_steps,
            "epoch": round(self.progress.epoch, 3),
            "steps_per_epoch": self.progress.steps_per_epoch,
            "epoch_s": self.progress.epoch_seconds,
            "data_share": self.progress.data_share,
            "eta_s": self.progress.eta_s if live else None,
            "eta_estimated_from": self.progress.estimated_from if live else "",
            "phase_eta_s": self.progress.phase_eta_s if live else None,
            "preset": self.spec.preset,
            "data": self.spec.data.name,
            "created": self.spec.created,
            "attempt": self.status.attempt,
            "pid": self.status.pid,
            "slurm": self.status.job.as_dict() if self.status.job else None,
        }


class RunWatcher:
    """Looks at one run again and again, reading only what is new."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.spec = read_spec(run.spec_path)
        self.history = RunHistory(run)
        self._stall = StallWatch(run)
        self._events: object = None
        self._where: Progress | None = None
        self._warning = ""
        self._newest: Records = np.empty(0, dtype=record_type(TABLES["steps"]))

    def summary(self) -> RunSummary:
        """The run as it is now; what has not changed since the last look is not read again.

        Raises:
            RunError: A journal is not of this version.
        """
        fresh, events = self.history.poll(["steps"]), file_mark(self.run.events)
        if self._where is None or fresh or events != self._events:
            self._events = events
            self._where = self._read()
        status = run_status(self.run)
        stall = self._stall.look(status, self.spec, self._newest)
        return RunSummary(self.run.name, self.spec, status, self._where, stall, self._warning)

    def _read(self) -> Progress:
        steps = self.history.newest("steps", max(NEWEST_STEPS, 4 * self.spec.training.validate_every))
        self._newest = steps[-WINDOW:].copy()
        resumed = self.history.resumed_at()
        events = read_events(self.run.events)
        self._warning = standing_warning(events)
        return progress(self.spec, steps, transitions(events, resumed), resumed.values())


def summarise(run: RunFolder) -> RunSummary:
    """Look once.

    Raises:
        RunError: The spec or a journal cannot be read.
    """
    return RunWatcher(run).summary()
