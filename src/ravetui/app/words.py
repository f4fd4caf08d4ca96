"""States, times and progress in words, as the panes say them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ravetui.runs.format import duration, round_duration, steps
from ravetui.runs.run_state import RunState

if TYPE_CHECKING:
    from ravetui.app.chart.reading import Reading
    from ravetui.runs.eta import Eta
    from ravetui.runs.history import Series
    from ravetui.runs.progress import Progress
    from ravetui.runs.state import Status
    from ravetui.runs.step_length import StepLength

PHASES = {1: "reconstruction", 2: "adversarial"}
_DAY = 86400.0
_FEW = 5
"""With fewer epochs none is usual."""
_WORTH_A_MARGIN = 1.0
"""A smaller one is not told, seconds."""
_WORTH_A_WORD = 0.05
"""A smaller share of waiting for data is what a run has anyway."""

GLYPHS = {
    RunState.RUNNING: ("●", "$run-live"),
    RunState.UNSUPERVISED: ("▲", "$run-waiting"),
    RunState.STOPPING: ("◑", "$run-waiting"),
    RunState.QUEUED: ("◐", "$run-waiting"),
    RunState.STOPPED: ("■", "$run-stopped"),
    RunState.FINISHED: ("✓", "$run-finished"),
    RunState.FAILED: ("✗", "$run-failed"),
    RunState.LOST: ("?", "$run-failed"),
    RunState.WRITING: ("▷", "$run-live"),
    RunState.QUIET: ("□", "$run-stopped"),
}
"""A sign of its own for each state, so that none needs its colour."""

NEW_GLYPH = ("○", "$quiet")
DAMAGED_GLYPH = ("!", "$run-failed")


def glyph_of(status: Status) -> tuple[str, str]:
    """Sign and colour of a run's state."""
    if status.state is RunState.STOPPED and not status.attempt:
        return NEW_GLYPH
    return GLYPHS[status.state]


def distance(value: float | None) -> str:
    """A spectral distance with four significant digits, the zeros too, so that a column lines up: ``3.900``."""
    return "–" if value is None else format(value, "#.4g").rstrip(".")


def stars_words(stars: int) -> str:
    """A rating, five cells wide: ``★★★··``."""
    return "★" * stars + "·" * (5 - stars)


def state_words(status: Status) -> str:
    """What a run does, in one or two words."""
    if status.state in (RunState.RUNNING, RunState.QUEUED):
        return status.reason
    return "training, unsupervised" if status.state is RunState.UNSUPERVISED else status.state.value


def job_words(status: Status, now: float) -> str:
    """``job 123 on n7, limit in 3 h``: the job of SLURM's that a run trains in; empty when there is none."""
    job = status.job
    if job is None or not job.id or not status.state.is_live:
        return ""
    where = f" on {job.nodes}" if job.nodes else ""
    left = job.left(now)
    return f"job {job.id}{where}" + (f", limit in {short_duration(left)}" if left is not None else "")


def clock_time(when: float, now: float) -> str:
    """A Unix time as a person reads it at ``now``, in local time: ``14:02``, ``Tue 03:10`` or ``12 Mar 03:10``."""
    there, here = time.localtime(when), time.localtime(now)
    if (there.tm_year, there.tm_yday) == (here.tm_year, here.tm_yday):
        return time.strftime("%H:%M", there)
    if abs(when - now) < 6 * _DAY:
        return time.strftime("%a %H:%M", there)
    return f"{there.tm_mday} {time.strftime('%b %H:%M', there)}"


