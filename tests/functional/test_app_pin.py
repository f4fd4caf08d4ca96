"""Keeping a checkpoint, by one key."""

from pathlib import Path

from ravetui.runs.checkpoints import find_checkpoint
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of


async def test_k_pins_the_selected_checkpoint_and_lets_it_go_again(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    made = MadeRun(workspace, "graz").begin().train(10)
    made.validate()
    made.end("stopped", "asked")
    async with screen_of(workspace, 80, 24) as seen:
        await seen.see("stopped at 10")
        await seen.press("tab", "tab")
        await seen.see("◆ 10")
        await seen.press("k")
        await seen.see("◈ 10", "Step 10 of graz is kept for good.")
        assert find_checkpoint(made.folder, "10").pinned
        await seen.press("k")
        await seen.see("◆ 10", "is kept no longer")
        assert not find_checkpoint(made.folder, "10").pinned
