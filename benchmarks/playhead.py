"""Claim: the playhead over a spectrogram moves 15 times a second and costs at most 15 kB/s to the terminal.

The real screen in a pseudo-terminal shows the picture of a clip (key `v`: noise with tones, so that a repainted picture
would show in the bytes) while a private PulseAudio plays it to a null sink. From one second after the sound began to
one before its end, what is written is counted: bytes a second, how often each row of the screen was painted, and
frames of the row on which the head moves. A short clip moves the head further than a cell in each frame; a long one
shows what a listener sees most. Rows other than the head's must not be painted at all.

Prints one JSON document. Usage: python benchmarks/playhead.py
"""

import collections
import json
import re
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import soundfile
from watched import family_cpu

from ravetui.runs.samples import list_samples
from tests.pulse import PulseServer
from tests.run_maker import RATE, MadeRun, workspace_in
from tests.terminal import RAVETUI, Terminal

SIZES = ((80, 24), (120, 40), (200, 50))
LENGTHS = (5.0, 10.0, 30.0)
MOST_BYTES, FRAMES = 15_000, 15
_PAINT = re.compile(rb"\x1b\[(\d+);\d+H(?!\x1b\[\d+;\d+H|\x1b\[\?|$)")
"""The cursor is put on a row to paint it; after each frame it goes back to its corner, and nothing follows."""


def made_run(folder: Path, seconds: float) -> MadeRun:
    """With a clip of noise that changes, and tones."""
    folder.mkdir()
    made = MadeRun(workspace_in(folder, refresh_seconds=0.5), "graz").begin(live=True).train(50)
    made.validate(samples=0)
    made.render(1, seconds=seconds)
    random = np.random.default_rng(1)
    time_axis = np.arange(round(seconds * RATE)) / RATE
    sound = 0.1 * random.normal(size=len(time_axis)) * (1 + np.sin(9 * time_axis))
    for hertz in (220.0, 990.0, 4400.0):
        sound += 0.1 * np.sin(2 * np.pi * hertz * time_axis) * (np.sin(hertz / 50 * time_axis) > 0)
    for clip in list_samples(made.folder, made.step):
        soundfile.write(clip.original, 0.5 * sound, RATE)
        soundfile.write(clip.reconstruction, 0.4 * sound, RATE)
    return made


def measure(made: MadeRun, pulse: PulseServer, seconds: float, columns: int, rows: int) -> dict[str, Any]:
    """Play the clip once with its picture on the screen."""
    argv = [RAVETUI, "-w", str(made.workspace.root)]
    with Terminal(argv, columns=columns, rows=rows, environment=pulse.environment) as terminal:
        terminal.wait_for("step 50 of")
        terminal.wait_for_quiet()
        terminal.press("v")
        terminal.wait_for(lambda text: "picture of nocturne" in text and "▸" in text)
        terminal.wait_for_quiet()
        painted = len(terminal.written)
        terminal.press(" ")
        terminal.wait_for("♪ graz step 50")
        began = time.monotonic()
        terminal.wait_for(lambda _: time.monotonic() - began >= 1.0)
        terminal.written.clear()
        start, cpu = time.monotonic(), family_cpu(terminal.pid)
        terminal.wait_for(lambda _: time.monotonic() - start >= seconds - 2.5)
        took, cpu = time.monotonic() - start, family_cpu(terminal.pid) - cpu
        written = bytes(terminal.written)
        head = next(row for row, line in enumerate(terminal.text.splitlines(), 1) if "┬" in line)
        terminal.press("q")
        terminal.press("q")
        terminal.wait_for_exit()
    paints = collections.Counter(int(place) for place in _PAINT.findall(written))
    return {
        "columns": columns,
        "rows": rows,
        "clip_s": seconds,
        "bytes_a_second": round(len(written) / took),
        "over_bound": round(len(written) / took / MOST_BYTES, 3),
        "compressed_bytes_a_second": round(len(zlib.compress(written)) / took),
        "frames_a_second": round(paints[head] / took, 1),
        "painted_rows_beside_the_heads": sorted(set(paints) - {head}),
        "cpu_percent_with_player": round(100 * cpu / took, 1),
        "bytes_until_the_picture": painted,
    }


def main() -> None:
    """Measure and print."""
    results = []
    pulse = PulseServer()
    try:
        with tempfile.TemporaryDirectory(prefix="rvb") as folder:
            for seconds in LENGTHS:
                made = made_run(Path(folder) / str(seconds), seconds)
                results += [measure(made, pulse, seconds, *size) for size in SIZES]
                made.release()
    finally:
        pulse.close()
    print(json.dumps({"bound_bytes_a_second": MOST_BYTES, "wanted_frames": FRAMES, "results": results}, indent=2))


if __name__ == "__main__":
    main()
