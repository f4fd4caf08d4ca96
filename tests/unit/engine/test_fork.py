"""A run that begins where another one was."""

import shutil
from pathlib import Path

import pytest

from ravetui.config import Config, RunSettings
from ravetui.engine.fork import fork_run, plan_fork
from ravetui.errors import CheckpointError, ConfigError, DataError, RavetuiError, RunError
from ravetui.runs.checkpoints import find_checkpoint, list_checkpoints, verify
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import Lengths, read_spec
from ravetui.runs.summary import summarise
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG, attempt, history, weights
from tests.workspaces import small_run, small_workspace


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of 20 steps, adversarial from 12 on, with checkpoints at 5, 10, 12, 15 and 20."""
    workspace = small_workspace(tmp_path_factory.mktemp("fork") / "ws")
    run = small_run(workspace, "parent")
    assert attempt(run, config=Config(engine=CONFIG.engine, run=RunSettings(keep_checkpoints=9))) == "finished"
    return run


@pytest.fixture
def workspace(parent: RunFolder) -> Workspace:
    return Workspace(parent.path.parent.parent)


def forked(workspace: Workspace, parent: RunFolder, name: str, step: str, **changes: str) -> RunFolder:
    return fork_run(workspace, name, plan_fork(parent, step, changes))


@pytest.mark.parametrize("step", [5, 10, 12, 15])
def test_a_fork_without_changes_is_the_same_run_to_the_bit(workspace: Workspace, parent: RunFolder, step: int) -> None:
    run = forked(workspace, parent, f"same-{step}", str(step))
    assert attempt(run) == "finished"
    assert weights(run) == weights(parent)
    steps = history(run).records("steps")
    assert steps["step"].tolist() == list(range(step + 1, 21)), "its journal begins where it begins"
    assert steps["phase"].tolist() == [1.0] * max(12 - step, 0) + [2.0] * (20 - max(step, 12))
    assert [(item.phase, item.step) for item in summarise(run).progress.transitions] == [(2, 12)]


def test_a_fork_is_a_run_of_its_own(workspace: Workspace, parent: RunFolder, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in parent.path.rglob("*")}
    run = forked(workspace, parent, "own", "10", learning_rate="0.001", phase_1="15 steps")
    assert {path: path.stat().st_mtime_ns for path in parent.path.rglob("*")} == before, "its parent is untouched"

    spec, of = read_spec(run.spec_path), read_spec(parent.spec_path)
    assert spec.parent is not None
    assert (spec.parent.run, spec.parent.id, spec.parent.step) == ("parent", of.id, 10)
    assert spec.parent.epochs == pytest.approx(10 / of.data.steps_per_epoch)
    assert spec.parent.audio_s == pytest.approx(10 * 2 * 8192 / 44100)
    assert (spec.id != of.id, spec.name, spec.model, spec.data) == (True, "own", of.model, of.data)
    assert (spec.training.learning_rate, spec.training.phase_1_steps, spec.training.total_steps) == (0.001, 15, 23)

    (first,) = list_checkpoints(run)
    theirs = find_checkpoint(parent, "10")
    assert (first.step, first.phase, first.validation) == (10, 1, theirs.validation)
    assert first.files == theirs.files
    verify(first)
    summary = summarise(run)
    assert (summary.progress.step, summary.progress.phase, summary.status.reason) == (10, 1, "created, never started")

    # Deleting the parent takes nothing from it.
    elsewhere = Workspace(tmp_path)
    elsewhere.runs.mkdir()
    shutil.copytree(run.path, elsewhere.runs / "own")
    assert attempt(elsewhere.run("own")) == "finished"
    assert history(elsewhere.run("own")).records("steps")["phase"].tolist() == [1.0] * 5 + [2.0] * 8


def test_a_phase_1_that_is_over_makes_it_adversarial_at_once(workspace: Workspace, parent: RunFolder) -> None:
    run = forked(workspace, parent, "at-once", "10", phase_1="6 steps")
    training = read_spec(run.spec_path).training
    assert (training.phase_1_steps, training.total_steps) == (10, 18), "phase 2 keeps its length"
    assert attempt(run) == "finished"
    assert history(run).records("steps")["phase"].tolist() == [2.0] * 8
    assert [item.step for item in summarise(run).progress.transitions] == [10]


def test_a_fork_in_phase_2_knows_when_it_began(workspace: Workspace, parent: RunFolder) -> None:
    progress = summarise(forked(workspace, parent, "adversarial", "15")).progress
    assert (progress.step, progress.phase) == (15, 2)
    assert [(item.phase, item.step) for item in progress.transitions] == [(2, 12)]


def test_lengths_in_epochs_are_those_of_its_batches(workspace: Workspace, parent: RunFolder) -> None:
    """What was trained before counts in the batches it was trained with."""
    run = forked(workspace, parent, "epochs", "10", batch_size="4", total="9 epochs")
    spec, of = read_spec(run.spec_path), read_spec(parent.spec_path)
    assert spec.data.steps_per_epoch == of.data.steps_per_epoch // 2
    left = 9 - 10 / of.data.steps_per_epoch
    assert spec.training.total_steps == 10 + round(left * spec.data.steps_per_epoch)
    progress = summarise(run).progress
    assert progress.epoch == pytest.approx(10 / of.data.steps_per_epoch)
    assert progress.epochs == pytest.approx(9, abs=0.5 / spec.data.steps_per_epoch)


def test_another_batch_size_keeps_boundaries_in_epochs_down_the_generations(tmp_path: Path) -> None:
    """And says so; a run from before words were kept counts in steps."""
    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "parent", phase_1="2 epochs", total="4 epochs", validate_every="0.5 epochs")
    first = read_spec(run.spec_path)
    each = first.data.steps_per_epoch
    assert attempt(run, stop_after=each) == "stopped"
    child = forked(workspace, run, "child", str(each), batch_size="4")
    spec = read_spec(child.spec_path)
    assert spec.lengths == first.lengths == Lengths("2 epochs", "4 epochs", "0.5 epochs")
    more = spec.data.steps_per_epoch
    assert (spec.training.phase_1_steps, spec.training.total_steps) == (each + more, each + 3 * more)
    assert attempt(child) == "finished"
    assert [(item.phase, item.step) for item in summarise(child).progress.transitions] == [(2, each + more)]
    assert summarise(child).progress.epoch == 4
    # Its second half with small batches again.
    last = plan_fork(child, str(each + more), {"batch_size": "1"})
    assert last.checkpoint.phase == 1
    assert last.plan.training.total_steps == each + more + 2 * last.plan.steps_per_epoch

    older = workspace.run("parent").spec_path
    older.write_text(older.read_text().partition("[lengths]")[0])
    fork = plan_fork(run, str(each), {"batch_size": "4"})
    assert fork.moved == []
    assert fork.plan.training.total_steps == first.training.total_steps


def test_changes_are_told_with_what_they_were(parent: RunFolder) -> None:
    fork = plan_fork(parent, "10", {"beta": "0.2", "total": "30 steps", "batch_size": "2"})
    assert fork.changed == {"beta": (0.1, 0.2), "total_steps": (20, 30)}


@pytest.mark.parametrize(
    ("step", "changes", "kind", "says"),
    [
        (
            "10",
            {"capacity": "96", "ratios": "4,4,2", "beta": "0.2"},
            RunError,
            "capacity = 96, but its weights have 4; ratios = 4,4,2, but its weights have 4,4,4",
        ),
        ("20", {}, RunError, "total = 20 steps are done at step 20 already"),
        ("15", {"phase_1": "18", "total": "14"}, RunError, "phase_1 = 18 steps, but it is in phase 2 already"),
        ("11", {}, CheckpointError, "no checkpoint '11'"),
        ("10", {"preset": "v1"}, ConfigError, "preset"),
        ("10", {"learning_rate": "fast"}, ConfigError, "learning_rate = 'fast'"),
    ],
)
def test_what_cannot_be_carried_over_is_listed_and_nothing_is_made(
    workspace: Workspace, parent: RunFolder, step: str, changes: dict[str, str], kind: type[RavetuiError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        forked(workspace, parent, "never", step, **changes)
    assert not (workspace.runs / "never").exists()
    assert not list(workspace.runs.glob(".new-*"))


def test_a_damaged_checkpoint_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "parent")
    attempt(run, stop_after=3)
    path = find_checkpoint(run, "3").path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckpointError, match=r"step-000000003/model\.safetensors does not match its checksum"):
        forked(workspace, run, "child", "3")
    assert [item.name for item in workspace.run_folders()] == ["parent"]


def test_a_fork_that_lost_its_checkpoints_does_not_begin_at_0(workspace: Workspace, parent: RunFolder) -> None:
    run = forked(workspace, parent, "bare", "10")
    shutil.rmtree(run.checkpoints)
    run.checkpoints.mkdir()
    with pytest.raises(CheckpointError, match="began with step 10 of parent"):
        attempt(run)


def test_a_filesystem_without_links_gets_a_copy(
    workspace: Workspace, parent: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    (copied,) = list_checkpoints(forked(workspace, parent, "copied", "10"))
    verify(copied)
    assert (copied.path / "model.safetensors").stat().st_nlink == 1


def test_data_that_has_changed_is_refused(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "parent")
    attempt(run, stop_after=3)
    index = workspace.dataset_path("tones") / "index.json"
    index.write_text(index.read_text().replace('"fingerprint": "', '"fingerprint": "0'))
    with pytest.raises(DataError, match="its content has changed"):
        plan_fork(run, "3", {})
