"""How the program starts, and how it refuses to."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pyte

from tests.run_maker import MadeRun, workspace_in

RAVETUI = (sys.executable, "-c", "from ravetui.cli import main; main()")


def test_a_damaged_config_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[app]\nrefresh_secs = 1.0\n")
    done = subprocess.run([*RAVETUI, "--workspace", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has refresh_secs in [app]" in done.stderr and "Did you mean refresh_seconds?" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    workspace_in(tmp_path, dataset=False)
    done = subprocess.run([*RAVETUI, "--workspace", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The screen needs a terminal." in done.stderr


def test_without_a_workspace_it_says_how_to_make_one(tmp_path: Path) -> None:
    done = subprocess.run([*RAVETUI], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "`ravetui init` makes one here." in done.stderr


def test_on_a_terminal_it_shows_the_runs_and_q_says_what_goes_on(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path, dataset=False), "graz").begin(live=True).train(20)
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", "NO_COLOR": "1"}
        os.execvpe(RAVETUI[0], [*RAVETUI, "--workspace", str(tmp_path)], environment)
    asked = False
    while True:
        try:
            stream.feed(os.read(terminal, 65536))
        except OSError:
            break
        if not asked and any("▸● graz" in line for line in screen.display):
            asked = True
            os.write(terminal, b"q")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    made.release()
    assert asked and os.waitstatus_to_exitcode(status) == 0
    assert any("1 run goes on training. `ravetui` shows it again." in line for line in screen.display)
