"""The rows of ``monitor.py``: each a promise, and how it is measured."""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from monitor_data import many_runs, one_run
from monitor_peers import Peers, imported
from monitor_program import SMALLEST, Row, chart_ms, first_chart, has_chart, idle_cost, smallest, spread, start, starts
from watched import Watched

from ravetui.runs.workspace import Workspace
from tests.terminal import RAVETUI

MILLION = 1_000_000
STEPS_OF_A_MILLION = MILLION // 10
KEYS = "wl+-[]0h,.wl++[[]]--0,,..w"
"""What is pressed over eight curves: axis, smoothing, zoom, pan, all of it, another x, the cursor."""


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
        self._peers = Peers(peers, folder / "peers") if peers else None
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
        return {"must_s": 1.5, **self._starts(workspace, MILLION)}

    def ten_million(self) -> Row:
        """The same of ten million, with and without the journals in the page cache."""
        workspace = self._long(10 * MILLION)
        cold = self._starts(workspace, 10 * MILLION)
        warm = [first_chart(workspace, cold=False) for _ in range(self._rounds)]
        with start(workspace) as program:
            program.until(has_chart)
            begin = time.monotonic()
            while "learning rate" not in (before := program.text):
                program.press("\x1b[C")
                program.until(lambda text, before=before: text != before)
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
        opened = imported(self._folder, MILLION, RAVETUI)
        if isinstance(opened, str):
            return result | {"why": opened}
        return result | {"cold_s": starts([first_chart(opened, cold=True) for _ in range(self._rounds)])}

    def key(self) -> Row:
        """A key to the last byte it paints, with eight runs of ten million points over one another."""
        workspace = self._eight()
        with start(workspace) as program, Watched([sys.executable, "-c", SMALLEST]) as least:
            least.until("painted")
            self._compare_eight(program)
            bound = []
            order = list(KEYS * 4)
            random.Random(0).shuffle(order)
            times = []
            for number, key in enumerate(order):
                if (seconds := program.repaint(key)) is not None:
                    times.append(seconds)
                if (seconds := least.repaint("ba"[number % 2])) is not None:
                    bound.append(seconds)
            others = [seconds for _ in range(6) if (seconds := program.repaint("\x1b[C")) is not None]
            memory = program.memory()
        peers = self._peers.keys(10 * MILLION) if self._peers else None
        return {
            "must_p95_ms": 50,
            "ms": spread(times, 1e3),
            "smallest_textual_ms": spread(bound, 1e3),
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
        peers = self._peers.appended(MILLION) if self._peers else None
        return {"must_p95_ms": 300, "ms": spread(times, 1e3), "peers_ms": peers}

    def idle(self) -> Row:
        """CPU and bytes while nothing happens: the screen of a workspace of 1000 runs, and eight compared."""
        result: Row = {"must_cpu_percent": 1.0, "must_bytes_a_second": 0}
        with start(self._thousand(), columns=120, rows=34) as program:
            program.until(has_chart)
            program.bursts(20.0)
            result["thousand_runs"] = idle_cost(program)
        with start(self._eight()) as program:
            self._compare_eight(program)
            program.bursts(5.0)
            result["eight_compared"] = idle_cost(program)
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
        chart = asyncio.run(chart_ms(10 * MILLION))
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

    def _starts(self, workspace: Workspace, points: int) -> Row:
        """Cold starts of ours, of the bound and of the peers, one after the other in every round."""
        ours, bound = [], []
        if self._peers:
            self._peers.begin(points)
        first_chart(workspace, cold=False)
        for _ in range(self._rounds):
            ours.append(first_chart(workspace, cold=True))
            bound.append(smallest())
            if self._peers:
                self._peers.round()
        median = statistics.median(clock for clock, _ in ours)
        return {
            "cold_s": starts(ours),
            "smallest_textual_s": starts(bound),
            "ratio_to_smallest_textual": round(median / statistics.median(clock for clock, _ in bound), 2),
            "peers_s": self._peers.result(median) if self._peers else None,
        }

    def _compare_eight(self, program: Watched) -> None:
        program.until(has_chart)
        program.settle()
        program.press("c")
        program.until("what differs")
        for _ in range(8):
            program.settle(0.3)
            if "▸·" in program.text:
                program.press(" ")
                program.until(lambda text: "▸·" not in text)
            program.press("\x1b[B")
        program.settle(0.3)
        if "· run" in program.text:
            raise RuntimeError(f"not all eight are compared:\n{program.text}")
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