def short_duration(seconds: float | None) -> str:
    """A length of time in its largest unit, for a narrow column: ``9 h``; a dash when it is unknown."""
    if seconds is None:
        return "–"
    for size, unit in ((_DAY, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def epoch_time(progress: Progress) -> str:
    """``4 min 52 s an epoch``, or why it is not known; how much of it waits for data, if that is much."""
    seconds, share = progress.epoch_seconds, progress.data_share or 0.0
    if seconds is None or not progress.steps_per_epoch:
        return "time per epoch not measured yet"
    waiting = f", {percent(share)} waiting for data" if share >= _WORTH_A_WORD else ""
    return f"{duration(seconds)} an epoch{waiting}"


def usual_epoch(progress: Progress) -> str:
    """``usually 4 min 40 s to 5 min 10 s``, where epochs differ by more than a little; else empty."""
    found = progress.epoch_times
    if found is None or found.count < _FEW or found.high - found.low < _WORTH_A_WORD * found.median:
        return ""
    return f"usually {duration(found.low)} to {duration(found.high)}"


def phase_eta(progress: Progress, now: float) -> tuple[str, str, str]:
    """When the present phase ends: what, in how long, at what time; the last is empty while it is unknown."""
    what = "phase 2" if progress.phase_end_step < progress.total_steps else "end"
    seconds = progress.left(progress.phase_eta_s, now)
    return _eta(what, seconds, "unknown until a few steps have been timed", now, progress.phase_eta)


def validation_eta(progress: Progress, now: float) -> tuple[str, str, str]:
    """When the next validation begins, like :func:`phase_eta`; its time of day is left out, being so near."""
    eta = progress.validation_eta
    seconds = progress.left(eta.seconds if eta else None, now)
    if seconds is None:
        return ("validation", "unknown", "")
    return ("validation in", duration(seconds), "") if seconds > 0 else ("validation", "now", "")


def run_eta(progress: Progress, now: float) -> tuple[str, str, str]:
    """When the run ends, like :func:`phase_eta`."""
    unknown = "unknown until a few steps have been timed"
    if progress.phase_eta_s is not None:
        unknown = "unknown until phase 2 has been timed"
    what, length, when = _eta("end", progress.left(progress.eta_s, now), unknown, now, progress.eta)
    if progress.estimated_from and when:
        when += ", estimated"
    return (what, length, when)


def estimate_source(progress: Progress) -> str:
    """What an estimated end was estimated from; empty when it is no estimate."""
    if not progress.estimated_from:
        return ""
    from ravetui.runs.estimate import MEASURED

    source = progress.estimated_from
    return "phase 2 by a few steps at the start" if source == MEASURED else f"phase 2 as in {source}"


def reading_words(readings: Sequence[Reading], series: Mapping[str, Series], counted: StepLength) -> str:
    """What a cursor reads: where it is, the first curve's value, smoothed value and best so far, then the other curves.

    Args:
        readings: At least one.
        series: What they were read from, by label.
        counted: How its epochs are counted; none an epoch: unknown.
    """
    first, there = readings[0], series[readings[0].label]
    step, when = round(there.steps[first.index]), float(there.time[first.index])
    epoch = [f"epoch {counted.epochs(step):.1f}"] if counted.per_epoch else []
    parts = [f"step {steps(step)}", *epoch, clock_time(when, float(there.time[-1]))]
    values = [_value_words(reading, series.get(reading.label)) for reading in readings]
    if first.best is not None and first.best_index is not None:
        values.insert(1, f"best {distance(first.best)} at {steps(round(there.steps[first.best_index]))}")
    return " · ".join([*parts, *values])


def _value_words(reading: Reading, series: Series | None) -> str:
    """``train 4.012 (ema 4.100)``, or ``FAD 0.2100 (0.1900 to 0.2300)``."""
    from ravetui.app.judged import JudgedSeries

    more = "" if reading.smoothed is None else f" (ema {distance(reading.smoothed)})"
    if isinstance(series, JudgedSeries) and math.isfinite(series.low[reading.index]):
        more = f" ({distance(float(series.low[reading.index]))} to {distance(float(series.high[reading.index]))})"
    return f"{reading.label} {distance(reading.raw)}{more}"


def phase_fraction(progress: Progress) -> float:
    """How much of the present phase is done, 0 to 1."""
    start = max((item.step for item in progress.transitions if item.phase == progress.phase), default=0)
    length = progress.phase_end_step - start
    return min(max((progress.step - start) / length, 0.0), 1.0) if length > 0 else 1.0


def percent(fraction: float) -> str:
    """``62 %``; 100 only when it is done."""
    return f"{int(fraction * 100)} %"


def of_steps(progress: Progress) -> str:
    """``131 400 of 213 400``, the second being the end of the run."""
    return f"{steps(progress.step)} of {steps(progress.total_steps)}"


def _eta(what: str, seconds: float | None, unknown: str, now: float, eta: Eta | None = None) -> tuple[str, str, str]:
    if seconds is None:
        return (what, unknown, "")
    if seconds <= 0:
        return (what, "now: its last step is made", "")
    within = f" ± {round_duration(eta.half_width)}" if eta and eta.half_width >= _WORTH_A_MARGIN else ""
    return (f"{what} in", duration(seconds), clock_time(now + seconds, now) + within)
