"""Trouble with a run's checkpoints is on the screen until a checkpoint has been saved."""

from pathlib import Path

import pytest

from ravetui.runs.events import append_event
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of


@pytest.mark.parametrize("columns", [80, 120])
async def test_a_full_disk_is_shown_until_there_is_a_checkpoint(tmp_path: Path, columns: int) -> None:
    workspace = workspace_in(tmp_path)
    run = MadeRun(workspace, "full", "2026-01-07T00:00:00+00:00").begin(live=True).train(200)
    try:
        run.validate()
        async with screen_of(workspace, columns, 34) as seen:
            await seen.see("step 200 of")
            reason = "No space left on device"
            append_event(run.folder.events, "unsaved", attempt=1, step=300, newest=200, full=True, reason=reason)
            await seen.see("disk full: no checkpoint since step 200")
            run.train(200).validate()
            await seen.until(lambda: "disk full: no checkpoint since" not in seen.text, "the end of the warning")
    finally:
        run.release()
