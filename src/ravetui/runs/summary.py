"""One run as a row of a list: what ``run list --json`` and the screen's left pane show."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravetui.runs.eta import Eta
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
from ravetui.runs.timing import timed_at_start
from ravetui.runs.warning import standing_warning

NEWEST_EPOCHS = 512
"""So many of the newest epochs tell how long one takes."""
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
    foreign: str = ""
    """The program that wrote it, when that is not ravetui."""
    device: str = ""
    """The kind of device it trains or trained on; empty: not known."""
    phase_2_ratio: float | None = None
    """A step of phase 2 to one of phase 1, as the throw-away steps at its start measured it."""

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
            "total_steps": self.progress.total_steps or None,
            "epoch": round(self.progress.epoch, 3),
            "steps_per_epoch": self.progress.steps_per_epoch,
            "epoch_s": self.progress.epoch_seconds,
            "data_share": self.progress.data_share,
            **(self._times_to_come(time.time()) if live else dict.fromkeys(_TIMES_TO_COME)),
            "eta_estimated_from": self.progress.estimated_from if live else "",
            "preset": self.spec.preset,
            "data": self.spec.data.name,
            "created": self.spec.created,
            "attempt": self.status.attempt,
            "pid": self.status.pid,
            "foreign": self.foreign or None,
            "slurm": self.status.job.as_dict() if self.status.job else None,
        }

    def _times_to_come(self, now: float) -> dict[str, float | None]:
        """Seconds from now, each with its 80 % interval."""
        where = self.progress
        found = (where.eta, where.phase_eta, where.validation_eta)
        values = [value for eta in found for value in (_three(eta))]
        return dict(zip(_TIMES_TO_COME, (where.left(value, now) for value in values), strict=True))


_TIMES_TO_COME = (
    "eta_s",
    "eta_low_s",
    "eta_high_s",
    "phase_eta_s",
    "phase_eta_low_s",
    "phase_eta_high_s",
    "validation_eta_s",
    "validation_eta_low_s",
    "validation_eta_high_s",
)


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
        self._timed: tuple[str, float | None] = ("", None)
        self._newest: Records = np.empty(0, dtype=record_type(TABLES["steps"]))

    def summary(self) -> RunSummary:
        """The run as it is now; what has not changed since the last look is not read again.

        Raises:
            RunError: A journal is not of this version.
        """
        fresh, events = self.history.poll(["steps", "epochs"]), file_mark(self.run.events)
        if self._where is None or fresh or events != self._events:
            self._events = events
            self._where = self._read()
        status = run_status(self.run)
        stall = self._stall.look(status, self.spec, self._newest)
        device, ratio = self._timed
        return RunSummary(
            self.run.name, self.spec, status, self._where, stall, self._warning, device=device, phase_2_ratio=ratio
        )

    def _read(self) -> Progress:
        steps = self.history.newest("steps", max(NEWEST_STEPS, 4 * self.spec.training.validate_every))
        self._newest = steps[-WINDOW:].copy()
        resumed = self.history.resumed_at()
        events = read_events(self.run.events)
        self._warning, self._timed = standing_warning(events), timed_at_start(events)
        changes, epochs = transitions(events, resumed), self.history.newest("epochs", NEWEST_EPOCHS)
        return progress(self.spec, steps, changes, resumed.values(), epochs)


def _three(eta: Eta | None) -> tuple[float | None, float | None, float | None]:
    return (eta.seconds, eta.low, eta.high) if eta else (None, None, None)


def summarise(run: RunFolder) -> RunSummary:
    """Look once.

    Raises:
        RunError: The spec or a journal cannot be read.
    """
    return RunWatcher(run).summary()
