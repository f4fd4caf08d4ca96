"""The other monitors, on the same curves in their own formats. What cannot be measured is named with its error."""

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitor_data import curves
from monitor_formats import append_event, append_tlog, write_events, write_tlog, write_wandb
from watched import Watched, family_memory

from ravetui.runs.workspace import Workspace

TERMINAL = ("leet", "tlog", "terminalboard")
"""Those with a screen; the fourth, tensorboard, has a browser's."""
CONVERT_SECONDS = 600.0
"""Making a peer's files may take so long."""
COMPLETE_SECONDS = 120.0
"""A peer's chart is waited for so long."""
QUIET_SECONDS = 4.0
"""A picture that has not changed for so long is complete: some redraw every two seconds."""
KEYS = {"leet": "yyyyyyyyyy", "tlog": "slslslslsl", "terminalboard": "+-+-+-+-+-"}
"""What changes the picture: the axis, the smoothing."""
Row = dict[str, Any]
_BRAILLE = re.compile("[⠁-⣿]")


class Peers:
    """Measures the peers.

    Args:
        installed: Where ``setup_monitors.sh`` put them.
        folder: Where their files are made.
    """

    def __init__(self, installed: Path, folder: Path) -> None:
        self._installed = installed.resolve()
        self._folder = folder
        self._made: dict[tuple[str, int], Path | str] = {}
        self._points = 0
        self._times: dict[str, list[float] | str] = {}

    def begin(self, points: int) -> None:
        """Make ready for rounds of cold starts with so many points."""
        self._points, self._times = points, {}
        for name in (*TERMINAL, "tensorboard"):
            made = self._make(name, points)
            self._times[name] = made if isinstance(made, str) else []

    def round(self) -> None:
        """One cold start of each."""
        for name, times in self._times.items():
            if isinstance(times, list):
                try:
                    times.append(self._tensorboard()[0] if name == "tensorboard" else self._start(name))
                except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
                    self._times[name] = _words(error)

    def result(self, ours: float) -> Row:
        """Medians, and how many times ours each is."""
        found: Row = {}
        for name, times in self._times.items():
            if isinstance(times, str):
                found[name] = {"error": times}
            else:
                median = statistics.median(times)
                found[name] = {"median": round(median, 2), "times_ours": round(median / ours, 2)}
        return found

    def keys(self, points: int) -> Row:
        """Milliseconds from a key to the last byte of what it paints: median and worst of ten."""

        def measure(name: str, program: Watched) -> Row:
            times = [seconds for key in KEYS[name] if (seconds := program.repaint(key)) is not None]
            if not times:
                raise RuntimeError("no key painted anything")
            return {"median": round(1e3 * statistics.median(times)), "worst": round(1e3 * max(times))}

        return self._each(points, measure)

    def idle(self, points: int) -> Row:
        """CPU and bytes while nothing happens."""

        def measure(_name: str, program: Watched) -> Row:
            cpu, received = program.cpu(), program.received
            program.bursts(15.0)
            percent = 100 * (program.cpu() - cpu) / 15.0
            return {"cpu_percent": round(percent, 1), "bytes_a_second": round((program.received - received) / 15.0)}

        return self._each(points, measure)

    def memory(self, points: int) -> Row:
        """Resident memory with the chart complete, MB."""
        found = self._each(points, lambda _name, program: {"mb": round(program.memory())})
        made = self._make("tensorboard", points)
        try:
            found["tensorboard"] = {"error": made} if isinstance(made, str) else {"mb": round(self._tensorboard()[1])}
        except (OSError, RuntimeError, TimeoutError) as error:
            found["tensorboard"] = {"error": _words(error)}
        return found

    def appended(self, points: int) -> Row:
        """Milliseconds from a record at the end of a live run to another picture."""
        found: Row = {"leet": {"error": "its log can only be appended to by its own library, from inside a run"}}
        for name, append in (("tlog", append_tlog), ("terminalboard", append_event)):
            made = self._make(name, points, live=True)
            if isinstance(made, str):
                found[name] = {"error": made}
                continue
            path = made if made.is_file() else next(made.rglob("*tfevents*"))
            try:
                with self._program(name, made) as program:
                    self._complete(program)
                    times = []
                    for number in range(8):
                        program.settle(2.0, seconds=6.0)
                        before, begin = program.text, time.monotonic()
                        append(path, "adversarial", points + number * points // 20, 9.0 + number)
                        times.append(program.until(lambda text, before=before: text != before, 15.0) - begin)
                found[name] = {
                    "median": round(1e3 * statistics.median(times)),
                    "worst": round(1e3 * max(times)),
                }
            except (OSError, RuntimeError, TimeoutError) as error:
                found[name] = {"error": _words(error)}
        return found

    def _each(self, points: int, measure: Callable[[str, Watched], Row]) -> Row:
        found: Row = {}
        for name in TERMINAL:
            made = self._make(name, points)
            if isinstance(made, str):
                found[name] = {"error": made}
                continue
            try:
                with self._program(name, made) as program:
                    self._complete(program)
                    found[name] = measure(name, program)
            except (OSError, RuntimeError, TimeoutError) as error:
                found[name] = {"error": _words(error)}
        return found

    def _start(self, name: str) -> float:
        made = self._made[name, self._points]
        assert isinstance(made, Path)
        _evict(made)
        with self._program(name, made) as program:
            return self._complete(program) - program.began

    def _program(self, name: str, made: Path) -> Watched:
        bin_folder = self._installed / name / "bin"
        commands = {
            "leet": [bin_folder / "wandb", "leet", "run", made],
            "tlog": [bin_folder / "tlog", "watch", made.parent],
            "terminalboard": [bin_folder / "terminalboard", "--reset-view", made],
        }
        home = {"HOME": str(self._folder / "home"), "WANDB_MODE": "offline"}
        (self._folder / "home").mkdir(parents=True, exist_ok=True)
        return Watched([str(part) for part in commands[name]], columns=180, rows=48, environment=home)

    def _complete(self, program: Watched) -> float:
        """When the picture became what it then stayed."""
        last = program.until(lambda text: len(_BRAILLE.findall(text)) > 20, COMPLETE_SECONDS)
        picture = _BRAILLE.findall(program.text)
        deadline = time.monotonic() + COMPLETE_SECONDS
        while time.monotonic() < deadline:
            try:
                last = program.until(lambda text, before=picture: _BRAILLE.findall(text) != before, QUIET_SECONDS)
            except TimeoutError:
                return last
            picture = _BRAILLE.findall(program.text)
        raise TimeoutError(f"the chart was not complete after {COMPLETE_SECONDS:g} s")

    def _make(self, name: str, points: int, *, live: bool = False) -> Path | str:
        """A peer's files of ten curves; or why there are none."""
        key = (f"{name}-live" if live else name, points)
        if key not in self._made:
            python = self._installed / name / "bin" / "python"
            folder = self._folder / f"{key[0]}-{points}"
            found = curves(points // 10, 0)
            try:
                if not python.exists():
                    raise RuntimeError(f"{name} is not installed in {self._installed.name}")
                if name == "leet":
                    self._made[key] = write_wandb(python, folder, found, CONVERT_SECONDS)
                elif name == "tlog":
                    self._made[key] = write_tlog(python, folder, found, live=live)
                else:
                    self._made[key] = write_events(folder / "run", found).parent.parent
            except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
                self._made[key] = _words(error)
        return self._made[key]

    def _tensorboard(self) -> tuple[float, float]:
        """Seconds until its server serves the last step of a curve, and its memory then, MB."""
        made = self._made["tensorboard", self._points] if self._points else None
        assert isinstance(made, Path)
        _evict(made)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        folder = self._installed / "tensorboard" / "bin"
        began = time.monotonic()
        environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
        command = [folder / "tensorboard", "--logdir", made, "--port", str(port), "--load_fast", "true"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
        ) as server:
            try:
                url = f"http://127.0.0.1:{port}/data/plugin/scalars/scalars?run=run&tag=adversarial"
                while time.monotonic() < began + COMPLETE_SECONDS:
                    try:
                        with urllib.request.urlopen(url, timeout=5) as answer:
                            if json.load(answer)[-1][1] >= self._points // 10 - 2:
                                return time.monotonic() - began, family_memory(server.pid)
                    except (OSError, ValueError, IndexError):
                        pass
                    time.sleep(0.05)
                raise TimeoutError(f"it did not serve the last step within {COMPLETE_SECONDS:g} s")
            finally:
                os.killpg(server.pid, signal.SIGKILL)


def imported(folder: Path, points: int, program: str) -> Workspace | str:
    """A workspace into which our program imported an event file; or why it could not."""
    from monitor_data import workspace_in

    helped = subprocess.run([program, "import", "--help"], capture_output=True, text=True, check=False)
    if helped.returncode:
        return "there is no `ravetui import`"
    workspace = workspace_in(folder / "imported", refresh_seconds=0.5)
    events = write_events(folder / "events" / "run", curves(points // 10, 0)).parent
    done = subprocess.run(
        [program, "-w", workspace.root, "import", events], capture_output=True, text=True, check=False
    )
    return f"`ravetui import` failed: {done.stderr.strip()[-300:]}" if done.returncode else workspace


def _evict(path: Path) -> None:
    for file in [path] if path.is_file() else (found for found in path.rglob("*") if found.is_file()):
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def _words(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"its own library had not written the points after {error.timeout:g} s"
    said = getattr(error, "stderr", None)
    return " ".join(said.decode(errors="replace").split())[-300:] if said else str(error).partition("\n")[0][:300]
