import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ravetui.commands.checks import workspace_checks
from ravetui.runs.queue import Queue, QueueFolder, new_entry
from ravetui.runs.record import ProcRecord, write_proc
from ravetui.runs.workspace import Workspace
from tests.nvidia_smi import NvidiaSmi
from tests.run_maker import MadeRun, workspace_in


def doctor(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ravetui", "doctor", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "my räve", dataset=False)


def levels(workspace: Workspace) -> dict[str, str]:
    return {check.name: check.level for check in workspace_checks(workspace)}


def test_a_good_host_is_well(workspace: Workspace) -> None:
    done = doctor(workspace.root, "--json")
    found = json.loads(done.stdout)
    checks = {check["name"]: check for check in found["checks"]}
    assert set(checks) == {
        *("python", "torch", "GPU", "logout", "sound", "py-spy"),
        *("config", "disk", "locks", "clock", "boot", "lost runs", "queue"),
    }
    assert [checks[name]["level"] for name in ("python", "torch", "config", "locks", "clock")] == ["ok"] * 5
    assert all(check["remedy"] for check in checks.values() if check["level"] == "fail")
    assert done.returncode == int(any(check["level"] == "fail" for check in checks.values()))
    assert "run start --lost" in found["unit"]
    assert not list(workspace.root.glob(".doctor-*"))


def test_text_has_a_line_a_check_and_the_remedies(workspace: Workspace) -> None:
    lines = doctor(workspace.root).stdout.splitlines()
    assert lines[0].startswith("✓ python     Python 3.")
    assert any(line.startswith("✓ locks") for line in lines)


def test_without_a_workspace_the_host_is_looked_at(tmp_path: Path) -> None:
    done = doctor(tmp_path)
    assert "! workspace" in done.stdout
    assert "`ravetui init` makes one here." in done.stdout


def test_the_unit_alone(workspace: Workspace) -> None:
    done = doctor(workspace.root, "--unit")
    assert done.stdout.startswith("[Unit]\n")
    assert done.returncode == 0


def test_a_gpu_that_torch_cannot_use_is_a_failure(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi = NvidiaSmi(tmp_path, monkeypatch)
    smi.say(20_000)
    done = doctor(workspace.root)
    line = next(line for line in done.stdout.splitlines() if " GPU " in line)
    assert "0: NVIDIA GeForce RTX 4090, 20000 of 24564 MiB in use" in line
    assert line[0] == ("✗" if importlib.metadata.version("torch").endswith("+cpu") else "!")


def test_lost_runs_and_a_queue_that_stands_are_named(workspace: Workspace) -> None:
    assert (levels(workspace)["lost runs"], levels(workspace)["queue"]) == ("ok", "ok")
    made = MadeRun(workspace, "graz").begin()
    made.release()
    write_proc(made.folder.attempt(1), ProcRecord(1, "another boot", 1, 1, "here", 1.0, []))
    waiting = MadeRun(workspace, "waits")
    folder = QueueFolder(workspace.queue)
    with folder.change():
        folder.write(Queue((new_entry(waiting.folder),)))
    found = {check.name: check for check in workspace_checks(workspace)}
    assert (found["lost runs"].level, found["lost runs"].said) == ("warn", "graz went down")
    assert found["queue"].said == "0 training, 1 waiting, and nobody moves it on"


def test_a_damaged_config_is_a_failure(workspace: Workspace) -> None:
    (workspace.root / "config.toml").write_text("[launch]\nmax_runing = 2\n")
    checks = {check.name: check for check in workspace_checks(Workspace(workspace.root))}
    assert (checks["config"].level, checks["config"].remedy) == ("fail", "Did you mean max_running?")
