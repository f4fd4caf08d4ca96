"""Ratings by ear: what counts, what is kept, what is lost when many write at once (nothing)."""

import json
import multiprocessing
from pathlib import Path

import pytest

from ravetui.errors import RunError
from ravetui.runs.events import append_event, read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.ratings import WITHDRAWN, StepRating, rate, rating_history, read_ratings


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "graz")
    folder.path.mkdir()
    append_event(folder.events, "created")
    return folder


def test_the_last_of_a_clip_and_step_counts_and_the_first_is_kept(run: RunFolder) -> None:
    rate(run, "étude", 50, 2)
    rate(run, "étude", 50, 4)
    rate(run, "étude", 100, 5)
    found = read_ratings(run)
    assert found.stars(50, "étude") == 4
    assert found.stars(100, "étude") == 5
    assert found.stars(50, "scale") is None
    assert [item.stars for item in rating_history(run)] == [2, 4, 5]


def test_a_step_has_the_mean_of_its_clips_and_their_range(run: RunFolder) -> None:
    for clip, stars in (("a", 2), ("b", 5), ("c", 5)):
        rate(run, clip, 50, stars)
    newest = rating_history(run)[-1].created
    assert read_ratings(run).steps == {50: StepRating(4.0, 2, 5, 3, newest)}


def test_a_withdrawn_rating_does_not_count(run: RunFolder) -> None:
    rate(run, "a", 50, 3)
    rate(run, "a", 50, WITHDRAWN)
    assert not read_ratings(run).current
    assert len(rating_history(run)) == 2


def test_each_is_an_event(run: RunFolder) -> None:
    rate(run, "a", 50, 3)
    event = read_events(run.events)[-1]
    assert (event.kind, event.fields) == ("rated", {"step": 50, "clip": "a", "stars": 3})


def test_a_folder_without_events_gets_none(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "foreign")
    rate(folder, "a", 50, 3)
    assert read_ratings(folder).stars(50, "a") == 3
    assert not folder.events.exists()


def test_torn_and_damaged_lines_cost_only_themselves(run: RunFolder) -> None:
    rate(run, "a", 50, 3)
    rate(run, "b", 50, 4)
    lines = run.ratings.read_bytes().splitlines(keepends=True)
    run.ratings.write_bytes(lines[0].replace(b'"stars": 3', b'"stars": 5') + lines[1] + b'{"clip": "c", "st')
    rate(run, "d", 50, 1)
    found = read_ratings(run).current
    assert {clip: item.stars for (_, clip), item in found.items()} == {"b": 4, "d": 1}


@pytest.mark.parametrize("stars", [-1, 6])
def test_other_numbers_are_refused(run: RunFolder, stars: int) -> None:
    with pytest.raises(RunError, match=r"1 .bad. to 5"):
        rate(run, "a", 50, stars)
    assert not run.ratings.exists()


def test_a_folder_that_cannot_be_written_says_so(run: RunFolder) -> None:
    run.ratings.mkdir()
    with pytest.raises(RunError, match="cannot be written"):
        rate(run, "a", 50, 3)


def test_of_many_writers_at_once_none_loses_one(run: RunFolder) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_rate_many, [(str(run.path), number) for number in range(4)])
    assert len(read_ratings(run).current) == 4 * 25
    assert all(json.loads(line)["crc"] for line in run.ratings.read_text().splitlines())


def _rate_many(path: str, number: int) -> None:
    for step in range(25):
        rate(RunFolder(Path(path)), f"clip {number}", step, 1 + step % 5)
