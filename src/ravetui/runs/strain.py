"""Whether memory or disk will be full before a run ends, and whether its GPU waits for data: from its own records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.journal import Records
from ravetui.runs.progress import Progress
from ravetui.runs.resources import STALE
from ravetui.runs.trend import correlation, theil_sen

_HOUR = 3600.0
_WARM_UP = 300.0
"""Seconds in which a run takes what it needs: growth then is no leak."""
_LONG_ENOUGH = 1800.0
"""Seconds over which something must grow before it is said to go on."""
_WINDOW = 4 * _HOUR
_POINTS = 60
"""Points a trend is taken from."""
_RECENT, _FEWEST = 30, 12
"""Looks over which a GPU is called idle, and how many there must be."""
_IDLE, _WAITING = 70.0, 0.1
"""Below this per cent a GPU has time left; from this share on a step waits for its data."""


@dataclass(frozen=True)
class Strain:
    """What will not last, or stands in the way; None is all right or not known."""

    memory_growth: float | None = None
    """Bytes a second, when that fills the memory before the run ends."""
    memory_free: float = 0.0
    disk_growth: float | None = None
    """Bytes a second that anybody writes, when that fills the disk before the run ends."""
    disk_needed: float | None = None
    """Bytes that the run will still write, when there is less room for them than that."""
    disk_free: float = 0.0
    checkpoints_to_come: int = 0
    """Of those that stay, the newest not counted."""
    checkpoint_bytes: int = 0
    idle_gpu: float | None = None
    """How busy the GPU is, 0 to 100, when it is not, and data is waited for."""
    data_share: float = 0.0


def look_for_strain(
    looked: Records, progress: Progress, checkpoints: Sequence[Checkpoint] = (), *, keep_every_hours: float = 0.0
) -> Strain:
    """What a run that trains now should be warned of.

    Args:
        looked: Records of the table ``resources``, in order.
        progress: Of the run.
        checkpoints: Newest first.
        keep_every_hours: One checkpoint every so many hours stays for good; 0: none does.
    """
    rows = _present(looked, progress)
    left = progress.eta_s if progress.eta_s is not None else progress.phase_eta_s
    if not len(rows):
        return Strain()
    idle, share = _idle(rows[-_RECENT:])
    if left is None or left <= 0:
        return Strain(idle_gpu=idle, data_share=share)
    time = rows["time"] - rows["time"][0]
    memory_free, disk_free = float(rows["memory_free_bytes"][-1]), float(rows["disk_free_bytes"][-1])
    growth = _growth(time, rows["memory_bytes"].astype(np.float64))
    filling = _growth(time, -rows["disk_free_bytes"].astype(np.float64))
    size = checkpoints[0].bytes if checkpoints else 0
    stay = int(left / _HOUR / keep_every_hours) if keep_every_hours > 0 else 0
    # A checkpoint is written before an older one goes.
    needed = size * (stay + 1.0) if size else 0.0
    return Strain(
        memory_growth=growth if growth is not None and memory_free < growth * left else None,
        memory_free=memory_free,
        disk_growth=filling if filling is not None and disk_free < filling * left else None,
        disk_needed=needed if disk_free < needed else None,
        disk_free=disk_free,
        checkpoints_to_come=stay,
        checkpoint_bytes=size,
        idle_gpu=idle,
        data_share=share,
    )


def _present(looked: Records, progress: Progress) -> Records:
    """The rows of the present phase since the trainer was started last, as far back as is looked."""
    if not len(looked):
        return looked
    recent = looked[looked["time"] >= looked["time"][-1] - _WINDOW]
    began = max((change.step for change in progress.transitions), default=-1)
    recent = recent[recent["step"] > began] if began >= 0 else recent
    pauses = np.flatnonzero(np.diff(recent["time"]) > STALE)
    rows: Records = recent[pauses[-1] + 1 :] if len(pauses) else recent
    return rows


def _growth(time: NDArray[np.float64], value: NDArray[np.float64]) -> float | None:
    """How fast something grows, a second, if it surely does and did so in both halves of the time; else None.

    A value that has gone up once, by a step, does not grow.
    """
    kept = (time >= _WARM_UP) & np.isfinite(value)
    time, value = time[kept], value[kept]
    if not time.size or time[-1] - time[0] < _LONG_ENOUGH:
        return None
    chosen = np.unique(np.linspace(0, time.size - 1, _POINTS).astype(int))
    time, value = time[chosen], value[chosen]
    half = time.size // 2
    slopes = []
    for part in (slice(None), slice(None, half), slice(half, None)):
        x, y = time[part], value[part]
        found = theil_sen(x, y, correlation=correlation(x, y))
        if found is None or found.low <= 0:
            return None
        slopes.append(found.slope)
    return min(slopes)


def _idle(rows: Records) -> tuple[float | None, float]:
    """How busy the GPU is, if it has time left while data is waited for, and the share of a step that waits."""
    busy, share = rows["gpu_percent"].astype(np.float64), rows["data_share"].astype(np.float64)
    known = np.isfinite(busy) & np.isfinite(share)
    if known.sum() < _FEWEST:
        return None, 0.0
    percent, waiting = float(np.median(busy[known])), float(np.median(share[known]))
    return (percent if percent < _IDLE and waiting >= _WAITING else None), waiting
