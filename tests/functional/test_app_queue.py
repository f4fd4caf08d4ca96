"""The queue and the trash on the screen, with real trainers behind it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.start import launch
from ravetui.engine.launch.stop import stop_run
from ravetui.runs.queue import QueueFolder
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of
from tests.stand_in import PAUSE, end_run, python
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """With one slot, which is taken."""
    made = small_workspace(tmp_path / "ws")
    launch(small_run(made, "busy"), python(PAUSE))
    yield made
    for run in made.run_folders():
        end_run(run)


def waits(workspace: Workspace) -> list[str]:
    return [entry.run for entry in QueueFolder(workspace.queue).read().entries]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_runs_wait_change_places_and_start_by_themselves(workspace: Workspace, columns: int, rows: int) -> None:
    for name in "ab":
        small_run(workspace, name)
    async with screen_of(workspace, columns, rows) as seen:
        await seen.press("down")
        await seen.see("○")
        first = seen.app.main.board.selected
        assert first is not None
        await seen.press("s")
        await seen.see("1 of 1 slots", f"◐ {first.name}", "queued, next")
        await seen.see("it starts by itself when a slot is free")
        second = "ba"["ba".index(first.name) - 1]
        await seen.press("down")
        await seen.until(lambda: getattr(seen.app.main.board.selected, "name", "") == second, "the other run")
        await seen.press("s")
        await seen.see("queued, 2nd")
        await seen.press("shift+up")
        await seen.until(lambda: waits(workspace) == [second, first.name], "the other order")
        await seen.until(lambda: seen.text.find(f"◐ {second}") < seen.text.find(f"◐ {first.name}"), "it is seen")
        await seen.press("x")
        await seen.until(lambda: waits(workspace) == [first.name], "one of them out of the queue")
        stop_run(workspace.run("busy"), now=True)
        run = workspace.run(first.name)
        await seen.until(lambda: run_status(run).state is RunState.FINISHED, "the end of the run that waited")
        await seen.see(f"✓ {first.name}")


async def test_a_run_that_waits_can_be_started_now(workspace: Workspace) -> None:
    small_run(workspace, "a")
    async with screen_of(workspace) as seen:
        await seen.press("down", "s")
        await seen.see("queued, next")
        await seen.press("d")
        await seen.see("a waits in the queue; x takes it out.")
        await seen.press("s")
        await seen.see("Start a now?", "beside the others")
        await seen.press("y")
        await seen.until(lambda: run_status(workspace.run("a")).state is RunState.FINISHED, "its end")


async def test_a_deleted_run_comes_back_by_a_key(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    run = MadeRun(workspace, "graz").begin().train(20)
    run.validate()
    run.end("stopped", "asked")
    async with screen_of(workspace, 80, 24) as seen:
        await seen.press("z")
        await seen.see("The trash is empty.")
        await seen.press("d")
        await seen.see("Delete graz?", "z brings it back")
        await seen.press("n")
        await seen.press("d")
        await seen.see("Delete graz?")
        await seen.press("y")
        await seen.see("graz is in the trash", "no runs yet")
        assert workspace.run_folders() == []
        await seen.press("z")
        await seen.see("graz is back.", "■ graz")
    assert workspace.run_folders() == [run.folder]


async def test_a_run_that_trains_cannot_be_deleted(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    run = MadeRun(workspace, "graz").begin(live=True).train(20)
    async with screen_of(workspace) as seen:
        await seen.press("d")
        await seen.see("graz trains; x stops it.")
    run.release()


async def test_a_run_that_stands_still_says_what_to_do(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    with subprocess.Popen(python(PAUSE), stdout=subprocess.DEVNULL) as process:
        run = MadeRun(workspace, "graz").begin(live=True, pid=process.pid).train(20)
        os.kill(process.pid, signal.SIGSTOP)
        async with screen_of(workspace, 80, 24) as seen:
            await seen.see("training, halted by a signal", f"`kill -CONT {process.pid}` lets it go on.")
        process.kill()
        run.release()
