"""``ravetui data prepare`` killed, interrupted and out of room."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ravetui.engine.data.dataset import Dataset
from ravetui.runs.workspace import make_workspace

MAIN = "from ravetui.cli import main; main()"
HOUR = 96000 * 2 * 2 * 3600


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace, ``small/`` with audio, and ``large/`` with a quarter of an hour of it, sparse on the disk."""
    workspace = make_workspace(tmp_path / "ws")
    for name in ("small", "large"):
        (workspace.root / name).mkdir()
        noise = np.random.default_rng(0).normal(0, 0.1, 44100 * 2)
        soundfile.write(workspace.root / name / "noise.wav", noise, 44100)
    for number in range(2):
        path = workspace.root / f"large/minutes{number}.au"
        # An AU header: big endian, data of unknown length, 16 bits, 96 kHz, stereo.
        header = b".snd" + b"".join(n.to_bytes(4, "big") for n in (24, 0xFFFFFFFF, 3, 96000, 2))
        # Unlike copies of one another, and not silent.
        path.write_bytes(header + np.full(1000 + number, 9999, ">i2").tobytes())
        with path.open("r+b") as file:
            file.truncate(HOUR // 8)
    return workspace.root


@contextlib.contextmanager
def preparing(root: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is in the middle of preparing a quarter of an hour of audio."""
    command = [sys.executable, "-c", MAIN, "data", "prepare", name, "large"]
    process = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = ""
        while "decoding" not in line:
            line = process.stderr.readline()
            assert line, "it ended early"
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.communicate()


def prepare_small(root: Path, name: str) -> None:
    command = [sys.executable, "-c", MAIN, "data", "prepare", name, "small", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert Dataset(root / "data" / name).index.fingerprint == json.loads(done.stdout)["fingerprint"]


def listed(root: Path) -> list[str]:
    command = [sys.executable, "-c", MAIN, "data", "list", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=True)
    return [item["name"] for item in json.loads(done.stdout)]


def left(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "data").iterdir())


def test_a_killed_preparation_is_seen_by_nobody_and_cleaned_up_by_the_next(root: Path) -> None:
    with preparing(root, "set") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert left(root) == [f".set.preparing-{process.pid}"]
    assert listed(root) == []
    prepare_small(root, "set")
    assert left(root) == ["set"]
    assert listed(root) == ["set"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_preparation_cleans_up_itself(root: Path, number: signal.Signals) -> None:
    with preparing(root, "set") as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Interrupted: nothing was made." in err
    assert left(root) == []


def test_a_living_preparation_is_not_disturbed_by_another(root: Path) -> None:
    with preparing(root, "set") as process:
        process.send_signal(signal.SIGSTOP)
        prepare_small(root, "other")
        assert left(root) == [f".set.preparing-{process.pid}", "other"]
        command = [sys.executable, "-c", MAIN, "data", "prepare", "set", "small"]
        refused = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1
        assert f"Process {process.pid} prepares 'set' right now." in refused.stderr


def test_a_full_disk_is_said_and_leaves_nothing(root: Path) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)); {MAIN}"
    command = [sys.executable, "-c", limited, "data", "prepare", "set", "small"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert "File too large" in done.stderr
    assert left(root) == []
    prepare_small(root, "set")
