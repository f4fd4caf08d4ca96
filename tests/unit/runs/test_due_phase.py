"""A phase 2 that should have begun, for whatever reason, and has not: an alarm within an epoch."""

import dataclasses
import time
from pathlib import Path

import pytest

from ravetui.runs import control
from ravetui.runs.advice import advise
from ravetui.runs.due_phase import due_phase_2
from ravetui.runs.events import append_event
from ravetui.runs.evidence import gather
from ravetui.runs.spec import ParentRef, write_spec
from ravetui.runs.summary import RunWatcher
from tests.run_maker import STEPS_PER_EPOCH, MadeRun, workspace_in


@pytest.fixture
def made(tmp_path: Path) -> MadeRun:
    return MadeRun(workspace_in(tmp_path / "ws", dataset=False), "graz", phase_1_steps=1000, total_steps=2000)


def alarm(made: MadeRun) -> str:
    """What is said of a late transition; empty while there is none."""
    watcher = RunWatcher(made.folder)
    summary = watcher.summary()
    watcher.history.poll()
    said = advise(gather(watcher.spec, summary.progress, watcher.history))
    return next((item.text for item in said if "should have begun" in item.text), "")


def respec(made: MadeRun, plateau: str) -> None:
    made.spec = dataclasses.replace(made.spec, training=dataclasses.replace(made.spec.training, plateau=plateau))
    made.folder.spec_path.unlink()
    write_spec(made.folder.spec_path, made.spec)


def test_by_its_step(made: MadeRun) -> None:
    made.begin().train(1000)
    assert alarm(made) == ""
    made.train(STEPS_PER_EPOCH)
    made.release()
    assert "at step 1 000" in alarm(made)


def test_by_the_step_at_which_an_earlier_attempt_began_it(made: MadeRun) -> None:
    made.begin().train(200)
    append_event(made.folder.events, "phase", attempt=1, phase=2, step=180)
    made.release()
    made.step = 100
    made.begin().train(80 + STEPS_PER_EPOCH)
    made.release()
    assert "at step 180" in alarm(made)


def test_by_a_plateau(made: MadeRun) -> None:
    respec(made, "3 validations")
    made.begin()
    for value in (3.0, 2.0, 2.5, 2.0):
        made.train(10)
        made._writers["validation"].append(made.step, time.time(), (value, value, 1.0))
    assert due_of(made) == 1000, "the best was two validations ago"
    made.train(10)
    made._writers["validation"].append(made.step, time.time(), (2.1, 2.1, 1.0))
    assert (due_of(made), alarm(made)) == (50, "")
    made.train(STEPS_PER_EPOCH)
    made.release()
    assert "at step 50" in alarm(made)


def due_of(made: MadeRun) -> int:
    watcher = RunWatcher(made.folder)
    watcher.history.poll()
    return due_phase_2(watcher.spec, watcher.history)


def test_by_hand(made: MadeRun) -> None:
    made.begin().train(100)
    control.request(made.folder, "phase")
    assert due_of(made) == 1000, "the trainer has made no step since"
    for _ in range(STEPS_PER_EPOCH):
        made.step += 1
        made._writers["steps"].append(made.step, time.time() + 1, (1, 0.1, 0.0))
    made.release()
    assert "at step 100" in alarm(made)


def test_a_fork_of_phase_2_is_not_late_before_its_first_step(made: MadeRun) -> None:
    made.spec = dataclasses.replace(made.spec, parent=ParentRef("parent", "id", 1500))
    made.folder.spec_path.unlink()
    write_spec(made.folder.spec_path, made.spec)
    append_event(made.folder.events, "phase", phase=2, step=1000)
    assert alarm(made) == ""
