"""How fast a run trains, pauses for validation and checkpoints included."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.journal import Records

RATE_STEPS = 500
"""The time of a step is taken over this many of the newest steps."""
MINIMUM_STEPS = 5
"""With fewer steps a pace is unknown."""
GAP = 60.0
"""A pause longer than this many times the median step, and than this many seconds, is no pace: the machine slept."""
LONGEST_VALIDATION = 3600.0
"""After a validation only a pause longer than this is such a sleep, seconds."""


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Where the time of consecutive steps went. Arrays have shape (steps,); a pause is the one before its step."""

    step: NDArray[np.int64]
    own: NDArray[np.float64]
    """The step and its waiting for data, seconds."""
    data: NDArray[np.float64]
    """Of it, the waiting, seconds."""
    pause: NDArray[np.float64]
    """Between the step before and this one, seconds; 0 where nobody trained, and before the first."""
    after_validation: NDArray[np.bool_]
    """Whether that pause was for a validation."""
    resumed: NDArray[np.bool_]
    """Whether an attempt began with this step."""


def step_times(steps: Records, *, cycle: int, resumed: Collection[int] = ()) -> StepTimes:
    """Tell apart what trained, what paused, and when nobody trained: after a stop, a kill, in a machine asleep.

    Args:
        steps: Records of the table ``steps``, ascending.
        cycle: Steps between validations.
        resumed: Steps after which an attempt began.
    """
    data = steps["data_seconds"].astype(float)
    own = steps["step_seconds"].astype(float) + data
    step = steps["step"].astype(np.int64)
    pause, after = np.zeros(len(own)), np.zeros(len(own), dtype=bool)
    began = np.isin(step - 1, list(resumed))
    if len(own) > 1:
        gaps = np.diff(steps["time"])
        after[1:] = (step[:-1] % cycle == 0) & ~began[1:]
        longest = np.where(after[1:], LONGEST_VALIDATION, max(GAP, GAP * float(np.median(own[1:]))))
        untold = (gaps < 0) | (gaps > longest) | began[1:]
        pause[1:] = np.where(untold, 0.0, gaps - own[1:])
    return StepTimes(step, own, data, pause, after, began)


def seconds_per_step(steps: Records, phase: int, *, cycle: int, resumed: Collection[int] = ()) -> float | None:
    """Wall time a step in one phase; None with too few steps to tell.

    It is the time of the newest steps plus the pauses between steps, which are averaged over whole validation cycles:
    else each validation would seem to slow the run down for a while, and no validation to speed it up. Time in which
    nobody trained (a stop, a kill, a machine asleep) is left out.

    Args:
        steps: Records of the table ``steps``, ascending.
        phase: The phase whose steps count.
        cycle: Steps between validations.
        resumed: Steps after which an attempt began.
    """
    window = cycle * -(-RATE_STEPS // cycle)
    recent = steps[-4 * window :]
    recent = recent[recent["phase"] == phase][-window - 1 :]
    if len(recent) < MINIMUM_STEPS:
        return None
    found = step_times(recent, cycle=cycle, resumed=resumed)
    return float(found.own[1:][-RATE_STEPS:].mean() + found.pause[1:].mean())


def data_share(steps: Records, phase: int) -> float | None:
    """The part of the time of a step, 0 to 1, in which the trainer waits for its data; None with too few steps to tell.

    Args:
        steps: Records of the table ``steps``, ascending.
        phase: The phase whose newest steps count.
    """
    recent = steps[-RATE_STEPS:]
    recent = recent[recent["phase"] == phase]
    if len(recent) < MINIMUM_STEPS:
        return None
    waited, computed = (float(recent[name].sum(dtype=float)) for name in ("data_seconds", "step_seconds"))
    return waited / (waited + computed) if waited + computed > 0 else None
