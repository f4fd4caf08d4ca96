"""A private PulseAudio server with one silent sink, what it was made to play, and a machine without any sound."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 48000
PATIENCE = 60.0
"""Seconds until a condition that never comes true fails a test; never slept."""

NO_SOUND = {"PULSE_SERVER": "unix:/nonexistent/pulse", "ALSA_CONFIG_PATH": os.devnull}
"""Environment in which sound libraries work and find neither a server nor a card."""

# Without norewinds the sink renders up to 2 s at once: its monitor is late and clicks.
_NULL_SINK = f"module-null-sink sink_name=ravenull rate={RATE} channels=2 norewinds=1"


def silence_libraries(folder: Path) -> dict[str, str]:
    """Environment of a machine without libpulse, libasound and libjack: files of those names that cannot be loaded."""
    for name in ("libpulse.so", "libpulse.so.0", "libasound.so", "libasound.so.2", "libjack.so", "libjack.so.0"):
        (folder / name).touch()
    return {"LD_LIBRARY_PATH": str(folder)}


class Recording:
    """What a sink played, mono, float, while the recorder runs."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._data = bytearray()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read1(65536):  # type: ignore[attr-defined]
            with self._news:
                self._data += data
                self._news.notify_all()

    def __len__(self) -> int:
        """Samples so far."""
        return len(self._data) // 2

    def samples(self, start: int = 0) -> NDArray[np.float64]:
        """All so far from that one on, −1 to 1."""
        whole = bytes(self._data[2 * start : len(self._data) // 2 * 2])
        return np.frombuffer(whole, "<i2").astype(np.float64) / 32768

    def sound(self) -> NDArray[np.float64]:
        """From the first audible sample to the last."""
        samples = self.samples()
        loud = np.flatnonzero(np.abs(samples) > 1e-4)
        return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]

    def wait(self, until: Callable[[NDArray[np.float64]], bool], start: int = 0) -> None:
        """Until the samples, from that one on, satisfy a condition."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while not until(self.samples(start)):
                assert self._news.wait(deadline - time.monotonic()), "the recording never got there"

    def wait_for_sound(self, seconds: float = 0.0) -> None:
        """Until that much of it is audible."""
        self.wait(lambda samples: bool(np.sum(np.abs(samples) > 1e-4) > seconds * RATE))

    def wait_for_silence(self, seconds: float = 0.3) -> None:
        """Until something was audible and nothing is any more."""
        count = round(seconds * RATE)

        def quiet(samples: NDArray[np.float64]) -> bool:
            loud = np.flatnonzero(np.abs(samples) > 1e-4)
            return len(loud) > 0 and len(samples) - loud[-1] > count

        self.wait(quiet)

    def close(self) -> None:
        """End the recorder."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


class PulseServer:
    """A running server, reachable through ``environment`` alone."""

    def __init__(self, *modules: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ravepulse"))
        self.environment = {
            "PULSE_SERVER": f"unix:{self.folder}/native",
            "PULSE_COOKIE": f"{self.folder}/cookie",
            "ALSA_CONFIG_PATH": os.devnull,
        }
        command = ["pulseaudio", "-n", "--daemonize=yes", "--exit-idle-time=600", "--use-pid-file=yes"]
        command += [f"--log-target=file:{self.folder}/log"]
        socket = f"module-native-protocol-unix socket={self.folder}/native auth-anonymous=1"
        for module in (*(modules or (_NULL_SINK,)), socket):
            command += ["-L", module]
        places = {"PULSE_RUNTIME_PATH": str(self.folder), "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        # Daemonising returns when the server listens.
        subprocess.run(command, env={**_without_pulse(), **places}, check=True, stdin=subprocess.DEVNULL)
        self.pid = int((self.folder / "pid").read_text())

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record the sink; the block begins when its silence is coming in."""
        command = ["parec", "-d", "ravenull.monitor", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        process = subprocess.Popen(
            [*command, "--latency-msec=10", "--raw"],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        recording = Recording(process)
        try:
            recording.wait(lambda samples: len(samples) > 0)
            yield recording
        finally:
            recording.close()

    def clients(self) -> int:
        """How many connections the server has, this question's own included."""
        command = ["pactl", "list", "short", "clients"]
        environment = {**os.environ, **self.environment}
        return len(subprocess.run(command, env=environment, check=True, capture_output=True).stdout.splitlines())

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder)


def _without_pulse() -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PULSE_")}


def need_pulse() -> None:
    """Skip a test on a machine where the server is not installed."""
    if not (shutil.which("pulseaudio") and shutil.which("parec")):
        pytest.skip("pulseaudio and pulseaudio-utils are not installed")


@pytest.fixture(scope="session")
def pulse_server() -> Iterator[PulseServer]:
    """One server for the whole session."""
    need_pulse()
    server = PulseServer()
    yield server
    server.close()


def tone(path: Path, seconds: float, hertz: float = 660.0, rate: int = RATE, **options: Any) -> Path:
    """A sine of amplitude 0.5 in a file."""
    import soundfile

    time_axis = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hertz * time_axis), rate, **options)
    return path
