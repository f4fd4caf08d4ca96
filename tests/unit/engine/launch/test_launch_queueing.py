"""A queue with real trainers, and nobody there but the supervisors."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch import queueing
from ravetui.engine.launch.start import launch, start_run
from ravetui.engine.launch.stop import stop_run, wait_for
from ravetui.errors import RunError
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import QueueFolder
from ravetui.runs.record import read_proc
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.nvidia_smi import NvidiaSmi, uuid
from tests.stand_in import PAUSE, end_run, ended, log_of, proc_of, python, until
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = small_workspace(tmp_path / "ws")
    yield made
    QueueFolder(made.queue).path.mkdir(exist_ok=True)
    QueueFolder(made.queue).write(QueueFolder(made.queue).read().without([run.name for run in made.run_folders()]))
    for run in made.run_folders():
        end_run(run)


def configure(workspace: Workspace, old: str, new: str) -> Workspace:
    path = workspace.root / "config.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return Workspace(workspace.root)


def waits(workspace: Workspace) -> list[str]:
    return [entry.run for entry in QueueFolder(workspace.queue).read().entries]


def busy(workspace: Workspace) -> RunFolder:
    """A run that has the slot until it is killed."""
    run = small_run(workspace, "busy")
    launch(run, python(PAUSE))
    return run


def test_runs_train_one_after_another_with_nobody_there(workspace: Workspace) -> None:
    runs = [small_run(workspace, name) for name in "abc"]
    said = [queueing.enqueue(workspace, run) for run in runs]
    assert said[0] == "a starts."
    assert said[1] == "b is queued, next: 1 of 1 slots is taken (a)."
    assert said[2] == "c is queued, 2nd: 1 of 1 slots is taken (a)."
    for run in runs:
        until(lambda run=run: run_status(run).state is RunState.FINISHED, f"the end of {run.name}")  # type: ignore[misc]
    began = [proc_of(run).started for run in runs]
    over = [ended(run).ended for run in runs]
    assert over[0] <= began[1]
    assert over[1] <= began[2]
    assert waits(workspace) == []


def test_a_failed_run_does_not_stop_the_queue(workspace: Workspace) -> None:
    first = busy(workspace)
    second = small_run(workspace, "next")
    queueing.enqueue(workspace, second)
    stop_run(first, now=True)
    assert wait_for(second, lambda state: not state.goes_on, 120).state is RunState.FINISHED


def test_a_failure_holds_the_queue_if_it_is_to(workspace: Workspace) -> None:
    workspace = configure(workspace, "stop_queue_on_failure = false", "stop_queue_on_failure = true")
    run = small_run(workspace, "bad")
    launch(run, python("import sys; input(); sys.exit(3)"))
    ended(run)
    # Its supervisor may look at the queue only now: what is queued from here on is not held for it.
    blocked = busy(workspace)
    second = small_run(workspace, "next")
    queueing.enqueue(workspace, second)
    os.kill(proc_of(blocked).pid, signal.SIGKILL)
    until(lambda: QueueFolder(workspace.queue).read().held, "a held queue")
    assert run_status(second).sentence == "queued, next; the queue is held: busy failed"
    third = small_run(workspace, "third")
    assert queueing.enqueue(workspace, third) == "third is queued, 2nd; the queue is held: busy failed."
    assert queueing.move_on(workspace) == []
    assert queueing.release(workspace) == ["next"]
    assert wait_for(third, lambda state: not state.goes_on, 120).state is RunState.FINISHED


def test_the_order_can_be_changed_and_runs_taken_out(workspace: Workspace) -> None:
    busy(workspace)
    a, b, c, d = (small_run(workspace, name) for name in "abcd")
    for run in (a, b, c):
        queueing.enqueue(workspace, run)
    queueing.enqueue(workspace, d, before="b")
    assert waits(workspace) == ["a", "d", "b", "c"]
    assert queueing.move(c, before="") == "c is queued, next."
    assert waits(workspace) == ["c", "a", "d", "b"]
    queueing.move(c, by=1)
    assert waits(workspace) == ["a", "c", "d", "b"]
    queueing.move(b, before="a")
    assert waits(workspace) == ["b", "a", "c", "d"]
    queueing.move(d, by=1)
    queueing.move(b, by=-1)
    assert waits(workspace) == ["b", "a", "c", "d"]
    assert queueing.take_out(a)
    assert not queueing.take_out(a)
    assert stop_run(c) == "c does not wait any more: it was taken out of the queue."
    assert run_status(c).sentence == "stopped: created, never started"
    with pytest.raises(RunError, match="b is queued, next"):
        queueing.enqueue(workspace, b)
    with pytest.raises(RunError, match="c does not wait"):
        queueing.move(c, by=1)
    with pytest.raises(RunError, match="busy is training already"):
        queueing.enqueue(workspace, workspace.run("busy"))


def test_a_run_started_by_hand_leaves_the_queue(workspace: Workspace) -> None:
    busy(workspace)
    run = small_run(workspace, "a")
    queueing.enqueue(workspace, run)
    assert start_run(run) == 1
    assert waits(workspace) == []
    assert wait_for(run, lambda state: not state.goes_on, 120).state is RunState.FINISHED


def test_a_run_that_cannot_start_does_not_block_the_others(workspace: Workspace) -> None:
    first = busy(workspace)
    bad, good = small_run(workspace, "bad"), small_run(workspace, "good")
    queueing.enqueue(workspace, bad)
    queueing.enqueue(workspace, good)
    bad.spec_path.write_text("nothing")
    stop_run(first, now=True)
    assert wait_for(good, lambda state: not state.goes_on, 120).state is RunState.FINISHED
    assert "not started from the queue: " in read_events(bad.events)[-1].fields["reason"]


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NvidiaSmi:
    (tmp_path / "bin").mkdir()
    return NvidiaSmi(tmp_path / "bin", monkeypatch)


def visible(run: RunFolder) -> list[str]:
    """What its trainer was told, as it stands in its environment."""
    entries = Path(f"/proc/{proc_of(run).pid}/environ").read_bytes().split(b"\0")
    return [entry.decode().partition("=")[2] for entry in entries if entry.startswith(b"CUDA_VISIBLE_DEVICES=")]


def test_each_run_has_a_gpu_of_its_own(workspace: Workspace, smi: NvidiaSmi) -> None:
    smi.say(10, 20_000, 0, apps=f"{uuid(1)}, 5, python, 19000\n")
    long = {"phase_1": "90000 steps", "total": "100000 steps"}
    a, b, c = (small_run(workspace, name, **long) for name in "abc")
    for run in (a, b):
        queueing.enqueue(workspace, run)
    assert [read_proc(run.attempt(1)).gpus for run in (a, b)] == [[uuid(0)], [uuid(2)]]  # type: ignore[union-attr]
    assert (visible(a), visible(b)) == ([uuid(0)], [uuid(2)])
    said = queueing.enqueue(workspace, c)
    taken = "GPU 0 is taken by a; GPU 1 is filled by python (pid 5, 19000 MiB): 20000 of 24564 MiB; GPU 2 is taken by b"
    assert said == f"c is queued, next: {taken}."
    with pytest.raises(RunError, match="gets no GPU of its own: GPU 0 is taken by a"):
        start_run(c)
    stop_run(b, now=True)
    until(lambda: run_status(c).pid, "c on the GPU of b")
    assert visible(c) == [uuid(2)], "not what the supervisor of b was told"
    stop_run(c, now=True)
    wait_for(c, lambda state: not state.is_live, 60)
    assert start_run(c, share=True) == 2
    assert visible(c) == []


def test_the_log_says_it_when_the_queue_cannot_be_moved_on(workspace: Workspace) -> None:
    run = busy(workspace)
    queueing.enqueue(workspace, small_run(workspace, "a"))
    configure(workspace, 'gpus = "auto"', 'gpus = "all"')
    stop_run(run, now=True)
    until(lambda: "the queue was not moved on: launch.gpus is 'all'." in log_of(run), "a word in the log")
    configure(workspace, 'gpus = "all"', 'gpus = "off"')
