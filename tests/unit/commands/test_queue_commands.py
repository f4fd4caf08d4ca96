import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With two runs, and a queue from which nothing is started."""
    made = workspace_in(tmp_path, dataset=False)
    for name in "ab":
        MadeRun(made, name)
    run(made, "queue", "--hold")
    return made


def run(workspace: Workspace, *words: str, code: int = 0) -> Any:
    command = [sys.executable, "-m", "ravetui", "run", *words, "--json"]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def test_runs_are_queued_moved_and_taken_out(workspace: Workspace) -> None:
    found = run(workspace, "queue", "a", "b")
    assert [item["run"] for item in found["waiting"]] == ["a", "b"]
    assert found["held"] == "held by hand"
    assert [item["run"] for item in run(workspace, "queue", "b", "--first")["waiting"]] == ["b", "a"]
    assert [item["run"] for item in run(workspace, "queue", "a", "--before", "b")["waiting"]] == ["a", "b"]
    assert [item["reason"] for item in run(workspace, "list")] == [
        "queued, next; the queue is held: held by hand",
        "queued, 2nd; the queue is held: held by hand",
    ]
    assert run(workspace, "queue", "a", code=1)["error"] == "Queued already"
    assert run(workspace, "delete", "a", code=1)["error"] == "Run is queued"
    assert run(workspace, "unqueue", "a", "b")["waiting"] == []
    run(workspace, "queue", "--first", code=2)


def test_a_deleted_run_is_listed_restored_and_deleted_for_good(workspace: Workspace) -> None:
    assert [item["run"] for item in run(workspace, "delete", "a", "b")] == ["a", "b"]
    assert [item["run"] for item in run(workspace, "trash")] == ["b", "a"]
    assert run(workspace, "restore", "a")["run"] == "a"
    run(workspace, "trash", "--empty", code=130)
    assert [item["run"] for item in run(workspace, "trash", "--empty", "--yes")] == ["b"]
    assert run(workspace, "trash") == []
    assert [item.name for item in workspace.run_folders()] == ["a"]


def test_nothing_lost_is_said(workspace: Workspace) -> None:
    assert run(workspace, "start", "--lost") == {"resumed": [], "started_from_queue": []}
    run(workspace, "start", code=2)
