"""Runs of two ranks under torchrun: whatever is killed, nothing lives on, the reason is told, and no bit is lost."""

import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from ravetui.engine.launch.memory import oom_kills
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import stop_run
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.ranks import TWO, misbehaving, processes, rank
from tests.stand_in import ended, log_of, no_longer_live, proc_of, until
from tests.workspaces import small_run, small_workspace

LENGTH = {"phase_1": "30 steps", "total": "50 steps", "validate_every": "10", "checkpoint_minutes": "0.001"}
"""Saves every few steps as well, so that a kill comes in the middle of a checkpoint now and then."""

OUT_OF_MEMORY = """
from ravetui.engine.data.crops import CropSampler
draw = CropSampler.batch
def batch(self, step):
    if step == 6:
        raise MemoryError("no room for crops")
    return draw(self, step)
CropSampler.batch = batch
"""
NOT_A_NUMBER = """
from ravetui.engine.data.crops import CropSampler
draw = CropSampler.batch
CropSampler.batch = lambda self, step: draw(self, step) * (float("nan") if step in (7, 40) else 1)
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("two ränks") / "ws")


@pytest.fixture
def run(workspace: Workspace, request: pytest.FixtureRequest) -> Iterator[RunFolder]:
    """A run of two ranks; whatever still lives of it is killed in the end."""
    made = small_run(workspace, request.node.originalname[:60], **{**LENGTH, **TWO})
    yield made
    for process in processes(made):
        process.kill()


def steps_of(run: RunFolder) -> list[int]:
    history = RunHistory(run)
    history.poll(["steps"])
    return [int(step) for step in history.records("steps")["step"]]


def until_step(run: RunFolder, step: int) -> None:
    """Wait for a step of the newest attempt."""
    attempt = run.attempt_folders()[-1].number
    until(lambda: any(e.kind == "started" and e.attempt == attempt for e in read_events(run.events)), "a start")
    until(lambda: step in steps_of(run)[-3:] or max(steps_of(run), default=0) > step, f"step {step}")


def nothing_is_left(run: RunFolder) -> None:
    until(lambda: not processes(run), "the end of every process")


def finish(run: RunFolder) -> None:
    start_run(run)
    no_longer_live(run)
    status = run_status(run)
    assert status.state is RunState.FINISHED, f"{status.sentence}\n{log_of(run)}"
    nothing_is_left(run)
    assert steps_of(run) == list(range(1, 51)), "no gap and no double step"


# What is killed, with what the run then says of itself.


def kill_rank_0(run: RunFolder) -> None:
    rank(run, 0).kill()
    assert_failed(run, "rank 0 of 2 was killed by SIGKILL (from outside: out of memory, or by hand)")


def kill_rank_1(run: RunFolder) -> None:
    rank(run, 1).kill()
    assert_failed(run, "rank 1 of 2 was killed by SIGKILL (from outside: out of memory, or by hand)")


def kill_torchrun(run: RunFolder) -> None:
    psutil.Process(proc_of(run).pid).kill()
    told = "by hand or by another program: memory had not run out"
    assert_failed(run, f"killed by SIGKILL ({told if oom_kills() else 'from outside: out of memory, or by hand'})")


def kill_shim_then_torchrun(run: RunFolder) -> None:
    before = max(steps_of(run), default=0)
    psutil.Process(proc_of(run).supervisor_pid).kill()
    until(lambda: run_status(run).state is RunState.UNSUPERVISED, "a run without its supervisor")
    until(lambda: max(steps_of(run), default=0) > before, "a step without the supervisor")
    psutil.Process(proc_of(run).pid).kill()
    no_longer_live(run)
    assert run_status(run).state is RunState.LOST


def kill_all(run: RunFolder) -> None:
    for process in processes(run):
        process.kill()
    no_longer_live(run)
    assert run_status(run).state is RunState.LOST


def stop_now(run: RunFolder) -> None:
    stop_run(run, now=True)
    assert ended(run).outcome == "stopped"
    reason = run_status(run).reason
    assert reason.startswith("stopped at once by ") and "without saving" in reason


def kill_rank_1_at_its_start(run: RunFolder) -> None:
    """Before it has met rank 0, which waits for it."""
    kill_rank_1(run)


def sigterm_to_the_shim(run: RunFolder) -> None:
    psutil.Process(proc_of(run).supervisor_pid).terminate()
    assert_saved(run)


def sigusr1_to_torchrun(run: RunFolder) -> None:
    """What SLURM sends before the time is over; torchrun alone dies of it and leaves its ranks behind."""
    psutil.Process(proc_of(run).pid).send_signal(signal.SIGUSR1)
    assert_saved(run)


FAULTS: tuple[Callable[[RunFolder], None], ...] = (
    sigusr1_to_torchrun,
    kill_rank_1,
    kill_shim_then_torchrun,
    sigterm_to_the_shim,
    kill_rank_0,
    kill_torchrun,
    kill_all,
    stop_now,
    kill_rank_1_at_its_start,
)


def assert_saved(run: RunFolder) -> None:
    """All ranks stopped at the same step."""
    record = ended(run)
    step = max(steps_of(run))
    assert record.outcome == "stopped", log_of(run)
    assert record.reason.partition(": SIGTERM from ")[0] == f"stopped at step {step}, saved", log_of(run)
    # What torchrun itself exits with depends on which rank it heard of first.
    assert record.killed_orphans == []
    assert list_checkpoints(run)[0].step == step


def assert_failed(run: RunFolder, reason: str) -> None:
    record = ended(run)
    assert (record.outcome, record.reason) == ("failed", reason), log_of(run)


def test_killed_in_every_way_and_resumed_it_is_the_same_run(run: RunFolder, workspace: Workspace) -> None:
    whole = small_run(workspace, "whole", **{**LENGTH, **TWO})
    finish(whole)
    faults = FAULTS[: times(len(FAULTS), 3)]
    for number in range(times(4, 1)):
        chance = random.Random(number)
        killed = run if number == 0 else small_run(workspace, f"killed-{number}", **{**LENGTH, **TWO})
        # Each fault a little later, so that both phases and the boundary have their share.
        for place, fault in enumerate(chance.sample(faults, len(faults))):
            start_run(killed)
            if fault is not kill_rank_1_at_its_start:
                until_step(killed, 44 * place // len(faults) + chance.randrange(1, 5))
            fault(killed)
            nothing_is_left(killed)
        finish(killed)
        ours, theirs = list_checkpoints(killed)[0], list_checkpoints(whole)[0]
        assert ours.files == theirs.files, "sizes and checksums of all tensors are equal: the same bits"
        count("torchrun, a rank, the shim or all killed or told to stop, and resumed", len(faults))


def test_an_exception_in_one_rank_is_the_reason_of_the_run(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in misbehaving(tmp_path / "code", 1, OUT_OF_MEMORY).items():
        monkeypatch.setenv(name, value)
    start_run(run)
    assert_failed(run, "rank 1 of 2: out of memory")
    assert "Traceback" in log_of(run)
    nothing_is_left(run)


def test_a_number_lost_on_one_rank_rolls_all_back(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in misbehaving(tmp_path / "code", 1, NOT_A_NUMBER).items():
        monkeypatch.setenv(name, value)
    start_run(run)
    no_longer_live(run)
    assert run_status(run).state is RunState.FINISHED, log_of(run)
    skipped = [(e.fields["step"], e.fields["window"]) for e in read_events(run.events) if e.kind == "skipped"]
    assert skipped == [(8, 7), (40, 40)]
    assert steps_of(run) == list(range(1, 51))
    history = RunHistory(run)
    history.poll()
    for tag in ("loss", "loss_dis", "validation"):
        assert np.isfinite(history.series(tag).value).all()
