"""What a planned run takes here, said in the form while numbers are typed."""

from pathlib import Path

import pytest

from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of
from tests.workspaces import small_workspace


def tiny_by_default(workspace: Workspace) -> Workspace:
    config = workspace.root / "config.toml"
    config.write_text(config.read_text().replace('preset = "v1"', 'preset = "tiny"'))
    return Workspace(workspace.root)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_times_follow_the_numbers_as_soon_as_a_run_of_the_shape_is_known(
    tmp_path: Path, columns: int, rows: int
) -> None:
    workspace = tiny_by_default(workspace_in(tmp_path))
    old = MadeRun(workspace, "graz-001", phase_1_steps=100, total_steps=300).begin()
    old.train(100)
    old.go_adversarial()
    old.train(150)
    old.end("stopped", "stopped")
    async with screen_of(workspace, columns, rows) as seen:
        await seen.press("n")
        # 600 and 300 steps of 0.402 s, and a validation of 8 batches each 100 steps.
        await seen.see("takes about 4 min 08 s + 2 min 04 s = 6 min 12 s (as in graz-001)", "memory about")
        await seen.press("tab", "tab", "tab")
        await seen.paste("6000 steps")
        await seen.see("takes about 41 min", " + 2 min 04 s = 43 min")
        await seen.press("tab", "tab", "8")
        await seen.see("time not known here yet: ctrl+t times")


async def test_ctrl_t_times_a_few_steps_and_esc_ends_that_first(tmp_path: Path) -> None:
    workspace = tiny_by_default(small_workspace(tmp_path))
    async with screen_of(workspace, 80, 24) as seen:
        await seen.press("n")
        await seen.see("time not known here yet: ctrl+t times")
        await seen.press("ctrl+t")
        await seen.see("timing: ", "esc ends it")
        await seen.press("escape")
        await seen.see("not timed: cancelled", "new run")
        await seen.press("ctrl+t")
        await seen.see("(measured)", "takes about ")
        await seen.press("escape")
        assert "new run" not in seen.text
    assert list(workspace.timings.glob("*.json"))


async def test_a_fork_takes_what_is_left_of_the_run_it_goes_on_from(tmp_path: Path) -> None:
    workspace = tiny_by_default(workspace_in(tmp_path))
    made = MadeRun(workspace, "graz-001", phase_1_steps=100, total_steps=300).begin()
    made.train(100)
    made.go_adversarial()
    made.train(150)
    made.validate()
    made.end("stopped", "stopped")
    async with screen_of(workspace, 120, 34) as seen:
        await seen.press("f")
        # 50 steps of 0.402 s, and the validation at step 300.
        await seen.see("graz-001 at step 250, phase 2", "takes about 21 s (as in graz-001)")
