"""Twenty controllers at once, two screens, a command line and a script: every action is done exactly once."""

import os
import signal
from collections.abc import Iterator

import pytest

from ravetui.engine.launch.start import launch
from ravetui.runs import control
from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import QueueFolder
from ravetui.runs.state import RunState, run_status
from ravetui.runs.trash import list_trash
from ravetui.runs.workspace import Workspace
from tests.controllers import CONTROLLERS, Controllers
from tests.faults.counts import count, times
from tests.stand_in import OBEYING, PAUSE, end_run, ended, no_longer_live, proc_of, python, until, until_logged
from tests.trainer import attempt
from tests.workspaces import small_run, small_workspace

FAULT = "20 controllers at once: start, stop, phase, new, fork, delete, queue, pin"
ROUNDS = times(50, 2)
LOSERS = CONTROLLERS - 1


@pytest.fixture(scope="module")
def all_of_them() -> Iterator[Controllers]:
    with Controllers() as controllers:
        yield controllers


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """With a trained run to fork and to pin, and one that has the only slot."""
    made = small_workspace(tmp_path_factory.mktemp("controllers") / "ws")
    attempt(small_run(made, "parent"), stop_after=5)
    yield made
    for run in made.run_folders():
        end_run(run)


def split(answers: list[str], won: str = "done: ") -> tuple[list[str], set[str]]:
    """What the winners were told, and the titles or words the others got."""
    winners = [answer for answer in answers if answer.startswith(won)]
    return winners, {answer for answer in answers if not answer.startswith(won)}


def kill(run: RunFolder) -> None:
    os.kill(proc_of(run).pid, signal.SIGKILL)
    ended(run)
    no_longer_live(run)
    until(lambda: not run_status(run).state.is_live, "the end")


def test_a_run_is_made_started_stopped_and_deleted_once(all_of_them: Controllers, workspace: Workspace) -> None:
    for number in range(ROUNDS):
        name, root = f"run-{number}", workspace.root
        winners, others = split(all_of_them.all_at_once("new", root, name))
        assert len(winners) == 1
        assert all(word.startswith("Run exists: ") for word in others)
        run = workspace.run(name)

        winners, others = split(all_of_them.all_at_once("start", root, name))
        assert winners == ["done: 1"]
        assert all(word.startswith("Running already: ") for word in others)
        until_logged(run, "ready")

        winners, others = split(all_of_them.all_at_once("phase", root, name), f"done: {name} goes adversarial")
        assert len(winners) == 1
        assert all("was asked already" in word for word in others)
        winners, others = split(all_of_them.all_at_once("phase undo", root, name))
        assert len(winners) == 1
        assert all(word.startswith("Nothing to undo: ") for word in others)

        winners, others = split(all_of_them.all_at_once("stop", root, name), f"done: {name} saves after")
        assert len(winners) == 1
        assert all("is stopping already" in word for word in others)
        assert control.pending(run) == {"stop"}

        refused = all_of_them.all_at_once("delete", root, name)
        assert all(word.startswith("Run is live: ") for word in refused)

        winners, others = split(all_of_them.all_at_once("stop now", root, name), f"done: {name} was stopped at once")
        assert len(winners) == 1
        assert all("is being ended at once already" in word or "Not running" in word for word in others)
        assert ended(run).outcome == "stopped", ended(run).reason
        no_longer_live(run)
        assert len(run.attempt_folders()) == 1

        winners, others = split(all_of_them.all_at_once("delete", root, name))
        assert len(winners) == 1
        assert all(word.startswith("No such run: ") for word in others)
        assert [item.name for item in list_trash(workspace)].count(name) == 1
        winners, others = split(all_of_them.all_at_once("restore", root, name))
        assert len(winners) == 1
        assert all(word.startswith(("Not in the trash: ", "Restored already: ")) for word in others)
        assert workspace.run(name).path == run.path
        count(FAULT, 1)


def test_a_run_is_queued_taken_out_and_begun_once(all_of_them: Controllers, workspace: Workspace) -> None:
    busy = small_run(workspace, "busy")
    launch(busy, python(PAUSE))
    until_logged(busy, "ready")
    run, root = small_run(workspace, "waits"), workspace.root
    for _ in range(ROUNDS):
        winners, others = split(all_of_them.all_at_once("queue", root, run.name))
        assert len(winners) == 1
        assert all(word.startswith("Queued already: ") for word in others)
        assert [entry.run for entry in QueueFolder(workspace.queue).read().entries] == [run.name]
        winners, others = split(all_of_them.all_at_once("unqueue", root, run.name), "done: True")
        assert len(winners) == 1
        assert others == {"done: False"}
        assert run_status(run).state is RunState.STOPPED
        count(FAULT, 1)
    kill(busy)


def test_a_free_slot_is_given_once(all_of_them: Controllers, workspace: Workspace) -> None:
    run = small_run(workspace, "starts", phase_1="90000 steps", total="100000 steps")
    for number in range(1, times(10, 1) + 1):
        winners, others = split(all_of_them.all_at_once("queue", workspace.root, run.name))
        assert winners == [f"done: {run.name} starts."]
        assert all(word.startswith("Running already: ") for word in others)
        assert [item.number for item in run.attempt_folders()] == list(range(1, number + 1))
        kill(run)
        count(FAULT, 1)


def test_a_fork_is_made_and_a_checkpoint_unpinned_once(all_of_them: Controllers, workspace: Workspace) -> None:
    root = workspace.root
    for number in range(ROUNDS):
        winners, others = split(all_of_them.all_at_once("fork", root, f"fork-{number}", "parent"))
        assert len(winners) == 1
        assert all(word.startswith("Run exists: ") for word in others)
        assert not list(workspace.runs.glob(".new-*")), "nothing half-made stays"
        assert len(split(all_of_them.all_at_once("pin", root, "parent", "latest"))[0]) == CONTROLLERS
        winners, others = split(all_of_them.all_at_once("unpin", root, "parent", "latest"))
        assert len(winners) == 1
        assert all(word.startswith("Not pinned: ") for word in others)
        count(FAULT, 1)


def test_a_stop_that_is_obeyed_is_told_to_all(all_of_them: Controllers, workspace: Workspace) -> None:
    run = small_run(workspace, "obeys")
    launch(run, python(OBEYING, run.path))
    until_logged(run, "ready")
    answers = all_of_them.all_at_once("stop", workspace.root, run.name)
    assert len(split(answers, f"done: {run.name} saves after")[0]) <= 1
    assert (ended(run).outcome, ended(run).reason) == ("stopped", "stopped at step 7, saved")
