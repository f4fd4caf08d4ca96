"""Rendering beside training: neither hears of the other."""

from pathlib import Path
from threading import Event

import pytest
import torch

import ravetui.engine.training.rendering as rendering
from ravetui.engine.checkpoint import load_rave
from ravetui.engine.data.clips import validation_clips
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.render import render_samples
from ravetui.engine.train import train
from ravetui.engine.training.rendering import Renderer
from ravetui.engine.training.session import Session
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG, attempt, history, weights
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path / "ws")


def session_of(run: RunFolder) -> Session:
    run.attempt(1).path.mkdir()
    return Session(run, CONFIG, Event())


def test_training_has_the_same_bits_with_and_without_rendering(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = small_run(workspace, "one"), small_run(workspace, "two")
    assert attempt(one) == "finished"
    monkeypatch.setattr(Renderer, "begin", lambda self, state: None)
    assert attempt(two) == "finished"
    assert sampled_steps(one) == [20, 15, 10, 5]
    assert sampled_steps(two) == []
    assert weights(one) == weights(two)
    for tag in ("loss", "loss_dis", "validation"):
        assert history(one).series(tag).value.tolist() == history(two).series(tag).value.tolist()


def test_the_samples_are_those_of_the_checkpoint_of_their_step(workspace: Workspace, tmp_path: Path) -> None:
    run = small_run(workspace, "run")
    attempt(run)
    spec = read_spec(run.spec_path)
    dataset = Dataset(Path(spec.data.path))
    clips = validation_clips(dataset, spec.training.sample_clips, spec.training.sample_seconds)
    for checkpoint in list_checkpoints(run):
        if checkpoint.step not in sampled_steps(run):
            continue
        rave = load_rave(spec.model, checkpoint, torch.device("cpu"))
        other = RunFolder(tmp_path / f"again-{checkpoint.step}")
        other.path.mkdir()
        where = {"step": checkpoint.step, "phase": checkpoint.phase}
        render_samples(other, spec, rave, dataset, clips, device=torch.device("cpu"), **where)  # type: ignore[arg-type]
        ours, theirs = list_samples(run, checkpoint.step), list_samples(other, checkpoint.step)
        assert ours
        for mine, yours in zip(ours, theirs, strict=True):
            assert mine.reconstruction.read_bytes() == yours.reconstruction.read_bytes()


def test_a_render_that_fails_is_a_warning(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run(workspace, "run")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(rendering, "render_samples", broken)
    assert attempt(run) == "finished"
    warned = [event.fields for event in read_events(run.events) if event.kind == "warned"]
    assert [fields["step"] for fields in warned] == [5, 10, 15, 20]
    assert warned[0]["reason"] == "no samples were rendered: out of memory"


def test_a_stop_does_not_wait_for_samples(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run(workspace, "run", sample_clips="3")
    session = session_of(run)
    begun, read = Event(), render_samples

    def slow(*arguments: object, **named: object) -> Path | None:
        begun.set()
        assert session._renderer._given_up.wait(60)
        return read(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "render_samples", slow)
    begin = session._renderer.begin

    def begin_and_ask(state: object) -> None:
        begin(state)  # type: ignore[arg-type]
        assert begun.wait(60)
        control.request(run, "stop")

    monkeypatch.setattr(session._renderer, "begin", begin_and_ask)
    outcome = train(session)
    session.end(outcome)
    assert (outcome, list_checkpoints(run)[0].step) == ("stopped", 5)
    assert sampled_steps(run) == []
    assert not list(run.samples.glob(".*")), "nothing half-made"
    assert "sampled" not in [event.kind for event in read_events(run.events)]
