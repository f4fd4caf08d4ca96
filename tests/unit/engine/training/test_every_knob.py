"""Whole small runs with knobs turned: resumed to the bit, rolled back, forked."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ravetui.engine.checkpoint import load_rave
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.fork import fork_run, plan_fork
from ravetui.errors import RunError
from ravetui.runs.checkpoints import find_checkpoint, list_checkpoints
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace
from tests.trainer import attempt, history, weights
from tests.workspaces import small_run, small_workspace

EVERY_KNOB = {
    "r1": "1",
    "discriminator_norm": "spectral",
    "weight_decay": "0.01",
    "gradient_clip": "0.5",
    "ema_decay": "0.9",
    "latent_dropout": "0.2",
    "latent_jitter": "0.1",
    "freeze_encoder": "false",
    "schedule": "cosine",
    "final_learning_rate": "0.2",
    "beta_warmup_steps": "6",
}
V3 = {
    "preset": "v3",
    "ratios": "4,2",
    "dilations": "1, 1",
    "noise_width": "8",
    "valid_crop": "false",
    "discriminator_periods": "2",
    "discriminator_n_ffts": "256",
    "discriminator_every": "2",
}
TURNED = pytest.mark.parametrize("kind", [{}, V3], ids=["tiny", "v3"])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path)


def tensors(run: RunFolder, step: int, file: str = "model") -> dict[str, NDArray[np.float32]]:
    found: dict[str, NDArray[np.float32]] = load_file(find_checkpoint(run, str(step)).path / f"{file}.safetensors")
    return found


@TURNED
def test_with_every_knob_a_resumed_run_ends_with_the_same_bits(workspace: Workspace, kind: dict[str, str]) -> None:
    whole = small_run(workspace, "whole", **{**kind, **EVERY_KNOB})
    parts = small_run(workspace, "parts", **{**kind, **EVERY_KNOB})
    plain = small_run(workspace, "plain", **kind)
    assert attempt(whole) == attempt(plain) == "finished"
    for step in (3, 12, 17):
        assert attempt(parts, stop_after=step) == "stopped"
    assert attempt(parts) == "finished"
    assert weights(parts) == weights(whole)
    assert "average.safetensors" in weights(whole)
    assert any(name.endswith("._u") for name in tensors(whole, 20, "discriminator"))
    assert history(whole).series("loss").value[-1] != history(plain).series("loss").value[-1]
    for tag in ("loss", "loss_dis", "validation", "learning_rate"):
        np.testing.assert_array_equal(history(whole).series(tag).value, history(parts).series(tag).value)


@pytest.mark.parametrize("knob", sorted(EVERY_KNOB))
def test_each_knob_changes_what_is_learned(workspace: Workspace, knob: str) -> None:
    files = []
    for name, knobs in {"plain": {}, "turned": {knob: EVERY_KNOB[knob]}}.items():
        run = small_run(workspace, name, **{"phase_1": "3 steps", "total": "7 steps", **knobs})
        attempt(run)
        files.append(weights(run))
    assert any(files[0].get(name) != files[1][name] for name in files[1])


def test_the_penalty_has_a_curve_of_its_own_where_it_is_on(workspace: Workspace) -> None:
    found = {}
    for r1 in ("0", "1", "2"):
        run = small_run(workspace, f"r1-{r1}", phase_1="3 steps", total="7 steps", r1=r1)
        attempt(run)
        found[r1] = {tag: history(run).series(tag) for tag in ("loss_dis", "gradient_penalty")}
    assert found["0"]["gradient_penalty"].size == 0
    once, twice = found["1"], found["2"]
    assert once["gradient_penalty"].step.tolist() == once["loss_dis"].step.tolist()
    first = {r1: float(curves["gradient_penalty"].value[0]) for r1, curves in found.items() if r1 != "0"}
    assert first["1"] > 0
    assert first["2"] == pytest.approx(2 * first["1"], rel=1e-5)
    hinge = float(found["0"]["loss_dis"].value[0])
    for curves in (once, twice):
        assert curves["loss_dis"].value[0] - curves["gradient_penalty"].value[0] == pytest.approx(hinge, rel=1e-5)


def test_an_encoder_that_is_not_frozen_goes_on_learning_in_phase_2(workspace: Workspace) -> None:
    run = small_run(workspace, "free", freeze_encoder="false")
    attempt(run)
    before, after = tensors(run, 12), tensors(run, 20)
    for part in ("encoder.", "generator."):
        learned = [name for name in before if name.startswith(part) and not np.array_equal(before[name], after[name])]
        assert learned, part
    assert any("running_mean" in name for name in before if not np.array_equal(before[name], after[name]))
    assert history(run).series("fidelity_0.95").step.max() > 12, "its latent is analysed in phase 2 too"


def test_the_average_is_what_is_rendered_and_scored(workspace: Workspace) -> None:
    run = small_run(workspace, "averaged", ema_decay="0.9")
    attempt(run)
    newest = list_checkpoints(run)[0]
    rave = load_rave(read_spec(run.spec_path).model, newest, torch.device("cpu"))
    kept, last = tensors(run, 20, "average"), tensors(run, 20)
    loaded = {name: tensor.numpy() for name, tensor in rave.state_dict().items()}
    assert loaded.keys() == kept.keys() == last.keys()
    assert all(np.array_equal(loaded[name], kept[name]) for name in kept)
    assert any(not np.array_equal(last[name], kept[name]) for name in kept)


def test_after_a_rollback_the_average_is_as_if_the_data_had_never_been_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    knobs = {"ema_decay": "0.9", "gradient_clip": "0.5"}
    draw = CropSampler.batch
    clean = small_run(workspace, "clean", **knobs)
    with monkeypatch.context() as patched:
        patched.setattr(CropSampler, "batch", lambda self, step: draw(self, step + (step >= 6)))
        assert attempt(clean) == "finished"

    def poisoned(self: CropSampler, step: int) -> NDArray[np.float32]:
        return draw(self, step) * np.float32(np.nan if step == 6 else 1)

    monkeypatch.setattr(CropSampler, "batch", poisoned)
    run = small_run(workspace, "poisoned", **knobs)
    assert attempt(run) == "finished"
    skipped = [event.fields["tensor"] for event in read_events(run.events) if event.kind == "skipped"]
    assert skipped == ["the batch"]
    assert weights(run) == weights(clean)


def test_a_fork_can_begin_to_average_and_cannot_change_the_norm(workspace: Workspace) -> None:
    parent = small_run(workspace, "parent")
    attempt(parent, stop_after=10)
    with pytest.raises(RunError, match="discriminator_norm = spectral, but its weights have weight"):
        plan_fork(parent, "10", {"discriminator_norm": "spectral"})
    fork = fork_run(workspace, "fork", plan_fork(parent, "10", {"ema_decay": "0.5"}))
    attempt(fork, stop_after=11)
    before, now, average = tensors(parent, 10), tensors(fork, 11), tensors(fork, 11, "average")
    name = next(name for name in before if name.startswith("generator.") and name.endswith("original1"))
    np.testing.assert_allclose(average[name], (before[name] + now[name]) / 2, rtol=1e-5, atol=1e-7)


def test_the_spec_of_a_knob_is_frozen_in_its_run(workspace: Workspace) -> None:
    run = small_run(workspace, "turned", **EVERY_KNOB)
    spec = read_spec(run.spec_path)
    shown = {**dataclasses.asdict(spec.loss), **dataclasses.asdict(spec.training), **dataclasses.asdict(spec.model)}
    assert {name: str(shown[name]).lower() for name in EVERY_KNOB} == {
        name: str(type(shown[name])(value)).lower() if not isinstance(shown[name], bool) else value
        for name, value in EVERY_KNOB.items()
    }
