import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ravetui.errors import RunError
from ravetui.runs.lock import acquire
from ravetui.runs.queue import QueueFolder, new_entry
from ravetui.runs.trash import delete_run, empty_trash, list_trash, restore_run
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in
from tests.stand_in import until


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "ws", dataset=False)


def made(workspace: Workspace, name: str) -> MadeRun:
    run = MadeRun(workspace, name).begin(live=True)
    run.train(3)
    run.end("stopped", "asked")
    return run


def names(workspace: Workspace) -> list[str]:
    return [run.name for run in workspace.run_folders()]


def test_a_deleted_run_comes_back_to_the_byte(workspace: Workspace) -> None:
    run = made(workspace, "my-graz-001").folder
    before = {path.relative_to(run.path): path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    gone = delete_run(workspace, run.name)
    assert names(workspace) == []
    assert [(item.name, item.path, round(item.deleted)) for item in list_trash(workspace)] == [
        (run.name, gone.path, round(gone.deleted))
    ]
    assert gone.bytes == sum(map(len, before.values()))
    assert restore_run(workspace, run.name) == run
    assert {path.relative_to(run.path): path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before
    assert list_trash(workspace) == []


def test_the_newest_of_a_name_comes_back_and_finds_a_free_name(workspace: Workspace) -> None:
    for note in ("old", "new", "there"):
        made(workspace, "a").folder.notes.write_text(note)
        if note != "there":
            delete_run(workspace, "a")
    first, second = restore_run(workspace, "a"), restore_run(workspace, "a")
    assert (first.name, first.notes.read_text()) == ("a-2", "new")
    assert (second.name, second.notes.read_text()) == ("a-3", "old")
    with pytest.raises(RunError, match="The trash has no run 'a'"):
        restore_run(workspace, "a")


def test_a_run_that_trains_waits_or_is_scored_stays(workspace: Workspace) -> None:
    live = MadeRun(workspace, "live").begin(live=True)
    with pytest.raises(RunError, match="live trains"):
        delete_run(workspace, "live")
    live.release()
    waiting = made(workspace, "waiting")
    folder = QueueFolder(workspace.queue)
    with folder.change():
        folder.write(folder.read().with_entry(new_entry(waiting.folder)))
    with pytest.raises(RunError, match="waiting is queued, next"):
        delete_run(workspace, "waiting")
    scored = made(workspace, "scored")
    scored.scoring(3, 0.5)
    with pytest.raises(RunError, match="A score of scored is at work"):
        delete_run(workspace, "scored")
    scored.release()
    assert names(workspace) == ["live", "scored", "waiting"]


def opened(path: Path) -> int:
    """How often this process has a file open."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found += link.readlink() == path
    return found


def test_a_lock_that_is_waited_for_is_not_taken_once_the_run_is_gone(workspace: Workspace) -> None:
    # A supervisor that begins while the run is being deleted must not train in the trash.
    run = made(workspace, "a").folder
    held = acquire(run.supervisor_lock)
    assert held is not None
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(acquire, run.supervisor_lock, patience=60.0)
        until(lambda: opened(run.supervisor_lock) == 2, "somebody who waits for the lock")
        run.path.rename(workspace.runs / "gone")
        os.close(held)
        assert late.result() is None


def test_emptying_leaves_what_is_no_run(workspace: Workspace) -> None:
    made(workspace, "a")
    delete_run(workspace, "a")
    for name in ("notes.txt", "20260101-000000-000001-", "20269999-000000-000001-b"):
        (workspace.trash / name).mkdir()
    assert [item.name for item in empty_trash(workspace)] == ["a"]
    assert list_trash(workspace) == []
    assert len(list(workspace.trash.iterdir())) == 3


@pytest.mark.parametrize("deed", [delete_run, restore_run])
def test_of_twenty_that_move_a_run_exactly_one_does(
    workspace: Workspace, deed: Callable[[Workspace, str], object]
) -> None:
    made(workspace, "a")
    if deed is restore_run:
        delete_run(workspace, "a")
    gate = threading.Barrier(20)

    def move() -> str:
        gate.wait()
        try:
            deed(workspace, "a")
        except RunError as error:
            return error.title
        return "done"

    with ThreadPoolExecutor(20) as pool:
        answers = [job.result() for job in [pool.submit(move) for _ in range(20)]]
    assert answers.count("done") == 1
    assert set(answers) <= {"done", "No such run", "Restored already", "Not in the trash"}
