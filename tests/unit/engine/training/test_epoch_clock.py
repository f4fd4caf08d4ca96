"""The times of epochs as a trainer writes them."""

from pathlib import Path

import pytest

from ravetui.runs.epochs import epoch_series, epochs_of
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace
from tests.trainer import attempt, history
from tests.workspaces import small_run, small_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("epochs"))


def test_every_whole_epoch_has_a_record_whatever_stops_the_run_in_between(workspace: Workspace) -> None:
    run = small_run(workspace, "parts", batch_size="8")
    spec = read_spec(run.spec_path)
    per_epoch = spec.data.steps_per_epoch
    assert 3 <= per_epoch <= 8, "the test wants several epochs in 20 steps"
    assert attempt(run, stop_after=per_epoch + 2) == "stopped"
    assert attempt(run) == "finished"
    found = history(run)
    records, steps = found.records("epochs"), found.records("steps")
    assert records["step"].tolist() == list(range(per_epoch, 21, per_epoch))
    again = epochs_of(
        steps, per_epoch=per_epoch, cycle=spec.training.validate_every, resumed=found.resumed_at().values()
    )
    # What the trainer saw is what its steps tell: to a few hundredths of a second of its clock.
    assert records["epoch_seconds"].tolist() == pytest.approx(again["epoch_seconds"].tolist(), rel=0.1, abs=0.05)
    assert (records["epoch_validation_seconds"][0] > 0) == (per_epoch > spec.training.validate_every)
    parts = records["epoch_validation_seconds"] + records["epoch_saving_seconds"] + records["epoch_data_seconds"]
    assert (parts < records["epoch_seconds"]).all()


def test_an_older_run_without_the_table_has_the_same_curve_from_its_steps(workspace: Workspace) -> None:
    run = small_run(workspace, "older", batch_size="8")
    assert attempt(run) == "finished"
    written = epoch_series(history(run), read_spec(run.spec_path), "epoch_seconds")
    table: Path = run.attempt(1).metrics / "epochs.bin"
    table.unlink()
    made = epoch_series(history(run), read_spec(run.spec_path), "epoch_seconds")
    assert made.step.tolist() == written.step.tolist()
    assert made.value == pytest.approx(written.value, rel=0.1, abs=0.05)
