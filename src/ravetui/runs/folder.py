"""Where everything of a run lies on disk."""

import os
from dataclasses import dataclass
from pathlib import Path

ATTEMPT_VARIABLE = "RAVETUI_ATTEMPT"
"""Set in the environment of a supervised process: the name of its attempt's folder."""

GPUS_VARIABLE = "RAVETUI_GPUS"
"""Set in the environment of a shim: which GPUs its process may see, by UUID, separated by commas."""


@dataclass(frozen=True)
class RunFolder:
    """The paths inside one run's folder; nothing is read or made here."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name is the run's name."""
        return self.path.name

    @property
    def spec_path(self) -> Path:
        """Frozen at creation."""
        return self.path / "spec.toml"

    @property
    def live_lock(self) -> Path:
        """Held by the trainer and whatever it forked."""
        return self.path / "live.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the shim that started the trainer."""
        return self.path / "supervisor.lock"

    @property
    def attempts(self) -> Path:
        """One folder a process that trained the run."""
        return self.path / "attempts"

    @property
    def events(self) -> Path:
        """What happened, a JSON object a line."""
        return self.path / "events.jsonl"

    @property
    def control(self) -> Path:
        """Requests to the trainer, a small file each."""
        return self.path / "control"

    @property
    def checkpoints(self) -> Path:
        """One folder a checkpoint."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """One folder a step that was rendered."""
        return self.path / "samples"

    @property
    def scores(self) -> Path:
        """One JSON a score."""
        return self.path / "scores"

    @property
    def ratings(self) -> Path:
        """What people heard, a JSON object a line."""
        return self.path / "ratings.jsonl"

    @property
    def blind(self) -> Path:
        """One file a blind round."""
        return self.path / "blind"

    @property
    def jobs(self) -> Path:
        """One folder a background job on this run, such as a scoring."""
        return self.path / "jobs"

    @property
    def slurm(self) -> Path:
        """What was submitted to SLURM: one numbered record a job, and what the job printed beside the trainer."""
        return self.path / "slurm"

    @property
    def notes(self) -> Path:
        """What the person wrote."""
        return self.path / "notes.md"

    def attempt(self, number: int) -> "AttemptFolder":
        """The folder of one attempt, numbered from 1."""
        return AttemptFolder(self.attempts / f"{number:04d}")

    def attempt_folders(self) -> list["AttemptFolder"]:
        """Every attempt, oldest first."""
        try:
            names = os.listdir(self.attempts)  # noqa: PTH208 (names only, many at each look)
        except (FileNotFoundError, NotADirectoryError):
            return []
        # Digits as a folder's name has them: other kinds of numbers are somebody else's.
        numbered = sorted((int(name), name) for name in names if name.isascii() and name.isdigit())
        return [AttemptFolder(self.attempts / name) for _, name in numbered]

    def step_folder(self, kind: Path, step: int) -> Path:
        """Where the checkpoint or the samples of a step lie; ``kind`` is one of those folders."""
        return kind / f"step-{step:09d}"


@dataclass(frozen=True)
class AttemptFolder:
    """The paths of one supervised process: an attempt of a run, or a job."""

    path: Path

    @property
    def number(self) -> int:
        """Counted from 1."""
        return int(self.path.name)

    @property
    def proc(self) -> Path:
        """Who trains: written when the process has started."""
        return self.path / "proc.json"

    @property
    def exit(self) -> Path:
        """How it ended: written when the process is gone."""
        return self.path / "exit.json"

    @property
    def log(self) -> Path:
        """What the process printed."""
        return self.path / "log.txt"

    @property
    def stop_now(self) -> Path:
        """Left by whoever is about to kill the process on purpose."""
        return self.path / "stop-now"

    @property
    def requeue(self) -> Path:
        """Left by a SLURM job that is about to put itself back into the queue."""
        return self.path / "requeue"

    @property
    def metrics(self) -> Path:
        """One binary journal a table."""
        return self.path / "metrics"
