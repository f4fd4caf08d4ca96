"""A disk that is full: training goes on, nothing is lost, and all is written when there is room again."""

import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from torch import Tensor

from ravetui.engine.launch.start import launch
from ravetui.engine.train import train
from ravetui.engine.training.session import Session
from ravetui.runs import ballast
from ravetui.runs.checkpoints import list_checkpoints, verify
from ravetui.runs.event_log import EventLog
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.journal import JournalWriter
from ravetui.runs.record import read_exit
from ravetui.runs.warning import standing_warning
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.journal_reader import JournalReader
from tests.small_disk import fill, small_disk
from tests.stand_in import empty_run, until
from tests.trainer import CONFIG, attempt, history, weights
from tests.workspaces import small_run, small_workspace

FAULT = "disk full in checkpoint, journal, exit record, spec"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 32) as found:
        yield found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that always had room."""
    run = small_run(small_workspace(tmp_path_factory.mktemp("whole") / "ws"), "whole")
    assert attempt(run) == "finished"
    return run


def trained(workspace: Workspace, name: str, disk: Path, *, full_at: int, room_at: int) -> RunFolder:
    """A run whose disk is full between two steps; room after the last step comes when its save has failed."""
    run = small_run(workspace, name)
    run.attempt(1).path.mkdir()
    session = Session(run, CONFIG, Event())
    do, filler = session.step, disk / "filler"

    def make_room() -> None:
        until(lambda: "step 20" in str(unsaved(run)[-1:]), "the last step could not be saved")
        filler.unlink()

    helper = Thread(target=make_room)

    def step(batch: Tensor, data_seconds: float) -> None:
        do(batch, data_seconds)
        if session.state.step == full_at:
            fill(disk)
        if session.state.step == room_at:
            filler.unlink()
        if session.state.step == 20 < room_at:
            helper.start()

    session.step = step  # type: ignore[method-assign]
    session.end(train(session))
    if helper.ident is not None:
        helper.join()
    return run


def unsaved(run: RunFolder) -> list[str]:
    return [f"step {event.fields['step']}" for event in read_events(run.events) if event.kind == "unsaved"]


@pytest.mark.parametrize(("full_at", "room_at"), [(7, 12), (2, 17), (13, 21)][: times(3, 2)])
def test_training_goes_on_and_saves_when_there_is_room(
    disk: Path, whole: RunFolder, full_at: int, room_at: int
) -> None:
    run = trained(small_workspace(disk / "ws"), "full", disk, full_at=full_at, room_at=room_at)
    assert unsaved(run), "it was told"
    assert weights(run) == weights(whole)
    for tag in ("loss", "loss_dis", "validation"):
        assert history(run).series(tag).value.tolist() == history(whole).series(tag).value.tolist()
    for checkpoint in list_checkpoints(run):
        verify(checkpoint)
    events = read_events(run.events)
    kinds = [event.kind for event in events]
    assert standing_warning(events) == ""
    before = events[: kinds.index("unsaved") + 1]
    assert standing_warning(before).startswith("disk full: no checkpoint")
    assert kinds[-1] == "finished"
    assert not list(run.checkpoints.glob(".*")), "nothing half-made"
    count(FAULT, 1)


def test_a_journal_on_a_full_disk_is_written_later_in_order(disk: Path) -> None:
    tries = times(5, 2)
    for number in range(tries):
        path = disk / f"{number}.bin"
        writer = JournalWriter(path, ["loss"], from_step=0, attempt=1)
        filler = fill(disk)
        for step in range(5000):
            writer.append(step, 1.0, [float(step)])
        filler.unlink()
        writer.append(5000, 1.0, [0.0])
        writer.close()
        reader = JournalReader(path)
        reader.poll()
        assert reader.records["step"].tolist() == list(range(5001))
        path.unlink()
    count(FAULT, tries)


def test_events_find_room_in_the_ballast_and_then_wait(disk: Path) -> None:
    run = empty_run(disk / "run")
    assert ballast.lay_in(run)
    log = EventLog(run, 1)
    fill(disk)
    for step in range(20_000):
        log.append("saved", step=step)
    known = len(read_events(run.events))
    assert 1000 < known < 20_000, "as many as the trainer's part of the ballast holds"
    assert (run.path / "ballast").stat().st_size == ballast.LAST, "the rest is for the end"
    (disk / "filler").unlink()
    assert log.flush()
    assert [event.fields["step"] for event in read_events(run.events)] == list(range(20_000))
    count(FAULT, 1)


def test_the_end_is_recorded_on_a_full_disk(disk: Path) -> None:
    tries = times(5, 1)
    for number in range(tries):
        run = empty_run(disk / f"run-{number}")
        for folder in (run.attempts, run.control):
            folder.mkdir()
        assert ballast.lay_in(run)
        waits = "import sys; from pathlib import Path\nwhile not Path(sys.argv[1]).exists(): pass\nsys.exit(3)"
        signal = disk.parent / f"go-{number}"
        found = run.attempt(launch(run, [sys.executable, "-c", waits, str(signal)]))
        fill(disk)
        signal.touch()
        until(lambda: read_exit(found) is not None, "exit.json")  # noqa: B023 (waited for here)
        record = read_exit(found)
        assert record is not None
        assert record.exit_code == 3
        (disk / "filler").unlink()
    count(FAULT, tries)


def test_a_run_that_finds_no_room_is_not_made(disk: Path) -> None:
    workspace = small_workspace(disk / "ws")
    tries = times(6, 1)
    for number in range(tries):
        filler = fill(disk)
        with pytest.raises(OSError, match="No space"):
            small_run(workspace, f"run-{number}")
        assert not list(workspace.runs.glob(".*")), "nothing half-made"
        filler.unlink()
        assert small_run(workspace, f"run-{number}").spec_path.stat().st_size > 0
    count(FAULT, tries)
