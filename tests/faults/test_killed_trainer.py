"""A trainer killed in mid-phase: nothing is lost, nothing is double, and the resumed run ends with the same bits."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from ravetui.config import FILE
from ravetui.engine.launch.start import start_run
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.process import send_signal
from ravetui.runs.record import read_exit, read_proc
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.workspaces import small_run, small_workspace

LENGTH = {"phase_1": "120 steps", "total": "200 steps", "validate_every": "20"}
"""Of attempts that are killed in mid-phase when their loader workers are at work."""


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait for something that another process brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


def last_step(run: RunFolder) -> int:
    """The newest step that any attempt journaled."""
    history = RunHistory(run)
    history.poll(["steps"])
    steps = history.records("steps")["step"]
    return int(steps[-1]) if len(steps) else 0


def ended(run: RunFolder) -> bool:
    """Whether no process of the run is left."""
    return not run_status(run).state.is_live


def finish(run: RunFolder) -> None:
    """Start or resume, and wait to the end."""
    start_run(run)
    until(lambda: ended(run))
    assert run_status(run).state is RunState.FINISHED, run_status(run).reason


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that nobody touched, in a workspace where others can be made."""
    workspace = small_workspace(tmp_path_factory.mktemp("killed") / "ws")
    run = small_run(workspace, "whole", **LENGTH)
    finish(run)
    return run


@contextmanager
def loader_workers(workspace: Workspace, number: int) -> Iterator[None]:
    """A workspace whose trainers have so many loader workers."""
    path = workspace.root / FILE
    before = path.read_text()
    path.write_text(before.replace("\nworkers = -1\n", f"\nworkers = {number}\n"))
    try:
        assert Workspace(workspace.root).config.engine.workers == number
        yield
    finally:
        path.write_text(before)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("trial", range(times(10, 1)))
def test_a_run_killed_in_each_phase_and_resumed_is_the_same_run(
    uninterrupted: RunFolder, workers: int, trial: int
) -> None:
    workspace = Workspace(uninterrupted.path.parent.parent)
    run = small_run(workspace, f"killed-{workers}-{trial}", **LENGTH)
    draw = random.Random(100 * trial + workers)
    with loader_workers(workspace, workers):
        for step in (draw.randint(60, 110), draw.randint(140, 190)):
            kill_at(run, step, workers)
        finish(run)
    compare(run, uninterrupted)
    count("trainer killed in each phase and resumed", 2)


def kill_at(run: RunFolder, step: int, workers: int) -> None:
    """Start or resume, and kill the trainer after a step; nothing of it lives on."""
    attempt = run.attempt(start_run(run))
    until(lambda: last_step(run) >= step)
    proc = read_proc(attempt)
    assert proc is not None
    loaders = psutil.Process(proc.pid).children()
    assert len(loaders) == workers
    send_signal(proc.identity, signal.SIGKILL)
    until(lambda: ended(run))
    _, alive = psutil.wait_procs(loaders, timeout=0)
    assert not alive, "they hold the run's lock as long as they live"
    status = run_status(run)
    assert status.state is RunState.FAILED
    assert "SIGKILL" in status.reason


def compare(run: RunFolder, uninterrupted: RunFolder) -> None:
    """Both have every step once, the same losses and the same weights."""
    history, reference = RunHistory(run), RunHistory(uninterrupted)
    history.poll()
    reference.poll()
    assert history.records("steps")["step"].tolist() == list(range(1, 201)), "no gap and no double step"
    for tag in ("loss", "loss_dis", "validation"):
        assert history.series(tag).value.tolist() == reference.series(tag).value.tolist()
    ours, theirs = list_checkpoints(run)[0], list_checkpoints(uninterrupted)[0]
    assert ours.step == theirs.step == 200
    assert ours.files == theirs.files, "sizes and checksums of all tensors are equal: the same bits"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_for_the_whole_group_ends_no_loader_before_the_trainer_has_saved(
    uninterrupted: RunFolder, number: signal.Signals
) -> None:
    workspace = Workspace(uninterrupted.path.parent.parent)
    run = small_run(workspace, f"group-{number.name.lower()}", **LENGTH)
    with loader_workers(workspace, 2):
        attempt = run.attempt(start_run(run))
        until(lambda: last_step(run) >= 40)
    proc = read_proc(attempt)
    assert proc is not None
    loaders = psutil.Process(proc.pid).children()
    os.killpg(proc.pid, number)
    if number == signal.SIGINT:
        # Nobody obeys it: Ctrl-C belongs to whoever watches, and a request stops the run.
        control.request(run, "stop")
    until(lambda: ended(run))
    assert run_status(run).state is RunState.STOPPED, run_status(run).reason
    assert list_checkpoints(run)[0].step == last_step(run) >= 40
    ending = read_exit(attempt)
    assert ending is not None
    assert ending.killed_orphans == []
    assert len(loaders) == 2
    assert not any(loader.is_running() for loader in loaders)


def test_a_run_killed_at_random_moments_is_the_same_run(uninterrupted: RunFolder) -> None:
    workspace = Workspace(uninterrupted.path.parent.parent)
    kills, tries = 0, times(200, 3)
    while kills < tries:
        run, chance = small_run(workspace, f"random-{kills}", **LENGTH), random.Random(kills)
        for _ in range(min(5, tries - kills)):
            attempt = run.attempt(start_run(run))
            until(lambda: read_proc(attempt) is not None, 60)  # noqa: B023 (waited for here)
            at = last_step(run) + chance.randrange(25)
            until(lambda: last_step(run) >= at or ended(run))  # noqa: B023
            proc = read_proc(attempt)
            assert proc is not None
            if not send_signal(proc.identity, signal.SIGKILL):
                break
            until(lambda: ended(run))  # noqa: B023
            kills += 1
        if run_status(run).state is not RunState.FINISHED:
            finish(run)
        assert list_checkpoints(run)[0].files == list_checkpoints(uninterrupted)[0].files, "the same bits"
        assert not list(run.checkpoints.glob(".*"))
    count("SIGKILL of the trainer at random moments, resume", kills)


def test_twice_at_once_is_once(uninterrupted: RunFolder, tmp_path: Path) -> None:
    from ravetui.errors import RunError

    run = small_run(Workspace(uninterrupted.path.parent.parent), "once", **LENGTH)
    start_run(run)
    with pytest.raises(RunError, match="already"):
        start_run(run)
    control.request(run, "stop")
    until(lambda: ended(run))
    assert run_status(run).state is RunState.STOPPED
    assert len(run.attempt_folders()) == 1


def test_a_trainer_started_by_hand_touches_nothing(uninterrupted: RunFolder) -> None:
    before = {path: path.stat().st_mtime_ns for path in uninterrupted.path.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-m", "ravetui.engine.train", str(uninterrupted.path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "ravetui run start" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in uninterrupted.path.rglob("*")} == before
