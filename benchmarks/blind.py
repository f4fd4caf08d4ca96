"""Claim: a blind round takes no time but listening: 60 stimuli, each rated as soon as it sounds, on a sound server.

Measured is from the key that rates to the next stimulus sounding, while the answer goes to disk. The bound, measured in
the same run, is how long one synced line takes on this disk. The goal is 60 in 180 s.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ravetui.runs.blind.store import list_rounds
from ravetui.runs.checked_line import checked_line, write_line
from tests.pulse import PulseServer
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of

CLIPS, CHECKPOINTS = 4, 14
"""With the original, 60 stimuli."""


async def rate(made: MadeRun) -> list[float]:
    """Seconds from each key to the next sound."""
    found = []
    async with screen_of(made.workspace, 80, 24) as seen:
        board, main = seen.app.main.board, seen.app.main
        await seen.until(lambda: board.situation.sample is not None and board.detail is not None)
        # Every one is marked, as with the key.
        board._marks = {("graz", row.step) for row in board.detail.steps} if board.detail else set()
        await seen.press("b")
        await seen.see("60 to hear")
        await seen.press("enter")

        def sounds(place: int) -> bool:
            report = main.sound
            return report is not None and report.state == "playing" and report.about.title == f"blind {place} of 60"

        await seen.until(lambda: sounds(1))
        for place in range(1, 61):
            began = time.perf_counter()
            await seen.pilot.press("4")
            if place < 60:
                await seen.until(lambda place=place: sounds(place + 1))
                found.append(time.perf_counter() - began)
        await seen.see("All 60 are rated.")
        await seen.until(lambda: list_rounds(made.folder)[0].said == 60, "all on disk")
    return found


def synced_lines(folder: Path) -> float:
    """Median seconds of a synced line."""
    times = []
    for number in range(60):
        began = time.perf_counter()
        write_line(folder / "lines", checked_line({"number": number}))
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print what 60 took as JSON."""
    server = PulseServer()
    os.environ.update(server.environment)
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = MadeRun(workspace_in(Path(folder) / "ws"), "graz").begin()
            for _ in range(CHECKPOINTS):
                made.train(50).render(CLIPS, seconds=4.0)
            made.release()
            times = asyncio.run(rate(made))
            bound = synced_lines(Path(folder))
    finally:
        server.close()
    p95 = statistics.quantiles(times, n=20)[-1]
    seconds = {"all": round(sum(times), 2), "median": round(statistics.median(times), 3), "p95": round(p95, 3)}
    print(json.dumps({"stimuli": 60, "s": seconds, "synced_line_s": round(bound, 5), "goal_s": 180}))


if __name__ == "__main__":
    main()
