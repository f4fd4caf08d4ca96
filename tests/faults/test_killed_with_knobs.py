"""A trainer killed with every knob turned: the resumed run ends with the same bits."""

import random
from pathlib import Path

import pytest

from ravetui.runs.history import RunHistory
from tests.faults.counts import WHOLE, count, times
from tests.faults.test_killed_trainer import LENGTH, compare, finish, kill_at
from tests.unit.engine.training.test_every_knob import EVERY_KNOB, V3
from tests.workspaces import small_run, small_workspace

KINDS = {"tiny": {}, "v3": V3} if WHOLE else {"tiny": {}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_with_every_knob_killed_in_each_phase_is_the_same_run(tmp_path: Path, kind: str) -> None:
    workspace = small_workspace(tmp_path / "ws")
    knobs = {**KINDS[kind], **EVERY_KNOB, **LENGTH}
    whole = small_run(workspace, "whole", **knobs)
    finish(whole)
    trials = times(5, 1)
    for trial in range(trials):
        run, draw = small_run(workspace, f"killed-{trial}", **knobs), random.Random(trial)
        for step in (draw.randint(60, 110), draw.randint(140, 190)):
            kill_at(run, step, 0)
        finish(run)
        compare(run, whole)
        history, reference = RunHistory(run), RunHistory(whole)
        for one in (history, reference):
            one.poll(["penalty"])
        penalties = history.series("gradient_penalty").value.tolist()
        assert penalties
        assert penalties == reference.series("gradient_penalty").value.tolist()
    count("trainer with every knob turned killed in each phase and resumed", 2 * trials)
