import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import Entry, Queue, QueueFolder, new_entry, place_words, queue_of
from ravetui.runs.state import RunState, run_status


@pytest.fixture
def runs(tmp_path: Path) -> list[RunFolder]:
    """Three runs of one workspace."""
    found = [RunFolder(tmp_path / "runs" / name) for name in "abc"]
    for run in found:
        run.path.mkdir(parents=True)
    return found


def put(*runs: RunFolder, held: str = "") -> QueueFolder:
    folder = queue_of(runs[0])
    with folder.change():
        folder.write(Queue(tuple(map(new_entry, runs)), held))
    return folder


def names(queue: Queue) -> list[str]:
    return [entry.run for entry in queue.entries]


def test_a_run_that_waits_says_its_place(runs: list[RunFolder]) -> None:
    put(*runs)
    said = [run_status(run) for run in runs]
    assert [status.sentence for status in said] == ["queued, next", "queued, 2nd", "queued, 3rd"]
    assert {status.state for status in said} == {RunState.QUEUED}
    assert not any(status.state.is_live for status in said)
    assert all(status.state.goes_on for status in said)


def test_a_queue_that_is_held_says_why(runs: list[RunFolder]) -> None:
    put(runs[0], held="b failed")
    assert run_status(runs[0]).sentence == "queued, next; the queue is held: b failed"


def test_a_run_that_was_started_since_waits_no_more(runs: list[RunFolder]) -> None:
    folder = put(*runs)
    runs[0].attempt(1).path.mkdir(parents=True)
    assert names(folder.read()) == ["b", "c"], "whoever started it may have died before striking it off"
    assert run_status(runs[0]).state is RunState.LOST
    assert run_status(runs[1]).sentence == "queued, next"


def test_a_run_can_wait_for_its_second_attempt(runs: list[RunFolder]) -> None:
    runs[0].attempt(1).path.mkdir(parents=True)
    put(runs[0])
    assert (run_status(runs[0]).state, run_status(runs[0]).attempt) == (RunState.QUEUED, 1)


def test_a_run_that_is_gone_does_not_wait(runs: list[RunFolder]) -> None:
    folder = put(*runs)
    shutil.rmtree(runs[1].path)
    assert names(folder.read()) == ["a", "c"]


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"entries": [{"run": "a"}], "held": ""}', '{"entries": 3}'])
def test_a_damaged_queue_is_empty(runs: list[RunFolder], content: str) -> None:
    folder = put(*runs)
    folder.file.write_text(content)
    assert folder.read() == Queue()
    assert run_status(runs[0]).reason == "created, never started"


def test_of_many_that_change_the_queue_none_is_lost(tmp_path: Path) -> None:
    runs = [RunFolder(tmp_path / "runs" / f"{number:02d}") for number in range(20)]
    for run in runs:
        run.path.mkdir(parents=True)
    gate = threading.Barrier(20)

    def append(run: RunFolder) -> None:
        gate.wait()
        folder = queue_of(run)
        with folder.change():
            folder.write(folder.read().with_entry(new_entry(run)))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(append, runs))
    assert sorted(names(queue_of(runs[0]).read())) == [run.name for run in runs]


@pytest.mark.parametrize(
    ("place", "words"),
    [(0, "next"), (1, "2nd"), (2, "3rd"), (3, "4th"), (10, "11th"), (11, "12th"), (20, "21st"), (21, "22nd")],
)
def test_places_in_words(place: int, words: str) -> None:
    assert place_words(Queue(), place) == f"queued, {words}"


@given(st.permutations("abcde"), st.sampled_from("abcde"), st.integers(0, 6))
def test_moving_a_run_keeps_the_order_of_the_others(order: list[str], moved: str, place: int) -> None:
    queue = Queue(tuple(Entry(name, 0, 0.0) for name in order)).with_entry(Entry(moved, 0, 0.0), place)
    assert queue.place(moved) == min(place, 4)
    assert [name for name in names(queue) if name != moved] == [name for name in order if name != moved]
