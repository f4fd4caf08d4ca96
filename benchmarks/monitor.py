"""Claim: the monitor tells the truth at ten million points, at once. A row a promise, the peers beside it.

Every row starts the real program in a pseudo-terminal on journals that a trainer would have written. Times are from
starting the program, or from a key, to the last byte that matters. "Cold" means that the journals are not in the page
cache. Peers that ``benchmarks/setup_monitors.sh`` installed are measured in the same rounds on the same curves in their
own formats; one that cannot be run is named with its error. Prints one JSON document.

    python benchmarks/monitor.py [--only ROW ...] [--rounds N] [--peers FOLDER]
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import monitor_peers
from monitor_data import many_runs, one_run
from watched import Watched

from ravetui.runs.workspace import Workspace
from tests.terminal import RAVETUI

MILLION = 1_000_000
STEPS_OF_A_MILLION = MILLION // 10
KEYS = "wl+-[]0h,.wl++[[]]--0,,..w"
SMALLEST = """
from textual.app import App
from textual.widgets import Static
class Smallest(App):
    def compose(self):
        yield Static("painted")
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


class Monitor:
    """Measures rows.

    Args:
        folder: Where the workspaces are made.
        rounds: How often a start is timed.
        peers: Where the peers are installed; None: nowhere.
    """

    def __init__(self, folder: Path, rounds: int, peers: Path | None) -> None:
        self._folder = folder
        self._rounds = rounds
        self._peers = monitor_peers.Peers(peers, folder / "peers") if peers else None
        self._made: dict[str, Workspace] = {}
        self.rows: dict[str, Callable[[], Row]] = {
            "million": self.million,
            "ten_million": self.ten_million,
            "tensorboard_file": self.tensorboard_file,
            "key": self.key,
            "appended": self.appended,
            "idle": self.idle,
            "live_refresh": self.live_refresh,
            "memory": self.memory,
            "thousand_runs": self.thousand_runs,
        }

    def million(self) -> Row:
        """A run of a million points, from the start of the program."""
        workspace = self._long(MILLION)
        return {"must_s": 1.5, **self._starts(workspace, "one", MILLION)}

    def ten_million(self) -> Row:
        """The same of ten million, with and without the journals in the page cache."""
        workspace = self._long(10 * MILLION)
        cold = self._starts(workspace, "ten", 10 * MILLION)
        warm = [first_chart(workspace, cold=False) for _ in range(self._rounds)]
        with start(workspace) as program:
            program.until(has_chart)
            begin = time.monotonic()
            for _ in range(9):
                program.press("\x1b[C")
            program.until("learning rate")
            every = time.monotonic() - begin
        return {
            "must_cold_s": 3.0,
            "must_warm_s": 1.0,
            "warm_s": starts(warm),
            "all_other_curves_s": round(every, 3),
            **cold,
        }

    def tensorboard_file(self) -> Row:
        """An event file of a million points in our screen; null as long as the program cannot open one."""
        result: Row = {"must_s": 2.5, "cold_s": None, "peers_s": None}
        opened = monitor_peers.imported(self._folder, MILLION)
        if isinstance(opened, str):
            return result | {"why": opened}
        return result | {"cold_s": starts([first_chart(opened, cold=True) for _ in range(self._rounds)])}

    def key(self) -> Row:
        """A key to the last byte it paints, with eight runs of ten million points over one another."""
        workspace = self._eight()
        with start(workspace) as program:
            self._compare_eight(program)
            order = list(KEYS * 4)
            random.Random(0).shuffle(order)
            times = [seconds for key in order if (seconds := program.repaint(key)) is not None]
            others = [seconds for _ in range(6) if (seconds := program.repaint("\x1b[C")) is not None]
            memory = program.memory()
        peers = self._peers.keys(10 * MILLION) if self._peers else None
        return {
            "must_p95_ms": 50,
            "ms": spread(times, 1e3),
            "another_curve_ms": spread(others, 1e3),
            "memory_mb": round(memory),
            "peers_ms": peers,
        }

    def appended(self) -> Row:
        """A record of a live run to its step on the screen, on top of a million points."""
        workspace, run = one_run(self._folder / "appended", STEPS_OF_A_MILLION, live=True)
        draw, times = random.Random(1), []
        with start(workspace) as program:
            program.until(has_chart)
            for _ in range(24):
                program.bursts(draw.uniform(1.0, 2.5))
                run.train(1)
                begin = time.monotonic()
                step = f"{run.step:,}".replace(",", " ")
                times.append(program.until(lambda text, step=step: step in text.replace("\u202f", " ")) - begin)
        run.release()
        peers = self._peers.appended() if self._peers else None
        return {"must_p95_ms": 300, "ms": spread(times, 1e3), "peers_ms": peers}

    def idle(self) -> Row:
        """CPU and bytes while nothing happens: the screen of a workspace of 1000 runs, and eight compared."""
        result: Row = {"must_cpu_percent": 1.0, "must_bytes_a_second": 0}
        with start(self._thousand(), columns=120, rows=34) as program:
            program.until(has_chart)
            program.bursts(20.0)
            result["thousand_runs"] = _idle(program)
        with start(self._eight()) as program:
            self._compare_eight(program)
            program.bursts(5.0)
            result["eight_compared"] = _idle(program)
        result["peers"] = self._peers.idle(MILLION) if self._peers else None
        return result

    def live_refresh(self) -> Row:
        """A run that makes ten steps a second, at 200 × 50; and the chart alone, without the program around it."""
        workspace, run = one_run(self._folder / "live", STEPS_OF_A_MILLION, live=True)
        with start(workspace, columns=200, rows=50) as program:
            program.until(has_chart)
            program.settle()
            cpu, begin, bursts = program.cpu(), time.monotonic(), []
            for _ in range(150):
                run.train(1)
                bursts += program.bursts(0.1)
            seconds, cpu = time.monotonic() - begin, program.cpu() - cpu
        run.release()
        large = [size for _, size in bursts if size > 300]
        chart = asyncio.run(_chart_ms(10 * MILLION))
        return {
            "must_ms": 20,
            "must_bytes": 32_000,
            "must_a_second": 2,
            "chart_ms": spread(chart),
            "process_cpu_ms_a_refresh": round(1e3 * cpu / max(len(large), 1), 1),
            "bytes": spread(large) if large else None,
            "a_second": round(len(large) / seconds, 2),
        }

    def memory(self) -> Row:
        """Resident memory with ten million points, at first and after every curve has been looked at."""
        with start(self._long(10 * MILLION)) as program:
            program.until(has_chart)
            program.settle(1.0)
            first = program.memory()
            for _ in range(10):
                program.press("\x1b[C")
                program.settle(0.5)
            program.settle(2.0)
            result = {"must_mb": 150, "first_chart_mb": round(first), "all_curves_mb": round(program.memory())}
        return result | {"peers_mb": self._peers.memory(10 * MILLION) if self._peers else None}

    def thousand_runs(self) -> Row:
        """The list of 1000 runs; the same program on a workspace with one run is the bound."""
        one = many_runs(self._folder / "single", 1, 500)
        listed, alone, whole = [], [], []
        for _ in range(self._rounds):
            with start(one) as program:
                alone.append(program.until("run-0000") - program.began)
            with start(self._thousand()) as program:
                listed.append(program.until(lambda text: text.count("run-0") > 10) - program.began)
                whole.append(program.until(lambda text: text.count("stopped at") > 10) - program.began)
        beyond = [many - single for many, single in zip(listed, alone, strict=True)]
        return {
            "must_s": 0.5,
            "first_list_beyond_an_empty_screen_s": spread(beyond),
            "first_list_s": spread(listed),
            "first_screen_read_s": spread(whole),
            "one_run_s": spread(alone),
        }

    def _starts(self, workspace: Workspace, name: str, points: int) -> Row:
        """Cold starts of ours, of the bound and of the peers, one after the other in every round."""
        ours, bound = [], []
        peers = self._peers.begin(name, points) if self._peers else None
        first_chart(workspace, cold=False)
        for _ in range(self._rounds):
            ours.append(first_chart(workspace, cold=True))
            bound.append(smallest())
            if peers:
                peers.round()
        median = statistics.median(clock for clock, _ in ours)
        return {
            "cold_s": starts(ours),
            "smallest_textual_s": starts(bound),
            "ratio_to_smallest_textual": round(median / statistics.median(clock for clock, _ in bound), 2),
            "peers_s": peers.result(median) if peers else None,
        }

    def _compare_eight(self, program: Watched) -> None:
        program.until(has_chart)
        program.settle()
        program.press("c")
        program.until("what differs")
        for _ in range(8):
            program.press(" ")
            program.settle(0.2)
            program.press("\x1b[B")
        program.press("\t")
        program.until(has_chart)
        program.settle(2.0)

    def _long(self, points: int) -> Workspace:
        name = f"long-{points}"
        if name not in self._made:
            self._made[name] = one_run(self._folder / name, points // 10)[0]
        return self._made[name]

    def _eight(self) -> Workspace:
        if "eight" not in self._made:
            self._made["eight"] = many_runs(self._folder / "eight", 8, MILLION)
        return self._made["eight"]

    def _thousand(self) -> Workspace:
        if "thousand" not in self._made:
            self._made["thousand"] = many_runs(self._folder / "thousand", 1000, 500)
        return self._made["thousand"]


def _idle(program: Watched, seconds: float = 20.0) -> Row:
    cpu, received = program.cpu(), program.received
    program.bursts(seconds)
    percent = 100 * (program.cpu() - cpu) / seconds
    return {"cpu_percent": round(percent, 2), "bytes_a_second": round((program.received - received) / seconds, 1)}


async def _chart_ms(points: int) -> list[float]:
    """Milliseconds of one update of a chart of 200 × 50 after a new point, processor time, rows of cells included."""
    import numpy as np
    from chart import Stage

    from ravetui.app.chart.chart import Chart
    from ravetui.app.chart.series import ChartSeries
    from ravetui.runs.series.positions import Positions
    from ravetui.runs.series.values import Column

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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        monitor = Monitor(Path(folder), options.rounds, options.peers)
        unknown = set(options.only) - set(monitor.rows)
        if unknown:
            parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(monitor.rows)}")
        rows = {name: row() for name, row in monitor.rows.items() if not options.only or name in options.only}
    print(json.dumps({"load": os.getloadavg(), "cores": os.cpu_count(), "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
