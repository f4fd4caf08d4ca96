"""What the trainer writes for TensorBoard is what TensorBoard reads, each step once, and never in training's way."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ravetui.engine.training.board import EVERY, FOLDER, MOST_OWED, Board
from ravetui.runs.event_record import sound_record
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import TENSORBOARD, ForeignFolder
from ravetui.runs.foreign.history import ForeignHistory
from ravetui.runs.history import Series
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.tables import TABLES
from tests.small_disk import fill, small_disk
from tests.trainer import CONFIG, attempt, history, weights
from tests.workspaces import small_run, small_workspace

WITH_BOARD = dataclasses.replace(CONFIG, run=dataclasses.replace(CONFIG.run, tensorboard=True))
Told = list[tuple[str, dict[str, Any]]]


def theirs(run: RunFolder) -> EventAccumulator:
    return EventAccumulator(str(run.path / FOLDER), {"scalars": 0, "audio": 0, "tensors": 0}).Reload()


def ours(run: RunFolder) -> ForeignHistory:
    found = ForeignHistory(ForeignFolder(run.path, run.path / FOLDER, TENSORBOARD))
    found.poll()
    return found


def points(series: Series) -> list[tuple[int, float]]:
    return list(zip(series.step.tolist(), series.value.tolist(), strict=True))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunFolder, RunFolder]]:
    """A run that was stopped and resumed with TensorBoard's files, and the same one without both."""
    workspace = small_workspace(tmp_path_factory.mktemp("board") / "ws")
    run, plain = small_run(workspace, "graz"), small_run(workspace, "plain")
    assert attempt(run, stop_after=7, config=WITH_BOARD) == "stopped"
    assert attempt(run, config=WITH_BOARD) == "finished"
    assert attempt(plain) == "finished"
    yield run, plain


