"""How long each epoch took, and where its time went: the table ``epochs``.

The trainer writes a record at the last step of each epoch that the run trained whole. Its time runs from the last step
of the epoch before to its own last step: the pauses for validation and checkpoints between them included, the time in
which nobody trained (a stop, a kill, a machine asleep) left out, and the same for an epoch that several attempts made.
"""

from collections.abc import Collection
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np

from ravetui.runs.history import RunHistory, Series
from ravetui.runs.journal import Records, record_type
from ravetui.runs.pace import step_times
from ravetui.runs.spec import RunSpec
from ravetui.runs.tables import TABLES

COLUMNS = TABLES["epochs"]
NEWEST = 512
"""So many epochs at most are looked at for how they are distributed."""
_NOTABLE = 0.1
"""The slowest epoch needs no reason when it took less than this above the median."""
_MOST = 0.5
"""A reason must explain this share of the excess."""


@dataclass(frozen=True)
class EpochSums:
    """Times of an epoch so far, seconds: in the order of the table's columns."""

    seconds: float = 0.0
    validation: float = 0.0
    saving: float = 0.0
    data: float = 0.0
    longest_step: float = 0.0
    """Or the longest pause for no known reason."""

    def add(
        self, elapsed: float, *, own: float = 0.0, data: float = 0.0, validation: float = 0.0, saving: float = 0.0
    ) -> "EpochSums":
        """After one more step.

        Args:
            elapsed: Since the step before, the pauses included.
            own: What the step took, its waiting for data included.
            data: That waiting.
            validation: Of the pauses before it, what was a validation.
            saving: Of them, what was a checkpoint.
        """
        return EpochSums(
            self.seconds + elapsed,
            self.validation + validation,
            self.saving + saving,
            self.data + data,
            max(self.longest_step, own, elapsed - own - validation - saving),
        )

    def row(self) -> dict[str, float]:
        """A record of the table ``epochs``, without its step and time."""
        return dict(zip(COLUMNS, astuple(self), strict=True))


@dataclass(frozen=True)
class EpochTimes:
    """How the times of a phase's epochs are distributed, seconds."""

    count: int
    median: float
    low: float
    """A tenth of the epochs were faster."""
    high: float
    """A tenth of them were slower."""
    slowest: float
    slowest_epoch: int
    """Counted from 1."""
    cause: str
    """Why that one was slow: ``validation``, ``checkpoint``, ``waiting for data``, ``a stall``; empty: not known."""

    def as_dict(self) -> dict[str, Any]:
        """``epoch_times`` of ``run show --json``."""
        return {
            "count": self.count,
            "median_s": self.median,
            "low_s": self.low,
            "high_s": self.high,
            "slowest_s": self.slowest,
            "slowest_epoch": self.slowest_epoch,
            "slowest_cause": self.cause,
        }


def epoch_so_far(steps: Records, *, begins: int, cycle: int, resumed: Collection[int] = ()) -> EpochSums | None:
    """The sums of an epoch that a run is in the middle of; None when not all of its steps are the run's own.

    Args:
        steps: Newest records of the table ``steps``, ascending, of the epoch and the step before it if there is one.
        begins: The last step of the epoch before.
        cycle: Steps between validations.
        resumed: Steps after which an attempt began.
    """
    own = steps[steps["step"] >= begins]
    inside = own["step"] > begins
    count = int(inside.sum())
    if count and int(own["step"][-1]) - begins != count:
        return None
    found = step_times(own, cycle=cycle, resumed=resumed)
    sums = EpochSums()
    if count:
        validation = np.where(found.after_validation, found.pause, 0.0)[inside].sum()
        sums = EpochSums(
            float((found.own + found.pause)[inside].sum()),
            float(validation),
            0.0,
            float(found.data[inside].sum()),
            float(np.maximum(found.own, np.where(found.after_validation, 0.0, found.pause))[inside].max()),
        )
    return sums


def epochs_of(steps: Records, *, per_epoch: int, cycle: int, resumed: Collection[int] = ()) -> Records:
    """The table ``epochs`` of a run whose trainer wrote none, from all its steps.

    Args:
        steps: Every record of the table ``steps``, ascending.
        per_epoch: Steps an epoch.
        cycle: Steps between validations.
        resumed: Steps after which an attempt began.
    """
    made = []
    if len(steps):
        first = -(-(int(steps["step"][0]) - 1) // per_epoch)
        for number in range(first, int(steps["step"][-1]) // per_epoch):
            start, end = np.searchsorted(steps["step"], (number * per_epoch, (number + 1) * per_epoch + 1))
            sums = epoch_so_far(steps[start:end], begins=number * per_epoch, cycle=cycle, resumed=resumed)
            if sums is not None and int(steps["step"][end - 1]) == (number + 1) * per_epoch:
                made.append(((number + 1) * per_epoch, float(steps["time"][end - 1]), *astuple(sums), 0))
    return np.array(made, dtype=record_type(COLUMNS))


def epoch_records(history: RunHistory, spec: RunSpec) -> Records:
    """The table ``epochs`` of a run, which must have been polled; of an older one it is made from its steps."""
    records = history.records("epochs")
    if len(records):
        return records
    resumed = history.resumed_at().values()
    per_epoch, cycle = max(spec.data.steps_per_epoch, 1), spec.training.validate_every
    return epochs_of(history.records("steps"), per_epoch=per_epoch, cycle=cycle, resumed=resumed)


def epoch_series(history: RunHistory, spec: RunSpec, tag: str) -> Series:
    """One column of it as a curve."""
    records = epoch_records(history, spec)
    return Series(tag, records["step"].copy(), records["time"].copy(), records[tag].astype(np.float64))


def of_phase(epochs: Records, per_epoch: int, began: int, ended: int | None = None) -> Records:
    """The newest epochs that lie within a phase.

    Args:
        epochs: Records of the table ``epochs``, ascending.
        per_epoch: Steps an epoch.
        began: The step after which the phase began.
        ended: Its last step; None: it goes on.
    """
    recent = epochs[-NEWEST:]
    inside = recent["step"] - per_epoch >= began
    return recent[inside if ended is None else inside & (recent["step"] <= ended)]


def epoch_times(epochs: Records, per_epoch: int) -> EpochTimes | None:
    """How the times of these epochs are distributed; None without one.

    Args:
        epochs: Of one phase, see :func:`of_phase`.
        per_epoch: Steps an epoch.
    """
    if not len(epochs):
        return None
    seconds = epochs["epoch_seconds"].astype(float)
    low, median, high = (float(value) for value in np.quantile(seconds, (0.1, 0.5, 0.9)))
    at = int(np.argmax(seconds))
    found = EpochTimes(
        count=len(seconds),
        median=median,
        low=low,
        high=high,
        slowest=float(seconds[at]),
        slowest_epoch=int(epochs["step"][at]) // per_epoch,
        cause="",
    )
    return replace(found, cause=_cause(epochs, at, found.slowest - median))


def _cause(epochs: Records, at: int, excess: float) -> str:
    """What of its parts explains most of why one epoch was slower than the median."""
    if len(epochs) < 3 or excess < _NOTABLE * float(epochs["epoch_seconds"][at]):
        return ""
    causes = ("validation", "checkpoint", "waiting for data", "a stall")
    parts = {
        cause: float(epochs[name][at]) - float(np.median(epochs[name]))
        for cause, name in zip(causes, COLUMNS[1:], strict=True)
    }
    cause = max(parts, key=lambda name: parts[name])
    return cause if parts[cause] >= _MOST * excess else ""
