"""What there is to draw of one run: lines, phases and the window, whatever the chart's size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from ravetui.app.along import Along
from ravetui.app.arrangement import Arrangement
from ravetui.app.chart.axis import x_window
from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries, PhaseLine
from ravetui.app.chart.view import Window
from ravetui.app.curves import Curve, CurveGroup, groups_of, groups_with
from ravetui.app.judged import JudgedSeries
from ravetui.app.snapshot import Curves
from ravetui.app.timeline import borders
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress
from ravetui.runs.series.positions import Positions

ALL_PHASES = 0


@dataclass(frozen=True, eq=False)
class Scene:
    """A run's curves as they are looked at."""

    curves: Curves
    progress: Progress
    along: Along
    """What stands along the bottom."""
    phase: int = ALL_PHASES
    """Only this phase; :data:`ALL_PHASES`: the whole run."""

    def show(self, chart: Chart, group: CurveGroup, *, title: str = "") -> None:
        """Draw a group of curves on a chart."""
        chart.show(
            self.lines(group),
            self._lines_of_phases,
            title=title,
            empty=group.empty,
            axis=self.along.axis,
            within=self.window,
            split=True,
        )

    def lines(self, group: CurveGroup) -> list[ChartSeries]:
        """The curves of a group, without judgements that nobody made; none where its phase is not looked at."""
        if self.phase != ALL_PHASES and group.since > self.phase:
            return []
        places = self.along.places(self.curves.series.values(), self.progress, self.curves.timeline)
        read = self.read(group)
        return [_line(curve, read[curve.tag], places(read[curve.tag])) for curve in group.curves if curve.tag in read]

    def read(self, group: CurveGroup) -> Mapping[str, Series]:
        """The series of a group by their tags."""
        return {tag: self.curves.series[tag] for tag in group.tags if tag in self.curves.series}

    @cached_property
    def phases(self) -> list[int]:
        """The phases that the run has trained, in order, if it has trained more than one."""
        found = [change.phase for change in borders(self.progress, self.curves.timeline.first_step)]
        return [found[0] - 1, *found] if found else []

    @cached_property
    def window(self) -> Window | None:
        """First and last x: of the run with its next phase unless that is far, or of the phase; None without a step."""
        whole = self._whole
        if whole is None or self.phase not in self.phases:
            return whole
        began = {line.label: line.x for line in self._lines_of_phases}
        after = [began.get(f"phase {number}", whole[1]) for number in self.phases if number > self.phase]
        # The step at which a phase begins is the last of the one before it.
        start = (
            float(np.nextafter(began[f"phase {self.phase}"], np.inf)) if f"phase {self.phase}" in began else whole[0]
        )
        end = min([whole[1], *after])
        return (start, end) if start < end else whole

    @cached_property
    def _lines_of_phases(self) -> list[PhaseLine]:
        return self.along.phases(self.curves.series.values(), self.progress, self.curves.timeline)

    @cached_property
    def _whole(self) -> Window | None:
        """The same for every chart of the run, so that what is above one another happened at the same time."""
        series, timeline = list(self.curves.series.values()), self.curves.timeline
        places = self.along.places(series, self.progress, timeline)
        ends = [places(one)[-1] for one in series if one.size]
        if not ends:
            return None
        times = [float(one.time[0]) for one in series if one.size]
        begin = timeline.began if timeline.began is not None else min(times)
        first = places(_moment(timeline.first_step, begin))[0]
        last = max([*ends, places(_moment(self.progress.step, begin))[0]])
        ends_of_run = np.array([min(first, last), last])
        return x_window([ChartSeries("", ends_of_run, ends_of_run, "")], self._lines_of_phases)


def walk_of(arrangement: Arrangement, curves: Curves, phase: int = ALL_PHASES) -> list[CurveGroup]:
    """The groups that are shown one after the other: neither hidden, nor of a phase that is not looked at."""
    every = groups_of(curves.tags)
    groups = [group for group in groups_with(every, curves.optional) if phase == ALL_PHASES or group.since <= phase]
    return _in_order(arrangement.shown([group.title for group in every]), groups) or groups or list(every)


def all_of(arrangement: Arrangement, curves: Curves) -> list[CurveGroup]:
    """Every group in order, hidden ones too."""
    every = groups_of(curves.tags)
    return _in_order(arrangement.of([group.title for group in every]), groups_with(every, curves.optional)) or list(
        every
    )


T = TypeVar("T")


def turned(things: Sequence[T], before: T, by: int) -> T:
    """The one so many further in a sequence, round and round."""
    return things[(things.index(before) + by) % len(things)] if before in things else things[0]


def _in_order(titles: Sequence[str], groups: Sequence[CurveGroup]) -> list[CurveGroup]:
    by_title = {group.title: group for group in groups}
    return [by_title[title] for title in titles if title in by_title]


def _moment(step: int, time: float) -> Series:
    return Series("", np.array([step], dtype=np.int64), np.array([time]), np.zeros(1))


def _line(curve: Curve, series: Series, x: Positions) -> ChartSeries:
    low, high = (series.low, series.high) if isinstance(series, JudgedSeries) else (None, None)
    return ChartSeries(
        curve.label, x, series.values, curve.role, band=not curve.markers, markers=curve.markers, low=low, high=high
    )
