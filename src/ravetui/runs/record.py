"""What the shim writes about a process: who it is, and how it ended."""

import dataclasses
from dataclasses import dataclass, field

from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.folder import AttemptFolder
from ravetui.runs.process import ProcessIdentity

OUTCOMES = ("finished", "stopped", "failed")
"""How an attempt or a job can end."""


@dataclass(frozen=True)
class ProcRecord:
    """``proc.json``: the process that was started."""

    pid: int
    boot_id: str
    start_ticks: int
    supervisor_pid: int
    host: str
    started: float
    """Unix time, seconds."""
    argv: list[str]
    gpus: list[str] = field(default_factory=list)
    """UUIDs of the GPUs it was given; empty: none, or whichever it chooses."""
    submission: int = 0
    """Number of the SLURM submission whose job it is part of; 0: none."""

    @property
    def identity(self) -> ProcessIdentity:
        """Which process to signal."""
        return ProcessIdentity(self.pid, self.boot_id, self.start_ticks)


@dataclass(frozen=True)
class ExitRecord:
    """``exit.json``: how the process ended, with the reason in one sentence."""

    outcome: str
    """One of :data:`OUTCOMES`."""
    reason: str
    exit_code: int | None
    signal: int | None
    ended: float
    """Unix time, seconds."""
    killed_orphans: list[int]
    """Processes it had left behind, killed by the shim."""
    by_system: bool = False
    """Whether the system stopped it, as at a shutdown, and no person."""


def write_proc(attempt: AttemptFolder, record: ProcRecord) -> None:
    """Publish ``proc.json``."""
    write_json(attempt.proc, dataclasses.asdict(record))


def read_proc(attempt: AttemptFolder) -> ProcRecord | None:
    """Who trains or trained; None when the process has not been started or the record is damaged."""
    try:
        return ProcRecord(**(read_json(attempt.proc) or {}))
    except TypeError:
        return None


def write_exit(attempt: AttemptFolder, record: ExitRecord) -> None:
    """Publish ``exit.json``."""
    write_json(attempt.exit, dataclasses.asdict(record))


def read_exit(attempt: AttemptFolder) -> ExitRecord | None:
    """How it ended; None when it has not, or the record is damaged."""
    try:
        record = ExitRecord(**(read_json(attempt.exit) or {}))
    except TypeError:
        return None
    return record if record.outcome in OUTCOMES else None
