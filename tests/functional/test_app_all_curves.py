"""Every curve as a small chart: what is seen, chosen, ordered, pinned and remembered."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.app.arrangement import arrangement_of
from ravetui.app.panes.grid import CELL, GridPane, SmallChart, shape_for
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import Seen, screen_of


@pytest.fixture
def both(tmp_path: Path) -> Iterator[MadeRun]:
    """A run in phase 2, with a scored checkpoint in each phase."""
    made = MadeRun(workspace_in(tmp_path), "graz", phase_1_steps=200, total_steps=900).begin(live=True).train(200)
    made.validate(samples=0)
    made.score(200, fad=0.4)
    made.go_adversarial()
    made.train(200)
    made.validate(samples=0)
    made.score(400, fad=0.21)
    yield made
    made.release()


def grid(seen: Seen) -> GridPane:
    return seen.app.screen.query_one(GridPane)


def titles(seen: Seen) -> list[str]:
    return [group.title for group in grid(seen).page]


async def here(seen: Seen, title: str) -> None:
    await seen.until(lambda: grid(seen).here.title == title and _framed(seen).startswith(title), f"{title} chosen")


def _framed(seen: Seen) -> str:
    framed = [chart for chart in seen.app.screen.query(SmallChart) if chart.has_class("-here") and chart.display]
    assert len(framed) == 1, "one chart is under the cursor"
    return str(framed[0].border_title).removeprefix("▲ ").removeprefix("hidden: ")


@pytest.mark.parametrize(("columns", "rows", "least"), [(80, 24, 4), (120, 34, 9), (300, 90, 14), (40, 12, 1)])
async def test_g_shows_as_many_as_there_is_room_for_and_pages_the_rest(
    both: MadeRun, columns: int, rows: int, least: int
) -> None:
    async with screen_of(both.workspace, columns, rows) as seen:
        await seen.press("g")
        await seen.see("graz · all curves", "┏━ fullband_spectral_distance", "esc back")
        await seen.until(lambda: len([c for c in seen.app.screen.query(SmallChart) if c.display]) >= least, "charts")
        met = set(titles(seen))
        for _ in range(60):
            await seen.press("pagedown")
            met |= set(titles(seen))
        assert {"loss", "learning rate", "FAD · mel", "Vendi · mel"} <= met
        await seen.press("home")
        await here(seen, "fullband_spectral_distance")
        await seen.until(lambda: "train 4." in seen.text and "validation 4." in seen.text, "the last values")
        assert all(len(line) == columns for line in seen.lines) or columns == 40
        await seen.press("escape")
        await seen.see("runs")


@pytest.mark.parametrize("count", range(1, 41))
@pytest.mark.parametrize(("width", "height"), [(80, 22), (120, 32), (200, 48), (300, 88), (30, 8)])
def test_a_page_holds_all_charts_or_as_many_as_can_be_read(count: int, width: int, height: int) -> None:
    columns, rows = shape_for(count, width, height)
    most = max(width // CELL[0], 1) * max(height // CELL[1], 1)
    assert columns * rows >= min(count, most) and columns * rows <= max(most, 1)
    assert columns * rows - count < columns or count > most, "no empty row"


async def test_keys_walk_enlarge_and_go_back(both: MadeRun) -> None:
    async with screen_of(both.workspace, 80, 24) as seen:
        await seen.press("right", "g")
        await here(seen, "multiband_spectral_distance")
        await seen.press("down")
        await here(seen, "latent dimensions for the variance")
        await seen.press("right")
        await here(seen, "loss")
        await seen.see("page 2 of")
        await seen.until(lambda: "generator's sum" in seen.text, "the other page, once it has been read")
        await seen.press("enter")
        await seen.until(lambda: len([c for c in seen.app.screen.query(SmallChart) if c.display]) == 1, "one chart")
        assert max(chart.size.width for chart in seen.app.screen.query(SmallChart)) == 78
        await seen.press("right")
        await here(seen, "feature_matching")
        await seen.press("escape")
        await seen.until(lambda: len([c for c in seen.app.screen.query(SmallChart) if c.display]) == 4, "four again")
        await seen.press("escape")
        await seen.see("runs", "multiband_spectral_distance")


async def test_all_keys_for_curves_work_on_all_charts_at_once(both: MadeRun) -> None:
    async with screen_of(both.workspace, 120, 34) as seen:
        await seen.press("l", "g")
        await seen.until(lambda: seen.text.count("log · ema 0.9") >= 4, "the axis of the main screen")
        await seen.press("w", "l", "h")
        await seen.until(lambda: seen.text.count("by epoch · ema 0.99") >= 4, "the other smoothing and axis")
        await seen.press("plus", "comma")
        charts = [chart for chart in seen.app.screen.query(SmallChart) if chart.display and chart.window]
        assert (
            len(charts) > 4
            and len({chart.window for chart in charts}) == 1
            and all(chart.is_zoomed for chart in charts)
        )
        assert len({chart.cursor for chart in charts}) == 1 and charts[0].cursor is not None
        await seen.until(lambda: "epoch " in seen.lines[0] and "train 4." in seen.lines[0], "the reading")
        await seen.press("0", "j")
        await seen.see("only phase 1")
        assert "feature_matching" not in [group.title for group in grid(seen).walk]
        assert {chart.window[1] for chart in charts if chart.window} == {4.0}
        await seen.press("j")
        await seen.see("only phase 2", "feature_matching")
        await seen.press("escape")
        await seen.see("fullband_spectral_distance · only phase 2", "by epoch · ema 0.99")
        await seen.press("j")
        await seen.until(lambda: "only phase" not in seen.text, "all phases")


async def test_charts_are_hidden_moved_pinned_and_remembered(both: MadeRun) -> None:
    async with screen_of(both.workspace, 80, 24) as seen:
        await seen.press("g")
        await here(seen, "fullband_spectral_distance")
        await seen.press("space")
        await here(seen, "multiband_spectral_distance")
        await seen.see("1 hidden")
        await seen.press("greater_than_sign")
        await seen.until(lambda: titles(seen)[:2] == ["regularization", "multiband_spectral_distance"], "the move")
        await here(seen, "multiband_spectral_distance")
        await seen.press("end")
        await here(seen, "Vendi · mel")
        await seen.press("k")
        await seen.see("▲ Vendi · mel")
        assert titles(seen)[0] == "Vendi · mel"
        await seen.press("a")
        await seen.see("hidden: fullband_spectral_distance")
        await seen.press("escape")
        await seen.see("runs")
        await seen.press("right", "right", "left", "left")
        walk = [group.title for group in seen.app.main.board.curves.walk]
        assert walk[:3] == ["Vendi · mel", "regularization", "multiband_spectral_distance"]
        assert "fullband_spectral_distance" not in walk
    async with screen_of(Workspace(both.workspace.root), 80, 24) as seen:
        await seen.until(lambda: seen.app.main.board.curves.groups[0].title == "Vendi · mel", "what is remembered")
        await seen.press("g", "a", "right")
        await here(seen, "fullband_spectral_distance")
        await seen.press("space")
        await seen.until(lambda: "hidden" not in seen.lines[0], "it is shown again")
        await seen.press("left", "k")
        await seen.until(lambda: grid(seen).walk[0].title == "fullband_spectral_distance", "no pin any more")
        assert grid(seen).here.title == "Vendi · mel", "the cursor goes along with its chart"


async def test_two_screens_see_each_others_choice(both: MadeRun) -> None:
    async with screen_of(both.workspace, 80, 24) as one:
        await one.press("g")
        await here(one, "fullband_spectral_distance")
        arrangement_of(both.workspace.root).change(lambda made: made.with_pin("loss"))
        await one.see("▲ loss")
        await one.press("k")
        await one.see("▲ fullband_spectral_distance")
        assert arrangement_of(both.workspace.root).read().arrangement.pinned == ("loss", "fullband_spectral_distance")


async def test_a_damaged_choice_is_told_and_never_a_crash(both: MadeRun) -> None:
    file = arrangement_of(both.workspace.root).path
    file.parent.mkdir()
    file.write_text("{")
    async with screen_of(both.workspace, 120, 34) as seen:
        await seen.press("g")
        await seen.see("charts.json is damaged", "┏━ fullband_spectral_distance")
        file.write_text(json.dumps({"pinned": ["perplexity"], "order": [], "hidden": []}))
        await seen.see("names 'perplexity'")
        await seen.press("k")
        await seen.see("▲ fullband_spectral_distance")
        assert json.loads(file.read_text())["pinned"] == ["perplexity", "fullband_spectral_distance"]


async def test_a_choice_that_cannot_be_written_is_told(both: MadeRun) -> None:
    (both.workspace.root / ".ravetui").write_text("no folder")
    async with screen_of(both.workspace, 120, 34) as seen:
        await seen.press("g", "k")
        await seen.see("Charts not remembered", "charts.json cannot be written")


async def test_new_points_and_scores_appear_in_small_charts(both: MadeRun) -> None:
    async with screen_of(both.workspace, 300, 90) as seen:
        await seen.press("g")
        await seen.see("FAD · mel", "0.2100")
        both.train(100)
        both.validate(samples=0)
        both.score(500, fad=0.17)
        await seen.see("0.1700")


async def test_the_main_pane_shows_scores_with_their_intervals_once_there_are_some(both: MadeRun) -> None:
    async with screen_of(both.workspace, 120, 40) as seen:
        for _ in range(4):
            await seen.press("left")
        await seen.see("FAD · mel", "• against validation")
        await seen.press("comma")
        await seen.see("step 400", "against validation 0.2100 (0.1900 to 0.2300)")


async def test_a_phase_alone_has_its_own_window_and_best(both: MadeRun) -> None:
    async with screen_of(both.workspace, 120, 34) as seen:
        chart = seen.app.main.board.curves.charts[0]
        await seen.see("━ train")
        whole = chart.window
        await seen.press("j")
        await seen.see("fullband_spectral_distance · only phase 1")
        assert whole is not None and chart.window == (0.0, 200.0) != whole
        await seen.press("j")
        await seen.see("only phase 2")
        assert chart.window is not None and 200.0 < chart.window[0] < 200.001
        await seen.press("comma")
        await seen.see("best ")
        reading = chart.readings()[0]
        assert reading.best_index is not None and reading.best_index >= 200


async def test_one_phase_alone_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin().train(50)
    made.end("stopped", "asked")
    async with screen_of(made.workspace) as seen:
        await seen.press("j")
        await seen.see("graz has trained one phase only")
