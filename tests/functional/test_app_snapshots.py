"""The main screens, whole, cell by cell: live, stopped, crashed, empty, narrow, wide, phases, small multiples."""

import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from ravetui.app.app import RavetuiApp
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import Seen, screen_of
from tests.snapshots import assert_snapshot

NOW = 1_767_704_400.0
"""When everything in these pictures happens: 2026-01-06 13:00 UTC."""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """An empty workspace in ~/rave, at a time that stands still, in UTC."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    # The command that the status line names is that of nobody's laptop.
    monkeypatch.setenv("LOGNAME", "you")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    time.tzset()
    monkeypatch.setattr(time, "time", lambda: NOW)
    (tmp_path / "rave").mkdir()
    yield workspace_in(tmp_path / "rave")
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def live(workspace: Workspace) -> Iterator[MadeRun]:
    """A run in phase 1 that trains, with a scored checkpoint and samples."""
    made = MadeRun(workspace, "graz-v2-003", "2026-01-06T00:00:00+00:00").begin(live=True)
    for _ in range(3):
        made.train(200)
        made.validate()
    made.score(400, fad=0.24)
    made.score(600, fad=0.21)
    made.say("first line", "last line of the log")
    yield made
    made.release()


@pytest.fixture
def both(workspace: Workspace) -> MadeRun:
    """A run that was stopped in phase 2, whose sum of losses went from 5 to 60."""
    made = MadeRun(workspace, "graz-v2-003", phase_1_steps=600, total_steps=1200).begin()
    for _ in range(3):
        made.train(200)
        made.validate(samples=0)
        made.score(made.step, fad=0.4 - made.step / 3000)
    made.go_adversarial()
    made.raised = 55.0
    for _ in range(2):
        made.train(200)
        made.validate(samples=0)
        made.score(made.step, fad=0.3 - made.step / 5000)
    made.end("stopped", "stopped at step 1000, saved")
    return made


def still(workspace: Workspace, columns: int = 120, rows: int = 34) -> AbstractAsyncContextManager[Seen]:
    """The app, whose clock stands still too."""
    return screen_of(workspace, columns, rows, RavetuiApp(workspace, clock=lambda: NOW))


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34), (200, 50)], ids=["narrow", "normal", "wide"])
async def test_live(live: MadeRun, columns: int, rows: int) -> None:
    async with still(live.workspace, columns, rows) as seen:
        await assert_snapshot(seen, f"live-{columns}x{rows}")


async def test_stopped(both: MadeRun) -> None:
    async with still(both.workspace) as seen:
        await assert_snapshot(seen, "stopped-120x34")


async def test_crashed(workspace: Workspace) -> None:
    made = MadeRun(workspace, "graz-b16").begin().train(100)
    made.say("torch.OutOfMemoryError: CUDA out of memory.")
    made.end("failed", "CUDA out of memory")
    async with still(workspace) as seen:
        await assert_snapshot(seen, "crashed-120x34")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_empty(workspace: Workspace, columns: int, rows: int) -> None:
    async with still(workspace, columns, rows) as seen:
        await assert_snapshot(seen, f"empty-{columns}x{rows}")


async def test_phases_on_scales_of_their_own_and_alone(both: MadeRun) -> None:
    async with still(both.workspace) as seen:
        for _ in range(4):
            await seen.press("right")
        await assert_snapshot(seen, "phases-120x34")
        await seen.press("j", "j", "comma")
        await assert_snapshot(seen, "phase-2-120x34")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34), (300, 90)])
async def test_small_multiples(both: MadeRun, columns: int, rows: int) -> None:
    async with still(both.workspace, columns, rows) as seen:
        await seen.press("g")
        await assert_snapshot(seen, f"all-curves-{columns}x{rows}")


async def test_small_multiples_chosen_and_read(both: MadeRun) -> None:
    async with still(both.workspace, 80, 24) as seen:
        await seen.press("g", "end", "k")
        await seen.see("▲ Vendi")
        await seen.press("right", "space")
        await seen.see("1 hidden")
        await seen.press("a", "comma", "comma")
        await assert_snapshot(seen, "all-curves-chosen-80x24")
