"""Laying runs over one another."""

from pathlib import Path

import pytest

from ravetui.app.comparison import MOST
from ravetui.app.panes.comparison_table import ComparisonTable
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of


def made_runs(folder: Path, count: int) -> Workspace:
    workspace = workspace_in(folder)
    for number in range(1, count + 1):
        made = MadeRun(workspace, f"run-{number}", f"2026-01-{number:02d}T00:00:00+00:00", phase_1_steps=500 * number)
        made.begin().train(60 * number)
        made.validate(samples=0)
        made.end("stopped", "asked")
    return workspace


@pytest.mark.parametrize("size", [(120, 34), (80, 24)])
async def test_c_compares_curves_numbers_and_settings(tmp_path: Path, size: tuple[int, int]) -> None:
    async with screen_of(made_runs(tmp_path, 3), *size) as seen:
        await seen.press("c")
        await seen.see("what differs", "1 run-3", "━ run-3")
        await seen.press("down", "space")
        await seen.see("2 run-2", "━ run-2", "best validation")
        assert "run-1" not in seen.line("━ run-3")
        table = seen.app.screen.query_one(ComparisonTable)
        assert "% an epoch" in str(table.get_cell("curve, trend", "run-3"))
        await seen.press("right")
        await seen.see("─ validation ─", "• run-3")
        await seen.press("comma")
        await seen.see("step 1", "run-3 5")
        await seen.press("h")
        await seen.see("by epoch")
        await seen.press("tab", "tab", "end")
        await seen.see("phase_1_steps", "1500")
        await seen.press("escape")
        await seen.see("runs", "checkpoints")
        await seen.press("c")
        await seen.see("1 run-3", "2 run-2")


async def test_no_more_than_can_be_told_apart(tmp_path: Path) -> None:
    async with screen_of(made_runs(tmp_path, MOST + 1), 120, 34) as seen:
        await seen.press("c")
        await seen.see("1 run-9")
        for _ in range(MOST - 1):
            await seen.press("down", "space")
        await seen.see(f"{MOST} run-2")
        await seen.press("down", "space")
        await seen.see("8 runs are compared already")
        await seen.press("up", "space", "down", "space")
        await seen.see(f"{MOST} run-1", "· run-2")
