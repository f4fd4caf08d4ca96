"""Claim: a key on the server is heard on the laptop at once: 120 ms on a loopback, 200 ms at 80 ms and 10 Mbit/s (p95).

A real screen in a pseudo-terminal, a real sshd and a real `ravetui listen`; a PulseAudio whose null sink is recorded;
the line is made long and thin by a proxy in user space. Time runs from the key to the first audible sample at the
recorder, whose blocks are 10 ms. Each round plays a clip that the laptop has not got, then the same clip again. The
bound, measured in the same rounds, is the same file on a device of this machine, played without a screen, plus half of
the line's round trip.
"""

import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import soundfile

from ravetui.app.sound.playback import Playback
from ravetui.runs.samples import ORIGINALS, RenderedClip, write_manifest
from tests.delay_proxy import DelayProxy
from tests.listening import Laptop, Server
from tests.pulse import RATE, PulseServer, Recording
from tests.run_maker import MadeRun, workspace_in
from tests.sshd import run_sshd
from tests.terminal import RAVETUI, Terminal

ROUNDS = int(os.environ.get("ROUNDS", "20"))
SECONDS = 1.0
LINES = {"loopback": (0.0, 0.0), "80 ms, 10 Mbit/s": (0.04, 10e6 / 8)}


def made_run(folder: Path) -> MadeRun:
    """With a sample a round: stereo noise, with which FLAC can do least."""
    made = MadeRun(workspace_in(folder, refresh_seconds=0.5), "graz").begin(live=True).train(50)
    made.validate(samples=0)
    samples = made.folder.step_folder(made.folder.samples, made.step)
    (made.folder.samples / ORIGINALS).mkdir()
    samples.mkdir()
    clips = []
    for number in range(ROUNDS + 1):
        sound = np.random.default_rng(abs(hash((str(folder), number)))).uniform(-0.5, 0.5, (round(SECONDS * RATE), 2))
        sound[0] = 0.5
        for path in (samples / f"{number:02d}.flac", made.folder.samples / ORIGINALS / f"{number:02d}.flac"):
            soundfile.write(path, sound, RATE)
        clips.append(
            RenderedClip(f"c{number:02d}", SECONDS, f"{number:02d}.flac", f"../{ORIGINALS}/{number:02d}.flac", 1.0)
        )
    write_manifest(samples, step=made.step, phase=1, sampling_rate=RATE, clips=clips)
    return made


def until_heard(recording: Recording, press: Callable[[], None]) -> float:
    """Seconds from a press to its first sample; ends when it is silent again."""
    before = len(recording)
    began = time.perf_counter()
    press()
    recording.wait(lambda samples: bool(np.any(np.abs(samples) > 1e-3)), before)
    took = time.perf_counter() - began
    recording.wait(lambda samples: bool(np.abs(samples[-RATE // 4 :]).max() < 1e-4), before)
    return took


def measure(server: Server, pulse: PulseServer, folder: Path) -> dict[str, list[float]]:
    """Times on one line, interleaved with those of this machine's own device."""
    made = made_run(folder / "ws")
    times: dict[str, list[float]] = {"fresh": [], "again": [], "device": []}
    os.environ |= {"XDG_RUNTIME_DIR": str(folder), **pulse.environment}
    loop, near = asyncio.new_event_loop(), Playback(lambda _: None)
    files = sorted(made.folder.step_folder(made.folder.samples, made.step).glob("*.flac"))
    screen = Terminal([RAVETUI, "-w", str(made.workspace.root)], environment=server.environment)
    with screen as terminal, pulse.recording() as recording:
        terminal.wait_for("♪ laptop (listen")
        terminal.press("tab", "tab", "tab")
        for number, file in enumerate(files):
            kinds = {
                "fresh": lambda: terminal.press(" "),
                "again": lambda: terminal.press(" "),
                "device": lambda file=file: loop.run_until_complete(near.play(file)),
            }
            for kind, press in kinds.items():
                terminal.wait_for(lambda text, number=number: f" {number + 1:02d} c{number:02d}" in text)
                took = until_heard(recording, press)
                terminal.wait_for(lambda text: "♪ laptop" in text and text.count("♪") == 1)
                if number:  # The first loads libraries.
                    times[kind].append(took)
            terminal.press("down")
        terminal.press("q")
        terminal.wait_for_exit()
    loop.run_until_complete(near.close())
    loop.close()
    made.release()
    return times


def main() -> None:
    """Print p50 and p95 in ms, and the ratio to the bound, as JSON."""
    found = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rvb")))
        sshd = stack.enter_context(contextlib.contextmanager(run_sshd)(folder))
        pulse, server = PulseServer(), Server()
        stack.callback(pulse.close)
        stack.callback(server.close)
        for number, (name, (delay, rate)) in enumerate(LINES.items()):
            (folder / str(number)).mkdir()
            with DelayProxy(sshd.port, delay, rate) as proxy:
                laptop = Laptop(server, sshd, pulse, port=proxy.port).connected()
                times = measure(server, pulse, folder / str(number))
                laptop.close()
            bound = statistics.median(times["device"]) + delay
            ratio = {
                f"{kind}_to_bound": round(statistics.median(times[kind]) / bound, 2) for kind in ("fresh", "again")
            }
            line = {kind: summary(items) for kind, items in times.items()}
            found[name] = {**line, "bound_ms": round(1000 * bound), **ratio}
    print(json.dumps({"rounds": ROUNDS, "clip": f"{SECONDS:.0f} s of stereo noise", "press_to_sound": found}))


def summary(times: list[float]) -> dict[str, int]:
    """Milliseconds."""
    return {"p50_ms": round(1000 * statistics.median(times)), "p95_ms": round(1000 * float(np.quantile(times, 0.95)))}


if __name__ == "__main__":
    main()
