import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.runs.summary import RunWatcher, summarise
from tests.run_maker import STEP_SECONDS, STEPS_PER_EPOCH, MadeRun, workspace_in
from tests.stand_in import python


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    run = MadeRun(workspace_in(tmp_path / "ws", dataset=False), "graz")
    yield run
    run.release()


def test_a_run_that_trains(made: MadeRun) -> None:
    made.begin(live=True).train(100)
    found = summarise(made.folder).as_dict()
    assert (found["run"], found["state"], found["phase"], found["step"], found["total_steps"]) == (
        "graz",
        "running",
        1,
        100,
        2000,
    )
    assert (found["epoch"], found["steps_per_epoch"]) == (2.0, STEPS_PER_EPOCH)
    # Nine validations and one that is due, of 8 batches each: about three steps a piece.
    assert 900 * STEP_SECONDS < found["phase_eta_low_s"] < found["phase_eta_s"] < found["phase_eta_high_s"]
    assert found["phase_eta_s"] == pytest.approx((900 + 32) * STEP_SECONDS, rel=0.01)
    assert 100 * STEP_SECONDS <= found["validation_eta_s"] < 105 * STEP_SECONDS
    assert [found[f"eta{part}_s"] for part in ("", "_low", "_high")] == [None] * 3
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_run_that_ended_has_no_time_left(made: MadeRun) -> None:
    made.begin(live=True).train(100)
    made.end("stopped", "stopped at step 100, saved")
    found = summarise(made.folder).as_dict()
    assert (found["state"], found["reason"], found["step"]) == ("stopped", "stopped at step 100, saved", 100)
    assert (found["eta_s"], found["phase_eta_s"]) == (None, None)


def test_a_watcher_sees_what_is_new(made: MadeRun) -> None:
    watcher = RunWatcher(made.folder)
    assert watcher.summary().progress.step == 0
    made.begin(live=True).train(10)
    assert watcher.summary().progress.step == 10
    made.train(5)
    made.go_adversarial()
    found = watcher.summary().progress
    assert (found.step, found.phase) == (15, 2)
    assert [(item.phase, item.step) for item in found.transitions] == [(2, 15)]


def test_the_floor_can_be_read_without_torch_textual_or_scipy() -> None:
    code = (
        "import sys, ravetui.runs.summary, ravetui.runs.jobs, ravetui.engine.launch.start, ravetui.engine.launch.stop\n"
    )
    code += "print([name for name in ('torch', 'textual', 'scipy', 'soundfile') if name in sys.modules])"
    assert subprocess.run(python(code), capture_output=True, text=True, check=True).stdout == "[]\n"
