import shutil
from pathlib import Path

from ravetui.app.reader import WorkspaceReader
from ravetui.app.snapshot import Gaze, Snapshot, StepRow
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.retention import prune
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in

TAGS = ("fullband_spectral_distance", "validation")


def empty(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path, dataset=False)


def steps_of(snapshot: Snapshot) -> tuple[StepRow, ...]:
    assert snapshot.detail is not None
    return snapshot.detail.steps


def test_two_looks_at_what_has_not_changed_are_equal(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin(live=True).train(20)
    made.validate()
    reader, gaze = WorkspaceReader(workspace), Gaze("a", TAGS)
    assert reader.look(gaze) == reader.look(gaze)
    before = reader.look(gaze)
    made.train(1)
    after = reader.look(gaze)
    assert after != before
    assert after.detail is not None and after.detail.curves.series[TAGS[0]].step[-1] == 21
    made.release()


def test_a_damaged_run_hides_no_other_and_says_what_is_wrong(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    for name in ("a", "b", "c"):
        MadeRun(workspace, name).begin().train(3).end("stopped", "asked")
    (workspace.runs / "b" / "spec.toml").write_text("nonsense [")
    journal = workspace.runs / "c" / "attempts" / "0001" / "metrics" / "steps.bin"
    journal.write_bytes(b"something else entirely")
    snapshot = WorkspaceReader(workspace).look(Gaze("b"))
    assert [row.name for row in snapshot.runs] == ["a", "b", "c"]
    assert snapshot.runs[0].summary is not None
    assert "spec.toml cannot be read" in snapshot.runs[1].fault
    assert "was not written by this version" in snapshot.runs[2].fault


def test_damage_in_the_details_leaves_the_summary(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin(live=True).train(5)
    made.validate()
    (made.folder.attempt(1).metrics / "validation.bin").write_bytes(b"something else entirely")
    row = WorkspaceReader(workspace).look(Gaze("a")).runs[0]
    assert row.summary is not None and row.summary.progress.step == 5
    assert "validation.bin was not written by this version" in row.fault
    made.release()


def test_a_repaired_run_is_read_again(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    MadeRun(workspace, "a").begin().train(3).end("stopped", "asked")
    spec = workspace.runs / "a" / "spec.toml"
    text = spec.read_text()
    spec.write_text("nonsense [")
    reader = WorkspaceReader(workspace)
    assert reader.look(Gaze()).runs[0].fault
    spec.write_text(text)
    assert reader.look(Gaze()).runs[0].summary is not None


def test_runs_appear_disappear_and_are_replaced(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    reader = WorkspaceReader(workspace)
    assert reader.look(Gaze("a")).runs == ()
    MadeRun(workspace, "a").begin().train(30).end("stopped", "asked")
    summary = reader.look(Gaze("a")).runs[0].summary
    assert summary is not None and summary.progress.step == 30
    shutil.rmtree(workspace.runs / "a")
    assert reader.look(Gaze("a")) == Snapshot()
    MadeRun(workspace, "a").begin().train(7).end("failed", "CUDA out of memory")
    summary = reader.look(Gaze("a")).runs[0].summary
    assert summary is not None and (summary.progress.step, summary.status.reason) == (7, "CUDA out of memory")


def test_a_resumed_run_is_live_again(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin().train(5)
    made.end("stopped", "asked")
    reader = WorkspaceReader(workspace)
    assert not reader.look(Gaze()).runs[0].is_live
    made.begin(live=True).train(2)
    row = reader.look(Gaze()).runs[0]
    assert row.is_live and row.summary is not None and row.summary.progress.step == 7
    made.release()


def test_runs_that_train_come_first_and_then_the_newest(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    MadeRun(workspace, "old", "2026-01-01T00:00:00+00:00")
    MadeRun(workspace, "new", "2026-03-01T00:00:00+00:00")
    live = MadeRun(workspace, "oldest", "2025-01-01T00:00:00+00:00").begin(live=True)
    assert [row.name for row in WorkspaceReader(workspace).look(Gaze()).runs] == ["oldest", "new", "old"]
    live.release()


def test_a_step_without_its_weights_keeps_samples_scores_and_validation(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin(live=True).train(10)
    value = made.validate()
    made.score(10)
    made.train(10)
    made.validate()
    reader = WorkspaceReader(workspace)
    assert [row.checkpoint is not None for row in steps_of(reader.look(Gaze("a")))] == [True, True]
    prune(list_checkpoints(made.folder)[1])
    newest, oldest = steps_of(reader.look(Gaze("a")))
    assert newest.checkpoint is not None and oldest.checkpoint is None
    assert oldest.score is not None and abs((oldest.validation or 0) - value) < 1e-5
    made.release()


def test_samples_are_those_of_the_step_or_of_the_newest_before_it(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin(live=True)
    for _ in range(2):
        made.train(10)
        made.validate()
    made.train(3)
    made.save()
    reader = WorkspaceReader(workspace)
    shown = []
    for step in (None, 23, 20, 10):
        detail = reader.look(Gaze("a", (), step)).detail
        assert detail is not None
        assert {clip.step for clip in detail.samples} == {detail.sample_step}
        shown.append(detail.sample_step)
    assert shown == [20, 20, 20, 10]
    made.release()


def test_a_scoring_is_told_until_its_score_is_there(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin(live=True).train(10)
    made.validate()
    made.scoring(10, 0.37)
    reader = WorkspaceReader(workspace)
    job = steps_of(reader.look(Gaze("a")))[0].job
    assert job is not None and job.status.state.is_live and job.fraction == 0.37
    made.release()
    failed = steps_of(reader.look(Gaze("a")))[0].job
    assert failed is not None and not failed.status.state.is_live and failed.status.reason
    made.score(10)
    row = steps_of(reader.look(Gaze("a")))[0]
    assert row.job is None and row.score is not None


def test_the_log_is_a_tail_without_control_characters(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin(live=True)
    made.say("x" * 40000, "\x1b[31mred\x1b[0m alarm", "10 %\r50 %\r90 %", "tab\there", "", "torn")
    detail = WorkspaceReader(workspace).look(Gaze("a")).detail
    assert detail is not None
    assert detail.log == ("red alarm", "90 %", "tab\there", "torn")
    assert detail.log_attempt == 1
    made.release()


def test_requests_that_wait_are_seen(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a")
    (made.folder.control / "phase").touch()
    assert WorkspaceReader(workspace).look(Gaze()).runs[0].requests == {"phase"}


def test_datasets_are_named(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    (workspace.data / "unfinished").mkdir()
    assert WorkspaceReader(workspace).look(Gaze()).datasets == ("graz",)


def test_a_folder_that_cannot_be_entered_is_a_row(tmp_path: Path) -> None:
    workspace = empty(tmp_path)
    made = MadeRun(workspace, "a").begin().train(2)
    made.end("stopped", "asked")
    made.folder.attempts.rename(made.folder.path / "elsewhere")
    made.folder.attempts.write_text("a file where a folder should be")
    row = WorkspaceReader(workspace).look(Gaze("a")).runs[0]
    assert row.name == "a"
