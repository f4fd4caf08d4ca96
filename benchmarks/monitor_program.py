"""Our program in a terminal, and how its starts, its idling and its chart are timed."""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from chart import Stage
from watched import Watched

from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Column
from ravetui.runs.workspace import Workspace
from tests.terminal import RAVETUI

SMALLEST = """
from textual.app import App
from textual.widgets import Static
class Smallest(App):
    def compose(self):
        yield Static("painted", id="text")
    def on_key(self, event):
        self.query_one("#text").update("painted" if event.key == "a" else "again")
Smallest().run()
"""
Row = dict[str, Any]


def has_chart(text: str) -> bool:
    """Whether curves are drawn."""
    return sum("⠀" < character <= "⣿" for character in text) > 20


def evict(folder: Path) -> None:
    """Put the journals of a workspace out of the page cache."""
    for path in folder.rglob("*.bin"):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def start(workspace: Workspace, **size: int) -> Watched:
    """The program on a workspace; compiled once for all, as an installed one is."""
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(workspace.root.parent / "compiled")}
    return Watched([RAVETUI, "-w", str(workspace.root)], environment=compiled, **size)


def first_chart(workspace: Workspace, *, cold: bool) -> tuple[float, float]:
    """Seconds from the start of the program to its chart: by the clock, and of processor time."""
    if cold:
        evict(workspace.runs)
    with start(workspace) as program:
        return program.until(has_chart) - program.began, program.cpu()


def smallest() -> tuple[float, float]:
    """The same of the smallest Textual program there is: what no monitor on it can save."""
    with Watched([sys.executable, "-c", SMALLEST]) as program:
        return program.until("painted") - program.began, program.cpu()


def starts(found: Sequence[tuple[float, float]]) -> Row:
    """Times of several starts."""
    return spread([clock for clock, _ in found]) | {"cpu_median": round(statistics.median(cpu for _, cpu in found), 3)}


def spread(seconds: Sequence[float], unit: float = 1.0) -> Row:
    """Least, median and 95th percentile."""
    ordered = sorted(seconds)
    p95 = ordered[min(round(0.95 * len(ordered)), len(ordered) - 1)]
    named = {"least": ordered[0], "median": statistics.median(ordered), "p95": p95}
    return {name: round(value * unit, 3) for name, value in named.items()} | {"count": len(ordered)}


def idle_cost(program: Watched, seconds: float = 20.0) -> Row:
    """CPU and bytes over some seconds in which nothing happens."""
    cpu, received = program.cpu(), program.received
    program.bursts(seconds)
    percent = 100 * (program.cpu() - cpu) / seconds
    return {"cpu_percent": round(percent, 2), "bytes_a_second": round((program.received - received) / seconds, 1)}


async def chart_ms(points: int) -> list[float]:
    """Milliseconds of one update of a chart of 200 × 50 after a new point, processor time, rows of cells included."""
    column = Column()
    column.extend(np.random.default_rng(0).normal(3, 0.2, points).astype(np.float32))
    steps = np.arange(points + 100, dtype=np.int32)
    chart, times = Chart(smoothing=0.9), []
    async with Stage(chart).run_test(size=(200, 50)) as pilot:
        for number in range(20):
            column.extend(np.float32([3.0 + number / 10]))
            column.values.prepare([0.9])
            begin = time.process_time()
            x = Positions(steps[: len(column)], token=steps)
            chart.show([ChartSeries("train", x, column.values, "loss-train", band=True)], title="loss")
            for y in range(50):
                chart.render_line(y)
            times.append(1e3 * (time.process_time() - begin))
            await pilot.pause()
    return times[2:]
