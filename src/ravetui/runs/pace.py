"""How fast a run trains, pauses for validation and checkpoints included."""

from collections.abc import Collection

import numpy as np

from ravetui.runs.journal import Records

RATE_STEPS = 500
"""The time of a step is taken over this many of the newest steps."""
MINIMUM_STEPS = 5
"""With fewer steps a pace is unknown."""
GAP = 60.0
"""A pause longer than this many times the median step, and than this many seconds, is no pace: the machine slept."""
LONGEST_VALIDATION = 3600.0
"""After a validation only a pause longer than this is such a sleep, seconds."""


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
    own = (recent["step_seconds"].astype(float) + recent["data_seconds"])[1:]
    gaps = np.diff(recent["time"])
    before = recent["step"][:-1]
    longest = np.where(before % cycle == 0, LONGEST_VALIDATION, max(GAP, GAP * float(np.median(own))))
    untold = (gaps < 0) | (gaps > longest) | np.isin(before, list(resumed))
    pauses = np.where(untold, 0.0, gaps - own)
    return float(own[-RATE_STEPS:].mean() + pauses.mean())


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
