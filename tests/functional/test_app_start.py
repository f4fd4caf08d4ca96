"""How the program starts, and how it refuses to."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pyte
from textual.events import Key
from textual.widgets import TextArea

from ravetui.app.app import RavetuiApp
from ravetui.app.found_runs import found_runs
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of

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


async def test_keys_that_come_before_the_panes_wait_for_them(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path, dataset=False)
    for name, created in (("old", "2026-01-01T00:00:00+00:00"), ("new", "2026-01-02T00:00:00+00:00")):
        MadeRun(workspace, name, created).begin().train(20).end("stopped", "asked")
    app = RavetuiApp(workspace)
    for key in ("down", "m"):
        app.post_message(Key(key, None))
    async with screen_of(workspace, app=app) as seen:
        await seen.until(lambda: app.screen.query(TextArea), "the note that was asked for")
        assert app.main.board.selected is not None
        assert app.main.board.selected.name == "old"


async def test_the_first_list_has_every_run_with_a_spec_and_those_that_live_first(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path, dataset=False)
    live = MadeRun(workspace, "live", "2026-01-01T00:00:00+00:00").begin(live=True).train(20)
    for name, when in (("older", 100), ("newer", 200)):
        made = MadeRun(workspace, name).begin().train(20)
        made.end("stopped", "asked")
        os.utime(made.folder.spec_path, (when, when))
    (workspace.runs / "no-run").mkdir()
    (workspace.runs / ".trash").mkdir()
    assert [row.name for row in found_runs(workspace)] == ["live", "newer", "older"]
    assert all(row.unread for row in found_runs(workspace))
    live.release()
