"""The states that a run can be in."""

from enum import StrEnum


class RunState(StrEnum):
    """What a run is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    UNSUPERVISED = "unsupervised"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"
    WRITING = "writing"
    """A run of another program whose event file grows."""
    QUIET = "quiet"
    """A run of another program that has written nothing for a while: who wrote it cannot be asked."""

    @property
    def is_live(self) -> bool:
        """Whether a process of the run is there."""
        return self in (RunState.RUNNING, RunState.UNSUPERVISED, RunState.STOPPING)

    @property
    def goes_on(self) -> bool:
        """Whether something of the run is still to come without anybody's doing: it trains or waits for its turn."""
        return self.is_live or self is RunState.QUEUED
