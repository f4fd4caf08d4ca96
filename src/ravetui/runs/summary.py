"""One run as a row of a list: what ``run list --json`` and the screen's left pane show."""

from dataclasses import dataclass
from typing import Any

from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.progress import Progress, progress, transitions
from ravetui.runs.spec import RunSpec, read_spec
from ravetui.runs.state import Status, run_status


@dataclass(frozen=True)
class RunSummary:
    """What one glance at a run gives."""

    name: str
    spec: RunSpec
    status: Status
    progress: Progress

    def as_dict(self) -> dict[str, Any]:
        """The row of ``run list --json``."""
        live = self.status.state.is_live
        return {
            "run": self.name,
            "state": self.status.state.value,
            "reason": self.status.reason,
            "phase": self.progress.phase,
            "step": self.progress.step,
            "total_steps": self.progress.total_steps,
            "epoch": round(self.progress.epoch, 3),
            "steps_per_epoch": self.progress.steps_per_epoch,
            "epoch_s": self.progress.epoch_seconds,
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

    def summary(self) -> RunSummary:
        """The run as it is now.

        Raises:
            RunError: A journal is not of this version.
        """
        self.history.poll(["steps"])
        resumed = self.history.resumed_at()
        changes = transitions(read_events(self.run.events), resumed)
        where = progress(self.spec, self.history.records("steps"), changes, resumed.values())
        return RunSummary(self.run.name, self.spec, run_status(self.run), where)


def summarise(run: RunFolder) -> RunSummary:
    """Look once.

    Raises:
        RunError: The spec or a journal cannot be read.
    """
    return RunWatcher(run).summary()
