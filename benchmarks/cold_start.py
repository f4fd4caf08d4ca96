"""Claim: the screen is there at once. From starting the program to its first painted list of runs.

The bound, measured in the same rounds, is the smallest Textual program that paints one line. Both run in a
pseudo-terminal of 120 × 34 whose screen is read back; the time ends when the expected text is on it.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.run_maker import MadeRun, workspace_in
from tests.terminal import RAVETUI, Terminal

ROUNDS = 9
SMALLEST = """
from textual.app import App
from textual.widgets import Static
class Smallest(App):
    def compose(self):
        yield Static("painted")
Smallest().run()
"""


def first_paint(argv: list[str], wanted: str) -> float:
    """Seconds until ``wanted`` is on the screen."""
    began = time.perf_counter()
    with Terminal(argv) as terminal:
        terminal.wait_for(wanted)
        return time.perf_counter() - began


def main() -> None:
    """Print medians and their ratio as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = workspace_in(Path(folder) / "ws")
        for number in range(8):
            MadeRun(workspace, f"run-{number}").begin().train(2000)
        programs = {
            "ravetui": ([RAVETUI, "-w", str(workspace.root)], "run-7"),
            "smallest": ([sys.executable, "-c", SMALLEST], "painted"),
            "python": ([sys.executable, "-c", "print('painted')"], "painted"),
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(ROUNDS):
            for name, (argv, wanted) in programs.items():
                times[name].append(first_paint(argv, wanted))
    median = {name: round(statistics.median(found), 3) for name, found in times.items()}
    ratio = round(median["ravetui"] / median["smallest"], 2)
    print(json.dumps({"rounds": ROUNDS, "median_s": median, "ratio_to_smallest_textual": ratio}))


if __name__ == "__main__":
    main()
