"""Saving beside training: what is saved is the state at the step boundary, and trouble reaches the loop."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from ravetui.config import RunSettings
from ravetui.engine.checkpoint import restore
from ravetui.engine.training.finite import NotFiniteError
from ravetui.engine.training.saving import Saver
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.update import update
from ravetui.runs.checkpoints import list_checkpoints, verify
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import RunSpec, read_spec
from tests.workspaces import small_run, small_workspace

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return read_spec(small_run(small_workspace(tmp_path_factory.mktemp("saving") / "ws"), "run").spec_path)


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, **fields: Any) -> None:
        self.events.append((kind, fields))


def saver_of(path: Path, sync: Callable[[], None] = lambda: None) -> tuple[Saver, Told, RunFolder]:
    told, run = Told(), RunFolder(path)
    return Saver(run, 1, RunSettings(), told, sync, 0), told, run


def trained(spec: RunSpec, steps: int) -> TrainingState:
    state = build_state(spec, CPU)
    for _ in range(steps):
        train(state)
    return state


def train(state: TrainingState) -> None:
    update(state, torch.randn(2, 1, 8192, generator=torch.Generator().manual_seed(state.step)))


def test_what_is_saved_is_the_state_when_it_was_begun_though_training_goes_on(tmp_path: Path, spec: RunSpec) -> None:
    may_write = Event()

    def held() -> None:
        may_write.wait()

    saver, told, run = saver_of(tmp_path, held)
    state, same = trained(spec, 3), trained(spec, 3)
    saver.begin(state, 1.5)
    assert not saver.is_due(-1), "one is being written"
    for _ in range(3):
        train(state)
    may_write.set()
    saver.wait()
    saver.begin(state, None)
    saver.close()
    saver.wait()
    for checkpoint, steps in zip(list_checkpoints(run), (6, 3), strict=True):
        verify(checkpoint)
        loaded = build_state(spec, CPU)
        restore(loaded, checkpoint)
        while same.step < steps <= 3:
            train(same)
        wanted = state if steps == 6 else same
        assert loaded.step == wanted.step == steps
        for one, two in zip(loaded.rave.state_dict().values(), wanted.rave.state_dict().values(), strict=True):
            assert torch.equal(one, two)
    moments = [load_file(item.path / "optimizer.safetensors")["0.step"].item() for item in list_checkpoints(run)]
    assert moments == [6, 3]
    assert [kind for kind, _ in told.events] == ["saved", "saved"]


def test_a_step_is_saved_once(tmp_path: Path, spec: RunSpec) -> None:
    saver, told, _ = saver_of(tmp_path)
    state = trained(spec, 1)
    saver.save(state, None)
    saver.save(state, None)
    saver.close()
    assert len(told.events) == 1


def test_nan_is_never_saved_and_is_heard_of(tmp_path: Path, spec: RunSpec) -> None:
    saver, told, run = saver_of(tmp_path)
    state = trained(spec, 2)
    next(state.discriminator.parameters()).data.fill_(torch.nan)
    saver.begin(state, None)
    train(state)
    found = saver.found_not_finite()
    saver.close()
    assert isinstance(found, NotFiniteError)
    assert (found.step, found.tensor.split(".")[0]) == (2, "discriminator")
    assert not list_checkpoints(run)
    assert not told.events


def test_a_failure_is_told_and_tried_again_later(tmp_path: Path, spec: RunSpec) -> None:
    room = [False, False, True]

    def sync() -> None:
        if not room.pop(0):
            raise OSError(28, "No space left on device")

    saver, told, run = saver_of(tmp_path, sync)
    state = trained(spec, 1)
    saver.begin(state, None)
    assert saver.wait() is not None
    assert not saver.is_due(0), "not at once"
    assert told.events == [
        ("unsaved", {"step": 1, "newest": 0, "full": True, "reason": "[Errno 28] No space left on device"})
    ]
    saver.begin(state, None)
    assert saver.wait() is not None
    saver.begin(state, None)
    assert saver.wait() is None
    saver.close()
    assert [kind for kind, _ in told.events] == ["unsaved", "unsaved", "saved"]
    assert list_checkpoints(run)[0].step == 1


def test_another_error_at_the_end_is_raised(tmp_path: Path, spec: RunSpec) -> None:
    def sync() -> None:
        raise PermissionError(13, "Permission denied")

    saver, _, _ = saver_of(tmp_path, sync)
    with pytest.raises(PermissionError):
        saver.save(trained(spec, 1), None)
    saver.close()
