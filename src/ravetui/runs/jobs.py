"""Background jobs on a run, such as a scoring: a supervised process with progress, in a folder of its own."""

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.state import Status, process_status

_NAME = re.compile(r"([a-z]+)-([0-9]+)-(.+)")


@dataclass(frozen=True)
class JobFolder:
    """Where one job lies; the same job of the same checkpoint has the same folder, so it never runs twice at once."""

    path: Path

    @property
    def attempt(self) -> AttemptFolder:
        """Its process record, exit record and log."""
        return AttemptFolder(self.path)

    @property
    def live_lock(self) -> Path:
        """Held by the job's process."""
        return self.path / "live.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the shim that started it."""
        return self.path / "supervisor.lock"

    @property
    def progress(self) -> Path:
        """How far it is."""
        return self.path / "progress.json"


@dataclass(frozen=True)
class Job:
    """A job as a screen shows it."""

    kind: str
    """``score`` or ``sample``."""
    step: int
    """The checkpoint it works on."""
    detail: str
    """What tells it from the same kind of job on the same checkpoint, such as the embedder."""
    status: Status
    fraction: float
    """How far it is, 0 to 1."""
    note: str
    """What it does just now."""


def score_job(run: RunFolder, step: int, embedder: str) -> JobFolder:
    """The job that scores this checkpoint with this embedder."""
    return JobFolder(run.jobs / f"score-{step:09d}-{embedder}")


def report_progress(job: JobFolder, fraction: float, note: str) -> None:
    """Tell whoever looks how far the job is."""
    write_json(job.progress, {"fraction": fraction, "note": note})


def list_jobs(run: RunFolder) -> list[Job]:
    """Every job of a run, in order of checkpoint."""
    named = ((path, _NAME.fullmatch(path.name)) for path in sorted(run.jobs.glob("*")))
    return [_look(JobFolder(path), *name.groups()) for path, name in named if name is not None]


def job_status(job: JobFolder) -> Status:
    """Whether the job is at work, and how it ended."""
    return process_status(job.attempt, job.live_lock, job.supervisor_lock, doing="at work")


def _look(folder: JobFolder, kind: str, step: str, detail: str) -> Job:
    fraction, note = 0.0, ""
    with contextlib.suppress(TypeError, ValueError, KeyError):
        progress: Any = read_json(folder.progress)
        fraction, note = float(progress["fraction"]), str(progress["note"])
    return Job(kind, int(step), detail, job_status(folder), fraction, note)
