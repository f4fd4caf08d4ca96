"""Which command trains a run."""

from pathlib import Path

import pytest

from ravetui.engine.launch.trainer_command import trainer_command
from ravetui.errors import ConfigError, RunError
from ravetui.runs.folder import RunFolder
from tests.run_maker import MadeRun, workspace_in


def run_of(folder: Path, ranks: int) -> RunFolder:
    run = MadeRun(workspace_in(folder / "ws"), "night").folder
    text = run.spec_path.read_text()
    assert "ranks = 1\n" in text
    run.spec_path.write_text(text.replace("ranks = 1\n", f"ranks = {ranks}\n"))
    return run


@pytest.mark.parametrize(
    ("launcher", "ranks", "module"),
    [("auto", 1, "train"), ("local", 1, "train"), ("auto", 2, "launch.torchrun"), ("torchrun", 1, "launch.torchrun")],
)
def test_several_ranks_are_started_by_torchrun(tmp_path: Path, launcher: str, ranks: int, module: str) -> None:
    run = run_of(tmp_path, ranks)
    _, _, found, folder = trainer_command(run, launcher)
    assert (found, folder) == (f"ravetui.engine.{module}", str(run.path))


def test_several_ranks_are_not_started_as_one(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        trainer_command(run_of(tmp_path, 2), "local")
    assert caught.value.message == "night trains on 2 ranks, and launch.launcher = 'local' starts one."
    assert "config.toml" in caught.value.remedy


def test_a_launcher_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"launch.launcher = 'mpi'"):
        trainer_command(run_of(tmp_path, 1), "mpi")
