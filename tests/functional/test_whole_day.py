"""The day it serves, by keys in a real terminal: start, watch, go adversarial, stop, resume, score, quit, come back."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.terminal import RAVETUI, Terminal
from tests.workspaces import small_workspace


def ravetui(workspace: Path, *words: str) -> Any:
    """A command's JSON document."""
    done = subprocess.run(
        [RAVETUI, "-w", str(workspace), *words, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def row(workspace: Path) -> dict[str, Any]:
    """The only run, as ``run list --json`` has it."""
    (found,) = ravetui(workspace, "run", "list")
    return dict(found)


def braille(text: str) -> str:
    """The dots of all curves on a screen."""
    return "".join(letter for letter in text if "\u2801" <= letter <= "\u28ff")


def test_the_day_by_keys(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path / "ws")
    config = workspace.root / "config.toml"
    settings = config.read_text().replace('preset = "v1"', 'preset = "tiny"')
    # Long enough that it never ends by itself while the keys are pressed.
    config.write_text(
        settings.replace('phase_1 = ""', 'phase_1 = "8000 steps"').replace('total = ""', 'total = "9000 steps"')
    )
    with Terminal([RAVETUI, "-w", str(workspace.root)]) as screen:
        screen.wait_for("no runs yet")
        screen.press("n")
        screen.wait_for("steps an epoch")
        screen.press("enter")
        text = screen.wait_for("phase 1 reconstruction")
        name = row(workspace.root)["run"]

        text = screen.wait_for(lambda text: len(braille(text)) > 20, seconds=90)
        seen = braille(text)
        screen.wait_for(lambda text: braille(text) != seen)

        screen.press("p")
        screen.wait_for("Go adversarial from step")
        screen.press("y")
        screen.wait_for("phase 2 adversarial")
        began = row(workspace.root)
        assert began["phase"] == 2
        assert began["state"] == "running"

        screen.press("x")
        screen.wait_for("Stop tones-001?")
        screen.press("y")
        screen.wait_for("· stopped ·")
        stopped = row(workspace.root)
        assert stopped["state"] == "stopped"
        assert ravetui(workspace.root, "run", "show", name)["checkpoints"][0]["step"] == stopped["step"]

        screen.press("s")
        screen.wait_for(lambda text: row(workspace.root)["step"] > stopped["step"], seconds=90)

        screen.press("e")
        screen.wait_for(lambda _text: bool(ravetui(workspace.root, "run", "show", name)["scores"]), seconds=120)
        screen.wait_for("not CLAP")

        screen.press("q")
        assert screen.wait_for_exit() == 0

    left = row(workspace.root)
    assert left["state"] == "running", "quitting the screen does not touch the run"
    shown = ravetui(workspace.root, "run", "show", name)
    assert [item["phase"] for item in shown["transitions"]] == [2]
    with Terminal([RAVETUI, "-w", str(workspace.root)], columns=80, rows=24) as screen:
        screen.wait_for(name)
        screen.wait_for("phase 2 adversarial")
        screen.hang_up()
        screen.wait_for_exit()
    assert row(workspace.root)["state"] == "running", "losing the terminal does not touch the run"
    ravetui(workspace.root, "run", "stop", name)
    ended = subprocess.run([RAVETUI, "-w", str(workspace.root), "run", "wait", name], timeout=60, check=False)
    assert ended.returncode == 0
    steps = ravetui(workspace.root, "series", name, "step_seconds")["step"]
    assert steps == list(range(1, len(steps) + 1)), "every step once, across both attempts"
