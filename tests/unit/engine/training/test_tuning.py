"""How a run's way of computing is chosen: by its settings, else by measuring once, and then for good."""

import dataclasses
from threading import Event
from typing import Any

import pytest
import torch

from ravetui.config import Config, EngineSettings
from ravetui.engine.fork import fork_run, plan_fork
from ravetui.engine.training import tuning
from ravetui.engine.training.precision import device_kind, has_bf16
from ravetui.engine.training.session import Session
from ravetui.engine.training.tuning import Choice, Tuning
from ravetui.errors import ConfigError, RunError
from ravetui.runs.events import Event as RunEvent
from ravetui.runs.events import append_event, read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace
from tests.trainer import attempt, weights
from tests.workspaces import small_run, small_workspace

CPU = torch.device("cpu")
AUTO = Config(engine=EngineSettings(device="cpu", threads=1))
needs_bf16 = pytest.mark.skipif(not has_bf16(CPU), reason="this processor does not compute in bf16")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("tuning"))


def choose(run: RunFolder, events: list[RunEvent] | None = None, **settings: str) -> Choice:
    engine = dataclasses.replace(AUTO.engine, **settings)  # type: ignore[arg-type]
    return Tuning(read_spec(run.spec_path), engine, CPU, lambda: False).choose(events or [])


def computing_events(run: RunFolder) -> list[dict[str, object]]:
    return [event.fields for event in read_events(run.events) if event.kind == "computing"]


def config_of(precision: str) -> Config:
    return Config(engine=dataclasses.replace(AUTO.engine, precision=precision, compile="off"))


def test_a_short_run_trains_in_single_precision(workspace: Workspace) -> None:
    run = small_run(workspace, "short")
    choice = choose(run)
    assert choice.computing == tuning.PLAIN
    assert "too short" in choice.fields["reason"]


@needs_bf16
def test_a_long_run_measures_both_and_says_what_it_saw(workspace: Workspace) -> None:
    run = small_run(workspace, "long", phase_1="2000000 steps", total="3000000 steps")
    choice = choose(run)
    seconds = choice.fields["seconds"]
    assert set(seconds) == {"fp32", "bf16"}
    assert "as fast as fp32" in choice.fields["reason"]
    faster = seconds["fp32"] > tuning.WORTH * seconds["bf16"]
    assert choice.computing.precision == ("bf16" if faster else "fp32")
    assert not choice.computing.compiled


def test_a_choice_is_kept_on_the_same_kind_of_device(workspace: Workspace) -> None:
    run = small_run(workspace, "kept")
    kept: dict[str, Any] = {"step": 0, "precision": "bf16", "compiled": False, "device": device_kind(CPU)}
    append_event(run.events, "computing", **kept)
    choice = choose(run, read_events(run.events))
    assert (choice.computing.precision, choice.is_new) == ("bf16", False)
    elsewhere = RunEvent(0, "computing", 1, {**kept, "device": "another GPU"})
    choice = choose(run, [elsewhere])
    assert (choice.computing, choice.is_new) == (tuning.PLAIN, True)
    assert "another GPU" in choice.fields["reason"]


def test_a_setting_overrules_what_was_chosen(workspace: Workspace) -> None:
    run = small_run(workspace, "overruled")
    kept = {"step": 0, "precision": "bf16", "compiled": False, "device": device_kind(CPU), "reason": "measured"}
    choice = choose(run, [RunEvent(0, "computing", 1, dict(kept))], precision="fp32")
    assert (choice.computing.precision, choice.is_new) == ("fp32", True)


def test_what_the_device_cannot_do_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run(workspace, "refused")
    monkeypatch.setattr(tuning, "has_bf16", lambda _device: False)
    with pytest.raises(RunError, match="does not compute in it"):
        choose(run, precision="bf16")
    choice = choose(run)
    assert choice.computing == tuning.PLAIN
    assert "does not compute in bf16" in choice.fields["reason"]


def test_a_word_that_is_no_setting_is_refused(workspace: Workspace) -> None:
    run = small_run(workspace, "word")
    with pytest.raises(ConfigError, match=r"engine\.precision is 'fp16'"):
        choose(run, precision="fp16")
    with pytest.raises(ConfigError, match=r"engine\.compile is 'yes'"):
        choose(run, compile="yes")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch's own modules, when its compiler is imported
def test_a_compiler_that_fails_stops_the_run_in_a_sentence(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "/nowhere/c++")
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", ("/nowhere/c++",))
    monkeypatch.setattr("torch._inductor.config.force_disable_caches", True)
    with pytest.raises(RunError, match=r"torch\.compile failed"):
        choose(small_run(workspace, "uncompiled"), precision="fp32", compile="on")


def test_measuring_changes_nothing_that_is_trained(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = small_run(workspace, "plain")
    assert attempt(plain, config=config_of("fp32")) == "finished"
    monkeypatch.setattr(tuning, "SHORT_RUN_SECONDS", 0.0)
    monkeypatch.setattr(tuning, "WORTH", 1e9)
    measured = small_run(workspace, "measured")
    assert attempt(measured, config=AUTO) == "finished"
    assert weights(measured) == weights(plain)
    assert len(computing_events(measured)) == 1


@needs_bf16
def test_a_run_in_bf16_resumes_and_forks_to_the_bit(workspace: Workspace) -> None:
    whole, parts = (small_run(workspace, f"half-{name}") for name in ("whole", "parts"))
    assert attempt(whole, config=config_of("bf16")) == "finished"
    assert attempt(parts, stop_after=5, config=config_of("bf16")) == "stopped"
    fork = fork_run(workspace, "half-fork", plan_fork(parts, "5", {}))
    assert attempt(parts, stop_after=15, config=AUTO) == "stopped"
    assert attempt(parts, config=AUTO) == "finished"
    assert attempt(fork, config=AUTO) == "finished"
    assert weights(parts) == weights(whole) == weights(fork)
    assert len(computing_events(parts)) == 1
    single = small_run(workspace, "half-not")
    assert attempt(single, config=config_of("fp32")) == "finished"
    assert weights(single) != weights(whole)


def test_a_stop_while_measuring_chooses_nothing_for_good(workspace: Workspace) -> None:
    run = small_run(workspace, "stopped", phase_1="2000000 steps", total="3000000 steps")
    run.attempt(1).path.mkdir()
    told = Event()
    told.set()
    session = Session(run, AUTO, told)
    session.close()
    assert computing_events(run) == []
