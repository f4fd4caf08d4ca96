"""How long a chart takes to repaint, against the reading of its numbers and against textual-plot.

Two series of n points each, one of them smoothed in front of its band, on 160 × 40 cells, for n up to ten million. For
each n, medians in milliseconds:

- `repaint`: everything drawn anew from the points, as after a key: reduction, raster, strips; the smoothing is kept.
- `update`: the same after one new point, as in a live run: comparison with what was shown, smoothing and repaint.
- `bound`: numpy's smallest and largest value in each column of the same arrays: what no chart without loss can save.
- `screen`: `update`, until Textual is idle again.
- `peer`: the same with textual-plot, if it is installed, up to 10 000 points.

Prints one JSON document. Usage: python benchmarks/chart.py [N ...]
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries, PhaseLine

COLUMNS, ROWS = 160, 40
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
PEER_LARGEST = 10_000
REPEATS = 9

Floats = NDArray[np.float64]


class Stage(App[None]):
    """A screen with one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def on_mount(self) -> None:
        """Put the widget up."""
        self.screen.mount(self.widget)


def median_ms(work: Callable[[], object]) -> float:
    """The median of several runs, after one that is not counted."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


async def median_ms_idle(pilot: Pilot[None], work: Callable[[], object]) -> float:
    """The median until the screen is idle again, the work not counted the first time."""
    times = []
    for _ in range(REPEATS + 1):
        begin = time.perf_counter()
        work()
        await pilot.pause()
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times[1:])


def curves(n: int) -> tuple[Floats, Floats, Floats]:
    """Steps and two noisy losses, shapes (n,)."""
    rng = np.random.default_rng(n)
    x = np.arange(float(n))
    decay = 3 + 4 * np.exp(-x / (0.2 * n))
    return x, decay * np.exp(0.1 * rng.normal(size=n)), decay + 0.2 + 0.05 * rng.normal(size=n)


def series(x: Floats, train: Floats, validation: Floats) -> list[ChartSeries]:
    """What the chart is given: new arrays, so that nothing is kept from before."""
    return [
        ChartSeries("train", x, train, "loss-train", band=True),
        ChartSeries("validation", x, validation, "loss-validation"),
    ]


def bound_ms(x: Floats, arrays: list[Floats]) -> float:
    """The extremes of each column of dots, of the arrays that a repaint reads."""
    starts = np.searchsorted(x, np.linspace(x[0], x[-1], 2 * COLUMNS + 1)[:-1])

    def read() -> None:
        for array in arrays:
            np.minimum.reduceat(array, starts)
            np.maximum.reduceat(array, starts)

    return median_ms(read)


async def measure(n: int) -> dict[str, float]:
    """All of ours for one n."""
    x, train, validation = curves(n)
    chart = Chart(smoothing=0.9)
    app = Stage(chart)
    # Even the arrays of the next update are made beforehand: a reader's work, not the chart's.
    versions = []
    for last in (3.0, 3.5):
        changed = train.copy()
        changed[-1] = last
        versions.append(series(x, changed, validation.copy()))
    turn = iter(range(1_000_000))

    def strips() -> None:
        for y in range(ROWS):
            chart.render_line(y)

    def repaint() -> None:
        # Another phase line leaves the points, and what was smoothed, as they are.
        chart.show(versions[0], [PhaseLine(n / 2 + next(turn) % 2 * n / 9, "phase 2")], title="loss")
        strips()

    def update() -> None:
        chart.show(versions[next(turn) % 2], title="loss")
        strips()

    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await pilot.pause()
        result = {"repaint": median_ms(repaint), "update": median_ms(update)}
        result["screen"] = await median_ms_idle(pilot, update)
    # A repaint reads both series twice: smoothed, and raw for the band and the marks.
    result["bound"] = bound_ms(x, [train, train.copy(), validation, validation.copy()])
    return result


async def measure_peer(n: int) -> float | None:
    """The same two curves in textual-plot, or None without it."""
    try:
        from textual_plot import HiResMode, PlotWidget
    except ImportError:
        return None
    x, train, validation = curves(n)
    plot = PlotWidget()
    app = Stage(plot)

    def update() -> None:
        plot.clear()
        plot.plot(x, train, hires_mode=HiResMode.BRAILLE)
        plot.plot(x, validation, hires_mode=HiResMode.BRAILLE)

    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await pilot.pause()
        return await median_ms_idle(pilot, update)


def rounded(milliseconds: float) -> float:
    """Three digits are all that a clock is good for here."""
    return float(f"{milliseconds:.3g}")


def main(sizes: list[int]) -> None:
    """Measure and print."""
    results = []
    for n in sizes:
        ours = asyncio.run(measure(n))
        row: dict[str, float | int | None] = {"points": n} | {f"{name}_ms": rounded(ms) for name, ms in ours.items()}
        row["repaint_over_bound"] = rounded(ours["repaint"] / ours["bound"])
        peer = asyncio.run(measure_peer(n)) if n <= PEER_LARGEST else None
        row["peer_ms"] = peer and rounded(peer)
        row["peer_over_screen"] = peer and rounded(peer / ours["screen"])
        results.append(row)
    print(json.dumps({"columns": COLUMNS, "rows": ROWS, "series": 2, "repeats": REPEATS, "results": results}, indent=2))


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(SIZES))
