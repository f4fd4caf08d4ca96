"""Phase 2, timed at a run's first start on networks that are thrown away."""

from threading import Event
from typing import Any

import pytest
import torch

from ravetui.engine.training import ahead, session
from ravetui.engine.training.precision import device_kind
from ravetui.engine.training.session import Session
from ravetui.runs.estimate import MEASURED, shape_of, with_estimates
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import read_spec
from ravetui.runs.summary import summarise
from ravetui.runs.timing import Timings
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG, attempt, weights
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("ahead"))


def timed(run: RunFolder) -> list[dict[str, Any]]:
    return [event.fields for event in read_events(run.events) if event.kind == "timed"]


def test_a_run_has_the_same_bits_with_and_without_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = small_run(workspace, "measured")
    assert attempt(measured, stop_after=4) == "stopped"
    assert attempt(measured) == "finished"
    assert len(timed(measured)) == 1, "once a run"
    monkeypatch.setattr(session, "look_ahead", lambda *_: None)
    plain = small_run(workspace, "plain")
    assert attempt(plain) == "finished"
    assert timed(plain) == []
    assert weights(measured) == weights(plain)


def test_its_end_is_then_known_in_phase_1_and_marked_as_an_estimate(workspace: Workspace) -> None:
    run = small_run(workspace, "known")
    assert attempt(run, stop_after=9) == "stopped"
    (found,) = timed(run)
    assert min(found["phase_1_s"], found["discriminator_s"], found["generator_s"]) > 0
    assert found["device"] == device_kind(torch.device("cpu"))
    summary = with_estimates([summarise(run)])[0]
    where = summary.progress
    assert where.estimated_from == MEASURED
    assert where.eta is not None and where.phase_eta is not None and where.step_s[0] is not None
    assert where.phase_eta.seconds < where.eta.low < where.eta.seconds < where.eta.high
    ratio = (found["discriminator_s"] + found["generator_s"]) / 2 / found["phase_1_s"]
    assert summary.phase_2_ratio == pytest.approx(ratio)


def test_a_run_of_the_same_shape_is_not_measured_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = small_run(workspace, "first")
    assert attempt(first, stop_after=1) == "stopped"
    kept = Timings(workspace.timings).find(shape_of(read_spec(first.spec_path)), device_kind(torch.device("cpu")))
    assert kept is not None

    def never(*_: object) -> None:
        raise AssertionError("it was measured again")

    monkeypatch.setattr(ahead, "time_steps", never)
    second = small_run(workspace, "second")
    assert attempt(second, stop_after=1) == "stopped"
    assert timed(second)[0]["measured"] == kept.measured == timed(first)[0]["measured"]
    third = small_run(workspace, "third", phase_1="20 steps")
    assert attempt(third, stop_after=1) == "stopped"
    assert timed(third) == [], "it has no phase 2"


def test_a_stop_ends_it_and_a_failure_costs_no_more_than_the_estimate(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = small_run(workspace, "stopped")
    run.attempt(1).path.mkdir()
    told = Event()
    told.set()
    Session(run, CONFIG, told).close()
    assert timed(run) == []

    def short_of_memory(*_: object) -> None:
        raise RuntimeError("out of memory\nand more")

    monkeypatch.setattr(ahead, "time_steps", short_of_memory)
    assert attempt(run) == "finished"
    warned = [event.fields["reason"] for event in read_events(run.events) if event.kind == "warned"]
    assert warned == ["a step of phase 2 was tried and failed: out of memory"]
