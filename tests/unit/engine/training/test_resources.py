"""What a real trainer journals of itself."""

import math
from pathlib import Path

import numpy as np
import pytest

from ravetui.engine.resources import sampler
from ravetui.runs.events import read_events
from ravetui.runs.resources import newest
from tests.trainer import attempt, history, weights
from tests.workspaces import small_run, small_workspace


def test_a_run_says_what_it_used_and_trains_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = small_workspace(tmp_path)
    one, other = (small_run(workspace, name) for name in ("measured", "not"))
    monkeypatch.setattr(sampler.ResourceSampler.__init__, "__kwdefaults__", {"first": (0.05,), "every": 0.05})
    assert attempt(one, stop_after=9) == "stopped"
    assert attempt(one) == "finished"
    monkeypatch.setattr(sampler.ResourceSampler.__init__, "__kwdefaults__", {"first": (1e6,), "every": 1e6})
    assert attempt(other) == "finished"
    assert weights(one)["model.safetensors"] == weights(other)["model.safetensors"]
    looked = history(one).records("resources")
    assert len(looked) > 3 and (np.diff(looked["step"]) >= 0).all() and (np.diff(looked["time"]) > 0).all()
    found = newest(looked)
    assert found is not None and found.cpu_cores is not None and found.cpu_total_cores is not None
    assert 0 < found.cpu_cores < found.cpu_total_cores + 0.5
    assert found.memory_bytes is not None and 5e7 < found.memory_bytes < 5e9
    assert found.run_bytes is not None and found.run_bytes > 10_000
    assert found.gpu_percent is None and found.machine.startswith("CPU ") and found.machine.endswith(" GB")
    share = history(one).series("data_share").value
    assert share.size and (share >= 0).all() and (share <= 1).all()
    assert history(one).series("gpu_percent").value.size == 0
    assert not len(history(other).records("resources"))


def test_a_look_that_fails_is_told_and_the_run_finishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> dict[str, float]:
        raise RuntimeError("out of order")

    run = small_run(small_workspace(tmp_path), "broken")
    monkeypatch.setattr(sampler.ResourceSampler.__init__, "__kwdefaults__", {"first": (0.01,), "every": 0.01})
    monkeypatch.setattr("ravetui.engine.resources.meter.ResourceMeter.look", broken)
    assert attempt(run) == "finished"
    told = [event.fields["reason"] for event in read_events(run.events) if event.kind == "warned"]
    assert told == ["what the run uses is no longer measured: out of order"]
    assert math.isclose(history(run).records("steps")["step"][-1], 20)
