"""A job as squeue and sacct tell of it."""

import pwd
import time
from dataclasses import dataclass

SEPARATOR = "\x1f"
"""Between fields: no name and no reason holds it."""
SQUEUE_FORMAT = SEPARATOR.join(("%i", "%j", "%T", "%r", "%S", "%e", "%l", "%N", "%P"))
"""squeue's old format language, which every version speaks alike; that of its JSON changes with the version."""
SACCT_FIELDS = ("JobIDRaw", "JobName", "State", "End")

PENDING = frozenset({"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"})
"""States in which it waits."""
ENDED = frozenset(
    {
        "BOOT_FAIL",
        "CANCELLED",
        "COMPLETED",
        "DEADLINE",
        "FAILED",
        "NODE_FAIL",
        "OUT_OF_MEMORY",
        "PREEMPTED",
        "REVOKED",
        "TIMEOUT",
    }
)
"""States in which it is over."""


@dataclass(frozen=True)
class SlurmJob:
    """What SLURM says of one job."""

    id: int
    name: str
    state: str
    """As ``PENDING`` or ``RUNNING``."""
    reason: str = ""
    """Why it waits, in SLURM's own word; empty when there is none."""
    starts: float | None = None
    """When it began, or is expected to, Unix time, seconds; None when SLURM does not know."""
    ends: float | None = None
    """When its time limit ends, or when it ended, Unix time, seconds."""
    nodes: str = ""
    partition: str = ""
    by: str = ""
    """Who cancelled it, where accounting knows."""

    @property
    def waits(self) -> bool:
        """Whether it is in the queue."""
        return self.state in PENDING

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good."""
        return self.state in ENDED

    def left(self, now: float) -> float | None:
        """Seconds to the time limit of a job that runs; None where there is none."""
        return max(self.ends - now, 0.0) if self.ends is not None and not (self.waits or self.is_over) else None

    def as_dict(self) -> dict[str, object]:
        """What ``run list --json`` says of it; ``limit_s`` is the time left, seconds."""
        return {
            "job": self.id or None,
            "state": self.state or None,
            "reason": self.reason,
            "starts": self.starts,
            "limit_s": self.left(time.time()),
            "nodes": self.nodes,
            "partition": self.partition,
        }


def parse_squeue(text: str) -> list[SlurmJob]:
    """The jobs in what squeue printed in :data:`SQUEUE_FORMAT`; a line that is not one is passed over."""
    found = []
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(SEPARATOR)]
        if len(fields) != 9 or not fields[0].isdigit():
            continue
        number, name, state, reason, starts, ends, limit, nodes, partition = fields
        limited = limit not in ("UNLIMITED", "NOT_SET", "INVALID") or state in ENDED
        word = "" if reason == "None" else reason
        until = _time(ends) if limited else None
        found.append(SlurmJob(int(number), name, state, word, _time(starts), until, nodes, partition))
    return found


def parse_sacct(text: str) -> list[SlurmJob]:
    """The jobs in what ``sacct --parsable2`` printed of :data:`SACCT_FIELDS`; steps are passed over."""
    found = []
    for line in text.splitlines():
        fields = line.split(SEPARATOR)
        if len(fields) != len(SACCT_FIELDS) or not fields[0].isdigit():
            continue
        state, _, by = fields[2].partition(" by ")
        found.append(SlurmJob(int(fields[0]), fields[1], state.rstrip("+"), ends=_time(fields[3]), by=_user(by)))
    return found


def _user(number: str) -> str:
    """The name of a user that sacct tells by number."""
    try:
        return pwd.getpwuid(int(number)).pw_name
    except (ValueError, KeyError):
        return number


def _time(text: str) -> float | None:
    return float(text) if text.isdigit() and int(text) > 0 else None
