"""What stands along the bottom of the curves: steps, epochs or hours."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.series import STEPS, HorizontalAxis, PhaseLine
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress

Places = Callable[[Series], NDArray[np.float64]]
"""From a series to the x of its points, ascending."""


@dataclass(frozen=True)
class Along:
    """One of them."""

    axis: HorizontalAxis
    places: Callable[[Collection[Series], Progress], Places]
    """Of the series on one chart: they share a beginning."""
    phases: Callable[[Collection[Series], Progress], list[PhaseLine]]


def _by_step(_shown: Collection[Series], _progress: Progress) -> Places:
    return lambda series: series.step.astype(np.float64)


def _by_epoch(_shown: Collection[Series], progress: Progress) -> Places:
    return lambda series: progress.counted.epochs(series.step)


def _by_time(shown: Collection[Series], _progress: Progress) -> Places:
    begin = _beginning(shown)
    # A clock that was set back would fold the curve over itself.
    return lambda series: np.maximum.accumulate(np.maximum(series.time - begin, 0.0)) / 3600.0


def _phases_by_step(_shown: Collection[Series], progress: Progress) -> list[PhaseLine]:
    began = [PhaseLine(float(item.step), f"phase {item.phase}") for item in progress.transitions if item.phase > 1]
    if began or progress.phase_end_step >= progress.total_steps:
        return began
    return [PhaseLine(float(progress.phase_end_step), "phase 2")]


def _phases_by_epoch(shown: Collection[Series], progress: Progress) -> list[PhaseLine]:
    counted = progress.counted
    return [PhaseLine(counted.epochs(line.x), line.label) for line in _phases_by_step(shown, progress)]


def _phases_by_time(shown: Collection[Series], progress: Progress) -> list[PhaseLine]:
    """Only what has happened: when a coming phase begins is said in the header, with its uncertainty."""
    longest = max(shown, key=lambda series: series.step.size, default=None)
    if longest is None or not longest.step.size:
        return []
    hours = _by_time(shown, progress)(longest)
    return [
        PhaseLine(float(hours[int(np.searchsorted(longest.step, line.x, "right")) - 1]), line.label)
        for line in _phases_by_step(shown, progress)
        if longest.step[0] <= line.x <= longest.step[-1]
    ]


def _beginning(shown: Iterable[Series]) -> float:
    return min((float(series.time[0]) for series in shown if series.time.size), default=0.0)


ALONG: tuple[Along, ...] = (
    Along(STEPS, _by_step, _phases_by_step),
    Along(HorizontalAxis("epoch", whole=False), _by_epoch, _phases_by_epoch),
    Along(HorizontalAxis("hours", whole=False), _by_time, _phases_by_time),
)
