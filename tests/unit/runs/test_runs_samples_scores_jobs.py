from collections.abc import Callable
from pathlib import Path

import pytest

from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import list_jobs, report_progress, score_job
from ravetui.runs.samples import RenderedClip, list_samples, sampled_steps, write_manifest
from ravetui.runs.scores import list_scores, newest_scores, write_score
from ravetui.runs.state import RunState

CLIPS = [
    RenderedClip("nocturne", 6.0, "nocturne.flac", "../originals/nocturne.flac", 3.9),
    RenderedClip("étude", 2.5, "étude.flac", "../originals/étude.flac", None),
]
SCORE = {
    "run": "graz",
    "phase": 1,
    "embedder": "mel",
    "embedder_label": "log-mel statistics, not CLAP",
    "reference": "validation",
    "n": 120,
    "metrics": {"fad": {"value": 0.21, "low": 0.19, "high": 0.23}},
}
DAMAGE: list[Callable[[Path], object]] = [
    lambda path: path.write_text(""),
    lambda path: path.write_text("[]"),
    lambda path: path.write_text("{}"),
    lambda path: path.write_text('{"clips": [{"name": "x"}]}'),
    lambda path: path.write_bytes(path.read_bytes()[:-9]),
]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path)
    for path in (folder.samples, folder.scores, folder.jobs):
        path.mkdir()
    return folder


def render(run: RunFolder, step: int) -> Path:
    folder = run.step_folder(run.samples, step)
    folder.mkdir()
    write_manifest(folder, step=step, phase=1, sampling_rate=44100, clips=CLIPS)
    return folder / "manifest.json"


def test_samples_read_back_in_their_order(run: RunFolder) -> None:
    for step in (100, 2000, 300):
        render(run, step)
    assert sampled_steps(run) == [2000, 300, 100]
    first, second = list_samples(run, 300)
    assert (first.name, first.step, first.phase, first.seconds, first.distance) == ("nocturne", 300, 1, 6.0, 3.9)
    assert first.reconstruction == run.samples / "step-000000300" / "nocturne.flac"
    assert second.original == run.samples / "originals" / "étude.flac"
    assert second.distance is None
    assert list_samples(run, 5) == []


@pytest.mark.parametrize("harm", DAMAGE)
def test_damaged_samples_are_none(run: RunFolder, harm: Callable[[Path], object]) -> None:
    harm(render(run, 100))
    assert list_samples(run, 100) == []


def test_scores_are_kept_all_and_the_newest_is_known(run: RunFolder) -> None:
    paths = [write_score(run, step, "mel", {**SCORE, "checkpoint": step}) for step in (100, 100, 200, 100)]
    assert len(set(paths)) == 4, "no score replaces another, even in the same second"
    scores = list_scores(run)
    assert sorted(item.path for item in scores) == sorted(paths)
    assert [item.created for item in scores] == sorted((item.created for item in scores), reverse=True)
    newest = newest_scores(scores)
    assert newest[100, "mel"].path == paths[3]
    assert newest[200, "mel"].metrics == SCORE["metrics"]


@pytest.mark.parametrize("harm", DAMAGE)
def test_a_damaged_score_hides_no_other(run: RunFolder, harm: Callable[[Path], object]) -> None:
    harm(write_score(run, 100, "mel", {**SCORE, "checkpoint": 100}))
    good = write_score(run, 200, "mel", {**SCORE, "checkpoint": 200})
    assert [item.path for item in list_scores(run)] == [good]


def test_jobs_are_listed_with_their_progress(run: RunFolder) -> None:
    for step, embedder in ((2000, "mel"), (300, "clap-music")):
        score_job(run, step, embedder).path.mkdir()
    report_progress(score_job(run, 2000, "mel"), 0.25, "embedding")
    for name in (".hidden-1-x", "a-b-c", "score-12", "notes"):
        (run.jobs / name).mkdir()
    first, second = list_jobs(run)
    assert (first.kind, first.step, first.detail) == ("score", 300, "clap-music")
    assert (first.fraction, first.note, first.status.state) == (0.0, "", RunState.LOST)
    assert (second.step, second.fraction, second.note) == (2000, 0.25, "embedding")


@pytest.mark.parametrize("content", ["", "[]", '{"fraction": "x", "note": ""}', '{"fraction": null}', "7"])
def test_damaged_progress_is_none(run: RunFolder, content: str) -> None:
    job = score_job(run, 100, "mel")
    job.path.mkdir()
    job.progress.write_text(content)
    assert [(found.fraction, found.note) for found in list_jobs(run)] == [(0.0, "")]
