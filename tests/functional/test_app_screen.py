"""What is on the screen, at every size, while runs go on."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from ravetui.app.app import RavetuiApp
from ravetui.app.messages import Done, Looked
from ravetui.app.panes.board import Board
from ravetui.app.reader import WorkspaceReader
from ravetui.app.snapshot import Gaze, Snapshot
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import Seen, screen_of

SIZES = [(80, 24), (120, 34), (200, 50)]


class Day:
    """A workspace with a run in every state; ``live`` trains."""

    def __init__(self, folder: Path) -> None:
        self.workspace: Workspace = workspace_in(folder)
        self.live = MadeRun(self.workspace, "graz-v2-003", "2026-01-07T00:00:00+00:00").begin(live=True)
        for _ in range(3):
            self.live.train(200)
            self.live.validate()
        self.live.score(600, fad=0.21)
        self.live.say("first line", "last line of the log")
        failed = MadeRun(self.workspace, "graz-b16", "2026-01-06T00:00:00+00:00").begin().train(3)
        failed.end("failed", "CUDA out of memory")
        done = MadeRun(self.workspace, "piano-v1", "2026-01-05T00:00:00+00:00").begin().train(1000)
        done.go_adversarial()
        done.train(1000).end("finished", "finished: all 2000 steps are done")
        MadeRun(self.workspace, "fresh", "2026-01-04T00:00:00+00:00")
        broken = MadeRun(self.workspace, "broken", "2026-01-03T00:00:00+00:00")
        broken.folder.spec_path.write_text("nonsense [")


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    made = Day(tmp_path)
    yield made
    made.live.release()


async def walk(seen: Seen, to: str) -> None:
    """Tab until a pane has the focus."""
    for _ in range(6):
        if seen.app.main.board.focused_pane == to:
            return
        await seen.press("tab")
    raise AssertionError(f"tab never reached {to}")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
async def test_one_glance_tells_where_the_run_is_and_when_it_ends(day: Day, columns: int, rows: int) -> None:
    async with screen_of(day.workspace, columns, rows) as seen:
        await seen.see("step 600 of 2 000", "epoch 12.0 of 40.0", "20 s an epoch", "phase 1 reconstruction")
        await seen.see("phase 2 in 2 min 40 s", "estimated: phase 2 as in piano-v1", "phase 2 at 1 000")
        assert "p1  60 %  3 min" in seen.line("▸● graz-v2-003")
        assert {cell_len(line) for line in seen.lines} == {columns} and len(seen.lines) == rows


@pytest.mark.parametrize(("columns", "rows"), SIZES)
async def test_tab_reaches_every_pane_at_every_size(day: Day, columns: int, rows: int) -> None:
    async with screen_of(day.workspace, columns, rows) as seen:
        await walk(seen, "curves")
        await seen.see("fullband_spectral_distance", "train", "validation", "phase 2")
        await seen.until(lambda: any("\u2800" < letter <= "\u28ff" for letter in seen.text), "a braille curve")
        await walk(seen, "checkpoints")
        await seen.see("valid", "FAD", "KID", "Vendi", "mel (log-mel statistics, not CLAP)")
        await seen.until(lambda: "±" in seen.line("◆ 600"), "the score of step 600")
        await walk(seen, "samples")
        await seen.see("samples of step 600", "01 nocturne", "02 étude", "reconstruction")
        await walk(seen, "log")
        await seen.see("last line of the log", "saved a checkpoint at step 600", "attempt 1")
        await seen.press("tab")
        assert seen.app.main.board.focused_pane == "runs"
        await seen.press("shift+tab")
        assert seen.app.main.board.focused_pane == "log"


async def test_two_tabs_in_a_hurry_are_two_steps(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        seen.app.simulate_key("tab")
        seen.app.simulate_key("tab")
        await seen.until(lambda: seen.app.main.board.focused_pane == "checkpoints", "the focus on checkpoints")


async def test_every_state_has_its_sign_and_its_reason(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        await seen.see("● graz-v2-003", "✗ graz-b16", "✓ piano-v1", "○ fresh", "! broken")
        assert "CUDA out of memory" in seen.line("✗ graz-b16")
        await seen.press("down")
        await seen.see("graz-b16 · failed", "failed: CUDA out of memory", "s starts it")
        await seen.press("down")
        await seen.see("piano-v1 · finished", "finished: all 2000 steps are done")
        await seen.press("down")
        await seen.see("created, never started")
        await seen.press("down")
        await seen.see("damaged:", "cannot be read: Expected '='")
        await seen.press("up", "up", "up", "up")
        await seen.see("step 600 of 2 000")


async def test_new_data_appears_without_a_key(day: Day) -> None:
    async with screen_of(day.workspace, 200, 50) as seen:
        await seen.see("step 600 of 2 000")
        day.live.train(400)
        day.live.go_adversarial()
        day.live.train(50)
        day.live.validate()
        await seen.see("step 1 050 of 2 000", "phase 2 adversarial", "phase 2 since 1 000", "◆ 1 050")
        await seen.see("phase 2 began at step 1 000")
        day.live.score(1050, fad=0.19)
        await seen.until(lambda: "19" in seen.line("◆ 1 050"), "the new score")
        day.live.say("a brand new line")
        await seen.see("a brand new line")
        day.live.end("stopped", "stopped at step 1 050, saved")
        await seen.see("■ graz-v2-003", "stopped at step 1 050, saved", "s resumes it at step 1 050")


async def test_cursor_and_focus_stay_while_runs_come_and_go(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        await seen.press("down")
        await seen.see("graz-b16 · failed")
        newer = MadeRun(day.workspace, "newer", "2026-09-01T00:00:00+00:00").begin(live=True).train(20)
        await seen.see("● newer")
        assert "▸✗ graz-b16" in seen.text
        await seen.see("graz-b16 · failed")
        newer.release()
        shutil.rmtree(day.workspace.runs / "newer")
        await seen.until(lambda: "newer" not in seen.text, "the run's disappearance")
        assert "▸✗ graz-b16" in seen.text
        shutil.rmtree(day.workspace.runs / "graz-b16")
        await seen.until(lambda: "graz-b16" not in seen.text, "the selected run's disappearance")
        assert "▸" in seen.text


async def test_the_selected_checkpoint_stays_while_new_ones_are_saved(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        await seen.see("▸◆ 600")
        await walk(seen, "checkpoints")
        await seen.press("down")
        await seen.see("▸◆ 400", "samples of step 400")
        day.live.train(100)
        day.live.validate()
        await seen.see("◆ 700")
        assert "▸◆ 400" in seen.text and "samples of step 400" in seen.text


async def test_a_cursor_on_the_newest_checkpoint_goes_on_to_newer_ones(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        await seen.see("▸◆ 600", "samples of step 600")
        day.live.train(100)
        day.live.validate()
        await seen.see("▸◆ 700", "samples of step 700")
        day.live.train(100)
        day.live.validate()
        await seen.see("▸◆ 800", "samples of step 800")


async def test_a_scoring_is_shown_in_its_row(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        await seen.see("◆ 400")
        day.live.scoring(400, 0.37)
        await seen.until(lambda: "scoring 37 %" in seen.line("◆ 400"), "the progress")
        day.live.release()
        await seen.until(lambda: "scoring lost" in seen.line("◆ 400"), "its end")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
async def test_an_empty_workspace_says_what_to_do(tmp_path: Path, columns: int, rows: int) -> None:
    async with screen_of(workspace_in(tmp_path, dataset=False), columns, rows) as seen:
        await seen.see("no runs yet: n makes one; first `ravetui data prepare NAME FOLDER`")
        await seen.press("n")
        await seen.see("There is no dataset yet")


async def test_nothing_is_painted_while_nothing_happens(day: Day) -> None:
    day.live.end("stopped", "asked")
    async with screen_of(day.workspace) as seen:
        await seen.see("▸◆ 600")
        # The first look has a second one behind it: for the curves that the first picture turned out to need.
        painted = -1
        for _ in range(25):
            if painted == seen.app.looks:
                return
            painted = seen.app.looks
            await seen.pilot.pause(0.4)
        pytest.fail(f"still painting after {seen.app.looks} looks")


async def test_the_terminal_can_change_its_size(day: Day) -> None:
    async with screen_of(day.workspace, 120, 34) as seen:
        await seen.see("▸◆ 600", "01 nocturne")
        await seen.pilot.resize_terminal(80, 24)
        await seen.see("tab ▸curves")
        await seen.pilot.resize_terminal(200, 50)
        await seen.see("multiband_spectral_distance", "0.210 ±0.020", "01 nocturne")


async def test_times_are_those_of_the_clock_it_was_given(day: Day) -> None:
    now = time.mktime((2026, 11, 23, 14, 2, 0, 0, 0, -1))
    async with screen_of(day.workspace, app=RavetuiApp(day.workspace, clock=lambda: now)) as seen:
        await seen.see("phase 2 in 2 min 40 s (14:04)")
        assert seen.lines[0].rstrip().endswith("14:02")


class FlakyReader(WorkspaceReader):
    """Fails at its second look, as a network file system does."""

    count = 0

    def look(self, gaze: Gaze) -> Snapshot:
        self.count += 1
        if self.count == 2:
            raise OSError("Stale file handle")
        return super().look(gaze)


async def test_a_failed_look_is_told_and_the_next_one_is_tried(day: Day) -> None:
    app = RavetuiApp(day.workspace, reader=FlakyReader(day.workspace))
    async with screen_of(day.workspace, app=app) as seen:
        await seen.see("Looking at the runs failed: OSError: Stale file handle.")
        day.live.train(1)
        await seen.see("step 601 of 2 000")


async def test_a_message_that_comes_while_the_screen_is_taken_down_is_no_error(day: Day) -> None:
    async with screen_of(day.workspace) as seen:
        await seen.see("graz-v2-003")
        await seen.app.main.query(Board).remove()
        before = seen.app.looks
        seen.app.post_message(Looked(Snapshot()))
        seen.app.post_message(Done("graz-v2-003"))
        await seen.until(lambda: seen.app.looks > before, "the late message")
