from pathlib import Path

import pytest

from ravetui.errors import ConfigError, RunError
from ravetui.runs.workspace import Workspace, find_workspace, make_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "ws")


def test_a_new_workspace_has_a_config_and_room_for_data_and_runs(workspace: Workspace) -> None:
    assert sorted(path.name for path in workspace.root.iterdir()) == ["config.toml", "data", "runs"]
    assert workspace.config.run.preset == "v1"
    assert workspace.run_folders() == []


def test_a_workspace_is_not_made_twice(workspace: Workspace) -> None:
    config = workspace.root / "config.toml"
    config.write_text("[run]\nseed = 7\n")
    with pytest.raises(ConfigError, match="already there"):
        make_workspace(workspace.root)
    assert config.read_text() == "[run]\nseed = 7\n"


def test_it_is_found_from_any_folder_below(workspace: Workspace) -> None:
    deep = workspace.runs / "a" / "b"
    deep.mkdir(parents=True)
    assert find_workspace(deep) == find_workspace(workspace.root) == workspace


def test_no_workspace_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ravetui init"):
        find_workspace(tmp_path)


def test_a_run_is_a_folder_with_a_spec(workspace: Workspace) -> None:
    for name in ("b", "a", ".new-1234", "empty"):
        (workspace.runs / name).mkdir()
    for name in ("b", "a", ".new-1234"):
        (workspace.runs / name / "spec.toml").touch()
    assert [run.name for run in workspace.run_folders()] == ["a", "b"]
    assert workspace.run("a").path == workspace.runs / "a"
    for name in ("empty", "missing", "", ".", "..", "a/../b", "/etc"):
        with pytest.raises(RunError, match="Runs here: a, b"):
            workspace.run(name)


def test_without_runs_it_says_how_to_make_one(workspace: Workspace) -> None:
    with pytest.raises(RunError, match="ravetui run new"):
        workspace.run("x")


@pytest.mark.parametrize("name", ["graz-v2-003", "Ü1", "a.b+c", "7", "x_y"])
def test_good_names(workspace: Workspace, name: str) -> None:
    assert workspace.new_run_path(name) == workspace.runs / name
    assert workspace.dataset_path(name) == workspace.data / name


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "-v", "_x", "a/b", "a b", "a\n", "../x", "a\0"])
def test_bad_names(workspace: Workspace, name: str) -> None:
    with pytest.raises(RunError, match="cannot name a run"):
        workspace.new_run_path(name)
    with pytest.raises(RunError, match="cannot name a dataset"):
        workspace.dataset_path(name)


def test_a_name_is_used_once(workspace: Workspace) -> None:
    (workspace.runs / "a").mkdir()
    with pytest.raises(RunError, match="There is a run 'a' already"):
        workspace.new_run_path("a")
