"""Looking for runs with ``/``."""

from pathlib import Path

import pytest

from ravetui.app.panes.runs import RunsPane
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import Seen, screen_of


def some_runs(folder: Path) -> Workspace:
    workspace = workspace_in(folder)
    for number, name in enumerate(("graz-1", "graz-2", "piano", "graz-3"), 1):
        MadeRun(workspace, name, f"2026-01-{number:02d}T00:00:00+00:00").begin().train(10).end("stopped", "asked")
    return workspace


def selected(seen: Seen) -> str | None:
    return seen.app.main.query_one(RunsPane).selected


def count(seen: Seen) -> str:
    return str(seen.app.main.query_one(RunsPane).border_subtitle)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_typing_shows_the_runs_that_fit_and_esc_shows_all(tmp_path: Path, columns: int, rows: int) -> None:
    async with screen_of(some_runs(tmp_path), columns, rows) as seen:
        await seen.press("down", "down")
        assert selected(seen) == "graz-2"
        await seen.press("slash", *"graz")
        await seen.see("runs /graz", "3 of 4")
        assert selected(seen) == "graz-2", "what fits stays selected"
        assert "piano" not in "\n".join(line[:40] for line in seen.lines[1:9])
        await seen.press("enter", "down")
        assert selected(seen) == "graz-1"
        await seen.press("slash", *" -2", "enter")
        await seen.until(lambda: count(seen) == "2 of 4", "two runs")
        await seen.press("escape")
        await seen.until(lambda: count(seen) == "4" and "/graz" not in seen.text, "all runs")
        assert selected(seen) == "graz-1"
        await seen.press("n")
        await seen.see("new run")


async def test_without_a_run_that_fits_it_says_so_and_keys_say_why(tmp_path: Path) -> None:
    async with screen_of(some_runs(tmp_path)) as seen:
        await seen.press("slash", *"nothing")
        await seen.see("0 of 4", "no run fits the filter: esc shows all")
        await seen.press("enter", "s")
        await seen.see("No run fits the filter: esc shows all.")
        await seen.press("slash", *[" "], *"x:y")
        await seen.see("no word x:")
        await seen.press("escape")
        await seen.until(lambda: count(seen) == "4", "all runs")
        assert selected(seen) is not None


async def test_compare_offers_what_the_filter_shows(tmp_path: Path) -> None:
    async with screen_of(some_runs(tmp_path)) as seen:
        await seen.press("slash", *"graz", "enter", "c")
        await seen.see("1 graz-3", "· graz-1")
        assert "piano" not in seen.text
        await seen.press("escape", "escape", "c")
        await seen.see("· piano")
