"""What stands along the bottom of the curves: steps, epochs or hours."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np

from ravetui.app.chart.series import STEPS, HorizontalAxis, PhaseLine
from ravetui.app.timeline import Timeline
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress
from ravetui.runs.series.positions import Positions

Places = Callable[[Series], Positions]
"""From a series to the x of its points, ascending."""
UNKNOWN = Timeline()


@dataclass(frozen=True)
class Along:
    """One of them."""

    axis: HorizontalAxis
    _places: Callable[[Collection[Series], Progress, Timeline], Places]
    _phases: Callable[[Collection[Series], Progress, Timeline], list[PhaseLine]]

    def places(self, shown: Collection[Series], progress: Progress, timeline: Timeline = UNKNOWN) -> Places:
        """Where the points of series stand.

        Args:
            shown: The series on one chart: where the run's beginning is not known, they share the first of theirs.
            progress: Of their run.
            timeline: Of their run, if it is known.
        """
        return self._places(shown, progress, timeline)

    def phases(self, shown: Collection[Series], progress: Progress, timeline: Timeline = UNKNOWN) -> list[PhaseLine]:
        """Where the phases that began stand, and one that is to come; for the arguments see :meth:`places`."""
        return self._phases(shown, progress, timeline)


def _by_step(_shown: Collection[Series], _progress: Progress, _timeline: Timeline) -> Places:
    return lambda series: series.steps


def _by_epoch(_shown: Collection[Series], progress: Progress, _timeline: Timeline) -> Places:
    # A fork has no point from before it: on its own steps epochs go up evenly, from those that were done by then.
    counted = progress.counted
    per_epoch = max(counted.per_epoch, 1)
    origin = counted.since - counted.epochs_before * per_epoch if counted.since else 0.0
    return lambda series: series.steps.along(origin=origin, unit=per_epoch)


def _by_time(shown: Collection[Series], _progress: Progress, timeline: Timeline) -> Places:
    begin = _beginning(shown, timeline)
    return lambda series: series.clock.along(origin=begin, unit=3600.0)


def _phases_by_step(_shown: Collection[Series], progress: Progress, _timeline: Timeline) -> list[PhaseLine]:
    began = [PhaseLine(float(item.step), f"phase {item.phase}") for item in progress.transitions if item.phase > 1]
    if began or progress.phase_end_step >= progress.total_steps:
        return began
    return [PhaseLine(float(progress.phase_end_step), "phase 2")]


def _phases_by_epoch(shown: Collection[Series], progress: Progress, timeline: Timeline) -> list[PhaseLine]:
    counted = progress.counted
    return [PhaseLine(counted.epochs(line.x), line.label) for line in _phases_by_step(shown, progress, timeline)]


def _phases_by_time(shown: Collection[Series], progress: Progress, timeline: Timeline) -> list[PhaseLine]:
    """Only what has happened: when a coming phase begins is said in the header, with its uncertainty."""
    longest = max(shown, key=lambda series: series.size, default=None)
    found = []
    for line in _phases_by_step(shown, progress, timeline):
        moment = timeline.moment(int(line.x))
        if longest is not None and longest.size and longest.steps[0] <= line.x <= longest.steps[-1]:
            hours = _by_time(shown, progress, timeline)(longest)
            at = longest.steps.search(np.array([line.x]), "right")[0] - 1
            found.append(PhaseLine(hours[int(at)], line.label))
        elif moment is not None and line.x < progress.step:
            # Of curves that begin with the phase none has a point before it: there the run's events say when it was.
            found.append(PhaseLine(max(moment - _beginning(shown, timeline), 0.0) / 3600.0, line.label))
    return found


def _beginning(shown: Iterable[Series], timeline: Timeline) -> float:
    if timeline.began is not None:
        return timeline.began
    return min((float(series.time[0]) for series in shown if series.size), default=0.0)


ALONG: tuple[Along, ...] = (
    Along(STEPS, _by_step, _phases_by_step),
    Along(HorizontalAxis("epoch", whole=False), _by_epoch, _phases_by_epoch),
    Along(HorizontalAxis("hours", whole=False), _by_time, _phases_by_time),
)
