"""The light install: reading runs works, and what needs torch says so in a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pulse import NO_SOUND, PulseServer, pulse_server, tone
from tests.run_maker import MadeRun, workspace_in
from tests.workspaces import write_tones

__all__ = ["pulse_server"]

WITHOUT_ENGINE = """
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "scipy", "safetensors", "soxr"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in ("torch", "scipy", "safetensors", "soxr") \
    else find(name, package)
from ravetui.cli import main
main()
"""


def ravetui(workspace: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line where torch, scipy, safetensors and soxr are not installed."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_ENGINE, "-w", str(workspace), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=workspace,
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """With one run that has been trained elsewhere."""
    made = workspace_in(tmp_path / "ws")
    run = MadeRun(made, "copied").begin()
    run.train(50)
    run.save(4.0)
    run.end("stopped", "stopped at step 50, saved")
    write_tones(made.root / "audio")
    return made.root


@pytest.mark.parametrize(
    "words",
    [
        ("run", "list"),
        ("run", "show", "copied"),
        ("series", "copied", "loss"),
        ("data", "list"),
        ("run", "log", "copied"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_reading_needs_no_torch(workspace: Path, words: tuple[str, ...]) -> None:
    done = ravetui(workspace, *words, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    "words",
    [("run", "start", "copied"), ("score", "copied"), ("data", "prepare", "new", "audio")],
    ids=lambda words: " ".join(words[:2]),
)
def test_what_needs_torch_says_how_to_get_it(workspace: Path, words: tuple[str, ...]) -> None:
    done = ravetui(workspace, *words)
    assert done.returncode == 1
    assert "pip install 'ravetui[all]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_player_needs_no_torch(workspace: Path, pulse_server: PulseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in pulse_server.environment.items():
        monkeypatch.setenv(key, value)
    done = ravetui(workspace, "play", str(tone(workspace / "a.flac", 0.2)), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["played"]


def test_the_laptop_needs_no_torch(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in NO_SOUND.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(workspace))
    done = ravetui(workspace, "listen", "graz", "--null", "--command", "sh -c 'exit 127'")
    assert done.returncode == 1
    # It got as far as a device and the other end's shell.
    assert "Sound goes to " in done.stderr
    assert "There is no ravetui to be found on graz" in done.stderr
    assert "No module" not in done.stderr
