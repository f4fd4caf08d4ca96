"""Runs that SLURM trains, as tests make, watch and compare them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import stop_run
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.slurm import queue
from ravetui.runs.slurm.submission import newest_submission
from ravetui.runs.state import RunState, Status, run_status
from ravetui.runs.workspace import Workspace
from tests.faults.counts import WHOLE
from tests.slurm import Slurm
from tests.trainer import attempt
from tests.workspaces import small_run, small_workspace

whole_only = pytest.mark.skipif(not WHOLE, reason="takes long: part of `make faults`")
PATIENCE = 180.0
"""Seconds until something that SLURM brings about fails a test; never slept."""
LONG = {"phase_1": "30 steps", "total": "100000 steps", "validate_every": "50000"}
"""A run that goes on until it is ended, most of it in its second phase."""


def slurm_workspace(root: Path, **settings: str) -> Workspace:
    """A workspace whose runs are submitted.

    Args:
        settings: Of the table ``[slurm]``, as TOML has them.
    """
    workspace = small_workspace(root)
    config_in(workspace, launcher='"slurm"', gpus='""', **settings)
    return workspace


def config_in(workspace: Workspace, **settings: str) -> None:
    """Change keys of ``config.toml``; of one that two tables have, that of ``[slurm]``, the later."""
    path = workspace.root / "config.toml"
    lines = path.read_text().splitlines()
    for key, value in settings.items():
        place = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ")]
        assert place, key
        lines[place[-1]] = f"{key} = {value}"
    path.write_text("\n".join(lines) + "\n")


def submitted(workspace: Workspace, name: str, **changes: str) -> RunFolder:
    """A new run, given to SLURM."""
    run = small_run(Workspace(workspace.root), name, **changes)
    assert start_run(run) == 0
    return run


def job_of(run: RunFolder) -> int:
    """The id of its newest job."""
    submission = newest_submission(run)
    assert submission is not None
    assert submission.job_id is not None
    return submission.job_id


def until(condition: Callable[[], object], run: RunFolder, what: str) -> None:
    """Wait for something that SLURM brings about; the run's state is told when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what}; {run_status(run)}; {_logs(run)}"
        time.sleep(0.02)


def until_state(run: RunFolder, *states: RunState) -> Status:
    """Wait for one of these states."""
    until(lambda: run_status(run).state in states, run, f"{run.name} is {' or '.join(states)}")
    return run_status(run)


def until_step(run: RunFolder, step: int) -> None:
    """Wait until so many steps are made."""
    until(lambda: last_step(run) >= step, run, f"step {step}")


def last_step(run: RunFolder) -> int:
    """The newest step that any attempt journaled."""
    steps = steps_of(run)
    return steps[-1] if steps else 0


def steps_of(run: RunFolder) -> list[int]:
    """Every step that counts, in order."""
    history = RunHistory(run)
    history.poll(["steps"])
    found: list[int] = history.records("steps")["step"].tolist()
    return found


def assert_as_if_uninterrupted(workspace: Workspace, run: RunFolder, **changes: str) -> None:
    """Stop the run, and see that no step is missing or double, and that its bits are those of a run that never was.

    Args:
        changes: With which it was made.
    """
    stop_run(run)
    until_state(run, RunState.STOPPED)
    ours = list_checkpoints(run)[0]
    assert steps_of(run) == list(range(1, ours.step + 1))
    whole = small_run(workspace, f"{run.name}-uninterrupted", **changes)
    attempt(whole, ours.step)
    theirs = list_checkpoints(whole)[0]
    assert theirs.step == ours.step
    assert ours.files == theirs.files, "sizes and checksums of all tensors"


def resumed_at(run: RunFolder) -> list[int]:
    """The step that each attempt began with."""
    history = RunHistory(run)
    history.poll(["steps"])
    return [step for _, step in sorted(history.resumed_at().items())]


def _logs(run: RunFolder) -> str:
    return "\n".join(path.read_text()[-2000:] for path in [*run.slurm.glob("*.log"), *run.attempts.glob("*/log.txt")])


@pytest.fixture(autouse=True)
def clean(slurm: Slurm, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look often, and leave nothing in the queue to the next test."""
    monkeypatch.setattr(queue, "MAX_AGE", 0.5)
    yield
    slurm.clear()
