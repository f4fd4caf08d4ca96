"""A run of several versions or files is one sequence of steps; its phases and checkpoints are found."""

import os
import random
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from ravetui.runs.foreign.folder import ACIDS_RAVE, TENSORBOARD, ForeignFolder
from ravetui.runs.foreign.history import ForeignHistory
from ravetui.runs.foreign.watcher import WRITING_SECONDS, ForeignWatcher
from ravetui.runs.state import RunState
from tests.event_files import PIANO, STRINGS, copied, event_file_of, write_events


def history_of(source: Path, kind: str = TENSORBOARD) -> ForeignHistory:
    found = ForeignHistory(ForeignFolder(Path("/nowhere/kept"), source, kind))
    found.poll()
    return found


def watch(source: Path, now: float = 0.0) -> ForeignWatcher:
    watcher = ForeignWatcher(ForeignFolder(Path("/nowhere/kept"), source, ACIDS_RAVE), lambda: now)
    watcher.summary()
    return watcher


def test_versions_of_a_resumed_run_are_joined_the_later_wins_from_its_first_step() -> None:
    history = history_of(PIANO, ACIDS_RAVE)
    parts = [EventAccumulator(str(event_file_of(PIANO, number)), {"scalars": 0}).Reload() for number in (0, 1)]
    for tag in ("fullband_spectral_distance", "loss_dis", "validation", "epoch"):
        first, second = ([(e.step, e.wall_time, e.value) for e in part.Scalars(tag)] for part in parts)
        wanted = [item for item in first if item[0] < 599] + second
        series = history.series(tag)
        found = zip(series.step.tolist(), series.time.tolist(), series.value.tolist(), strict=True)
        assert list(found) == wanted
    assert history.resumed_at() == {1: 48, 2: 598}
    assert history.series("nothing").step.size == 0


def test_tables_of_ours_are_filled_from_tags_of_the_same_name() -> None:
    history = history_of(PIANO, ACIDS_RAVE)
    table, series = history.records("reconstruction"), history.series("regularization")
    assert table["step"].tolist() == series.step.tolist()
    assert table["regularization"].tolist() == pytest.approx(series.value.tolist())
    assert all(value != value for value in table["learning_rate"].tolist())
    assert set(history.records("steps")["phase"].tolist()) == {1.0, 2.0}


def test_the_second_phase_is_found_from_the_tags() -> None:
    assert watch(PIANO).transition() == 240
    assert watch(STRINGS).transition() == 40
    assert history_of(PIANO, ACIDS_RAVE).phase_2_seen() == 249


def test_without_a_configured_step_the_first_tag_of_phase_2_tells(tmp_path: Path) -> None:
    run = copied(PIANO, tmp_path)
    for planned, found in (("100", 249), ("249", 249), ("199", 249), ("1000000", 249)):
        text = (PIANO / "config.gin").read_text().replace("PHASE_1_DURATION = 240", f"PHASE_1_DURATION = {planned}")
        (run / "config.gin").write_text(text)
        assert watch(run).transition() == found


def test_checkpoints_are_listed_with_what_they_are_by_the_step_inside_them() -> None:
    found = [(item.step, item.phase, item.attempt, item.label) for item in watch(PIANO).checkpoints()]
    assert found == [
        (871, 2, 2, "epoch-epoch=0029"),
        (697, 2, 2, "best"),
        (600, 2, 1, "epoch_600"),
        (232, 1, 1, "best"),
        (200, 1, 1, "epoch_200"),
    ]
    validation = {item.step: item.validation for item in watch(PIANO).checkpoints()}
    assert validation[232] == pytest.approx(12.3707, abs=1e-4)
    assert validation[600] is None
    assert [item.label for item in watch(STRINGS).checkpoints()] == ["epoch_80", "epoch-epoch=0001", "best, epoch_40"]


def test_a_checkpoint_that_cannot_be_read_is_known_by_its_name_or_left_out(tmp_path: Path) -> None:
    run = copied(STRINGS, tmp_path)
    for path in (run / "version_0" / "checkpoints").iterdir():
        path.write_bytes(path.read_bytes()[:1000])
    assert [(item.step, item.label) for item in watch(run).checkpoints()] == [(80, "epoch_80"), (40, "epoch_40")]


def test_its_state_says_no_more_than_the_files_do(tmp_path: Path) -> None:
    run = copied(STRINGS, tmp_path)
    os.utime(event_file_of(run), (1000.0, 1000.0))
    assert watch(run, now=1000.0 + WRITING_SECONDS - 1).summary().status.state is RunState.WRITING
    quiet = watch(run, now=1000.0 + WRITING_SECONDS + 1).summary().status
    assert quiet.state is RunState.QUIET
    assert not quiet.state.is_live
    assert "ended or stands still" in quiet.reason


def test_progress_is_what_the_run_logged() -> None:
    summary = watch(PIANO).summary()
    document = summary.as_dict()
    assert (document["foreign"], document["phase"], document["step"], document["epoch"]) == ("acids-rave", 2, 869, 29.0)
    assert (document["steps_per_epoch"], document["total_steps"], document["eta_s"]) == (29, None, None)
    assert summary.spec.model.capacity == 4
    assert summary.spec.training.phase_1_steps == 240


def test_in_a_folder_of_several_files_a_tag_is_superseded_by_itself_alone(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    write_events(folder / "events.out.tfevents.1.a", [(t, s, 1.0) for s in range(10) for t in ("loss", "other")])
    write_events(folder / "events.out.tfevents.2.a", [("loss", step, 2.0) for step in range(6, 12)])
    history = history_of(folder)
    assert history.series("loss").step.tolist() == list(range(12))
    assert history.series("loss").value.tolist() == [1.0] * 6 + [2.0] * 6
    assert history.series("other").step.tolist() == list(range(10))
    assert history.tags == ("loss", "other")


def test_steps_that_go_back_and_a_restart_supersede_as_in_tensorboard(tmp_path: Path) -> None:
    drawn = random.Random(3)
    path = tmp_path / "log" / "events.out.tfevents.1.a"
    write_events(path, [])
    with path.open("ab") as output:
        writer = RecordWriter(output)
        step = 0
        for count in range(400):
            if drawn.random() < 0.05:
                step = max(step - drawn.randrange(1, 12), 1)
                log = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
                event = event_pb2.Event(wall_time=count, step=step, session_log=log)
            else:
                event = event_pb2.Event(wall_time=count, step=step)
                for tag in ("a", "b"):
                    if drawn.random() < 0.7:
                        event.summary.value.add(tag=tag, simple_value=count)
                step += 1
            writer.write(event.SerializeToString())
    theirs = EventAccumulator(str(path), {"scalars": 0}, purge_orphaned_data=True).Reload()
    ours = history_of(path.parent)
    for tag in ("a", "b"):
        series = ours.series(tag)
        found = list(zip(series.step.tolist(), series.value.tolist(), strict=True))
        assert found == [(e.step, e.value) for e in theirs.Scalars(tag)]


def test_a_growing_run_is_followed_and_a_new_version_too(tmp_path: Path) -> None:
    run = copied(PIANO, tmp_path)
    later = run / "version_1"
    hidden = later.rename(tmp_path / "hidden")
    history = history_of(run, ACIDS_RAVE)
    assert history.last_step() == 599
    assert not history.poll()
    hidden.rename(later)
    assert history.poll()
    assert history.last_step() == 869