def test_tensorboard_reads_the_journal_each_step_once_over_a_resume(trained: tuple[RunFolder, RunFolder]) -> None:
    run, _ = trained
    read, journal, own = theirs(run), history(run), ours(run)
    assert len(list((run.path / FOLDER).iterdir())) == 2
    tags = {tag for table, columns in TABLES.items() if table != "resources" for tag in columns}
    assert set(read.Tags()["scalars"]) == {tag for tag in tags if journal.series(tag).step.size}
    for tag in read.Tags()["scalars"]:
        found = [(event.step, event.value) for event in read.Scalars(tag)]
        steps = [step for step, _ in found]
        assert steps == sorted(set(steps))
        assert dict(found).items() <= dict(points(journal.series(tag))).items()
        assert points(own.series(tag)) == found
    measured = journal.series("loss").step.tolist()
    seen = [event.step for event in read.Scalars("loss")]
    assert {step // EVERY for step in measured} == {step // EVERY for step in seen}


def test_sounds_and_the_spec_are_there(trained: tuple[RunFolder, RunFolder]) -> None:
    run, _ = trained
    read = theirs(run)
    (text,) = read.Tensors("spec")[-1].tensor_proto.string_val
    assert run.spec_path.read_text() in text.decode()
    newest = sampled_steps(run)[0]
    for sample in list_samples(run, newest):
        sounds = read.Audio(f"samples/{sample.name}/reconstruction")
        assert [sound.step for sound in sounds] == sorted(sampled_steps(run))
        audio, rate = soundfile.read(sample.reconstruction, dtype="int16")
        made = run.path / "heard.wav"
        made.write_bytes(sounds[-1].encoded_audio_string)
        heard, heard_rate = soundfile.read(made, dtype="int16")
        assert (heard == audio).all()
        assert (heard_rate, sounds[-1].sample_rate) == (rate, rate)
        assert read.Audio(f"samples/{sample.name}/original")


def test_training_has_the_same_bits_with_it(trained: tuple[RunFolder, RunFolder]) -> None:
    run, plain = trained
    assert weights(run) == weights(plain)
    assert not (plain.path / FOLDER).exists()


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    found = RunFolder(tmp_path / "run")
    found.path.mkdir()
    found.spec_path.write_text("format = 1\n")
    return found


def opened(run: RunFolder, told: Told, number: int = 1, from_step: int = 0) -> Board:
    return Board(run, run.attempt(number), from_step, lambda kind, **fields: told.append((kind, fields)))


def row(step: int) -> dict[str, dict[str, float]]:
    return {"adversarial": {"feature_matching": float(step), "adversarial": -float(step)}}


def train(board: Board, first: int, last: int) -> None:
    for step in range(first, last + 1):
        board.write(step, 1e9 + step, row(step))


def test_a_rollback_and_a_resume_take_back_what_counts_no_more(run: RunFolder) -> None:
    told: Told = []
    board = opened(run, told)
    train(board, 1, 60)
    board.rewind(25)
    train(board, 26, 75)
    board.close()
    board = opened(run, told, 2, from_step=45)
    train(board, 46, 90)
    board.close()
    # After a rewind and a resume the first step of all is written, whatever the one before was.
    wanted = [1, 10, 20, 26, 30, 40, 46, 50, 60, 70, 80, 90]
    assert [event.step for event in theirs(run).Scalars("adversarial")] == wanted
    assert points(ours(run).series("feature_matching")) == [(step, float(step)) for step in wanted]
    assert told == []


def test_on_a_full_disk_it_waits_in_memory_and_is_whole_afterwards(tmp_path: Path) -> None:
    told: Told = []
    with small_disk(tmp_path / "disk", 4) as disk:
        run = RunFolder(disk / "run")
        run.path.mkdir()
        run.spec_path.write_text("format = 1\n")
        board = opened(run, told)
        train(board, 1, 100)
        board.flush()
        filler = fill(disk)
        train(board, 101, 3000)
        board.flush()
        train(board, 3001, 3100)
        filler.unlink()
        board.close()
        assert [event.step for event in theirs(run).Scalars("adversarial")] == [1, *range(10, 3101, 10)]
    assert told == []


def test_what_a_full_disk_never_takes_is_left_out_aloud_and_no_record_is_torn(tmp_path: Path) -> None:
    told: Told = []
    with small_disk(tmp_path / "disk", 4) as disk:
        run = RunFolder(disk / "run")
        run.path.mkdir()
        run.spec_path.write_text("format = 1\n")
        board = opened(run, told)
        train(board, 1, 100)
        board.flush()
        filler = fill(disk)
        sound = sound_record("s", bytes(MOST_OWED // 4), 7, 1e9, rate=44100, channels=1, frames=MOST_OWED // 8)
        for _ in range(5):
            board._put(sound)
        train(board, 101, 200)
        filler.unlink()
        board.close()
        # The sounds are larger than the disk: nothing behind them finds room, and what is torn is no record.
        assert [event.step for event in theirs(run).Scalars("adversarial")] == [1, *range(10, 101, 10)]
        assert ours(run).series("adversarial").step.tolist() == [1, *range(10, 101, 10)]
    assert len(told) == 1
    assert "left out" in told[0][1]["reason"]


def test_where_it_cannot_write_it_says_so_once_and_training_goes_on(run: RunFolder) -> None:
    told: Told = []
    (run.path / FOLDER).write_text("a file where the folder should be")
    board = opened(run, told)
    train(board, 1, 100)
    board.rewind(3)
    board.close()
    assert [kind for kind, _ in told] == ["warned"]
    assert "TensorBoard" in told[0][1]["reason"]


def test_a_handle_that_breaks_is_told_once(run: RunFolder) -> None:
    told: Told = []
    board = opened(run, told)
    assert board._handle is not None
    os.close(board._handle)
    read_only = os.open(run.spec_path, os.O_RDONLY)
    board._handle = read_only
    train(board, 1, 5000)
    board.close()
    assert len(told) == 1
    assert read_events(run.events) == []
