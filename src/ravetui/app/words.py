"""States, times and progress in words, as the panes say them."""

import time
from collections.abc import Sequence

from ravetui.app.chart.reading import Reading
from ravetui.runs.format import duration, steps
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress
from ravetui.runs.state import RunState, Status
from ravetui.runs.step_length import StepLength

PHASES = {1: "reconstruction", 2: "adversarial"}
_DAY = 86400.0
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
    if seconds is None:
        return "time per epoch not measured yet"
    waiting = f", {percent(share)} waiting for data" if share >= _WORTH_A_WORD else ""
    return f"{duration(seconds)} an epoch{waiting}"


def phase_eta(progress: Progress, now: float) -> tuple[str, str, str]:
    """When the present phase ends: what, in how long, at what time; the last is empty while it is unknown."""
    what = "phase 2" if progress.phase_end_step < progress.total_steps else "end"
    return _eta(what, progress.phase_eta_s, "unknown until a few steps have been timed", now)


def run_eta(progress: Progress, now: float) -> tuple[str, str, str]:
    """When the run ends, like :func:`phase_eta`."""
    unknown = "unknown until a few steps have been timed"
    if progress.phase_eta_s is not None:
        unknown = "unknown until phase 2 has been timed"
    what, length, when = _eta("end", progress.eta_s, unknown, now)
    if progress.estimated_from:
        when += f", estimated: phase 2 as in {progress.estimated_from}"
    return (what, length, when)


def reading_words(readings: Sequence[Reading], series: Series, counted: StepLength) -> str:
    """What a cursor reads: where it is, the first curve's value, smoothed value and best so far, then the other curves.

    Args:
        readings: At least one.
        series: What the first of them was read from.
        counted: How its epochs are counted.
    """
    first = readings[0]
    step, when = int(series.step[first.index]), float(series.time[first.index])
    parts = [f"step {steps(step)}", f"epoch {counted.epochs(step):.1f}", clock_time(when, float(series.time[-1]))]
    values = [
        f"{reading.label} {distance(reading.raw)}"
        + ("" if reading.smoothed is None else f" (ema {distance(reading.smoothed)})")
        for reading in readings
    ]
    if first.best is not None and first.best_index is not None:
        values.insert(1, f"best {distance(first.best)} at {steps(int(series.step[first.best_index]))}")
    return " · ".join([*parts, *values])


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


def _eta(what: str, seconds: float | None, unknown: str, now: float) -> tuple[str, str, str]:
    if seconds is None:
        return (what, unknown, "")
    if seconds <= 0:
        return (what, "now: its last step is made", "")
    return (f"{what} in", duration(seconds), clock_time(now + seconds, now))
