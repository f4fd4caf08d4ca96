"""Scoring from the screen: marks, turns, cancelling, and the view of what was found; a real run, really scored."""

import contextlib
import os
from collections.abc import Iterator

import numpy as np
import pytest

from ravetui.app.screens.scores import ScoresView
from ravetui.config import DataSettings
from ravetui.engine.data.prepare import prepare
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import list_jobs
from ravetui.runs.scores import list_scores
from ravetui.runs.state import RunState
from ravetui.runs.turn import turn
from ravetui.runs.workspace import Workspace, make_workspace
from tests.pulse import RATE, PulseServer, pulse_server
from tests.screen import Seen, screen_of
from tests.workspaces import small_run, write_tones

__all__ = ["pulse_server"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """With one finished run that has three checkpoints or more."""
    root = tmp_path_factory.mktemp("scored")
    made = make_workspace(root)
    config = root / "config.toml"
    text = config.read_text().replace("refresh_seconds = 0.5", "refresh_seconds = 0.05")
    config.write_text(text.replace("seconds = 120.0", "seconds = 48.0"))
    write_tones(root / "audio", files=24, seconds=8.0)
    settings = DataSettings(validation_fraction=0.5, join_seconds=2.0)
    prepare(made.dataset_path("tones"), [root / "audio"], settings, lambda _done, _note: None)
    run = small_run(made, "one")
    start_run(run)
    wait_for(run, lambda state: not state.is_live, 120)
    assert len(list_checkpoints(run)) >= 3
    return Workspace(root)


@pytest.fixture
def run(workspace: Workspace) -> Iterator[RunFolder]:
    """The run without scores; no scoring of it survives a test."""
    run = workspace.run("one")
    for path in run.scores.glob("*.json"):
        path.unlink()
    yield run
    for job in list_jobs(run):
        if job.status.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(job.status.pid, 9)


async def to_checkpoints(seen: Seen) -> None:
    """Put the focus on the checkpoints."""
    while seen.app.main.board.focused_pane != "checkpoints":
        await seen.press("tab")


async def test_marked_checkpoints_are_scored_in_turn_and_compared(workspace: Workspace, run: RunFolder) -> None:
    newest, older = (item.step for item in list_checkpoints(run)[:2])
    async with screen_of(workspace, 80, 24) as seen:
        await to_checkpoints(seen)
        await seen.see(f"◆ {newest}")
        await seen.press("y")
        await seen.see("There is no score yet")
        await seen.press("asterisk", "down", "asterisk")
        await seen.see(f"◆*{newest}", f"◆*{older}")
        with turn(workspace.scoring, "somebody else", lambda _name: None):
            await seen.press("e")
            await seen.until(lambda: seen.text.count("waits for") == 2, "two that wait")
            assert not list_scores(run)
        await seen.until(lambda: {item.checkpoint for item in list_scores(run)} == {newest, older}, "both scores")
        await seen.until(lambda: "scoring" not in seen.text and "waits" not in seen.text, "the end of both")
        await seen.press("up", "y")
        await seen.until(lambda: isinstance(seen.app.screen, ScoresView), "the view")
        await seen.see(f"one · step {newest}", "mel (log-mel", f"vs step {older}", "KID ×10⁻³", "real audio")
        page = seen.app.screen
        assert isinstance(page, ScoresView)
        await seen.see("= spectral")
        assert any(word in seen.text for word in ("Better than step", "Worse than step", "Not told from step"))
        await seen.press("left")
        await seen.see(f"one · step {older} · 1 of 2")
        await seen.press("escape")
        await seen.see(f"◆*{newest}")


async def test_a_second_e_cancels_and_keeps_nothing_half_done(workspace: Workspace, run: RunFolder) -> None:
    newest = list_checkpoints(run)[0].step
    async with screen_of(workspace, 120, 34) as seen:
        await to_checkpoints(seen)
        with turn(workspace.scoring, "somebody else", lambda _name: None):
            await seen.press("e")
            await seen.see("waits for somebody else")
            await seen.press("e")
            await seen.see(f"Cancel the scoring of step {newest}?", "What was embedded is kept.")
            await seen.press("y")
            await seen.see("is cancelled")
            await seen.until(lambda: "waits for" not in seen.text, "the end of waiting")
        (job,) = [one for one in list_jobs(run) if one.step == newest]
        assert job.status.state is RunState.STOPPED
        assert job.status.reason.startswith("cancelled by ")
        assert not list_scores(run)


async def test_what_drives_the_distance_is_one_key_from_being_heard(
    workspace: Workspace, run: RunFolder, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: PulseServer = request.getfixturevalue("pulse_server")
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    async with screen_of(workspace, 80, 24) as seen:
        await to_checkpoints(seen)
        await seen.press("e")
        await seen.until(lambda: list_scores(run), "a score")
        await seen.until(lambda: "scoring" not in seen.text, "the end")
        await seen.press("y")
        await seen.see("No earlier checkpoint is scored")
        await seen.press("tab")
        await seen.see("what drives KID", "makes tone-", "reconstruction")
        await seen.press("o")
        await seen.see("original")
        with server.recording() as recording:
            await seen.press("space")
            await seen.see("♪ makes tone-")
            await seen.until(lambda: np.abs(recording.samples()[-RATE:]).max(initial=0) > 0.01, "sound")
            await seen.press("space")
            await seen.until(lambda: "♪ makes" not in seen.text, "the end of playing")
