"""What was said is kept through crashes, torn lines and other screens; a round's end makes ratings of it."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.errors import RunError
from ravetui.runs.blind.ending import end_round, take_back
from ravetui.runs.blind.round import LEFT_OUT
from ravetui.runs.blind.store import answer_stimulus, begin_round, close_round, list_rounds, read_round, round_path
from ravetui.runs.events import append_event, read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.ratings import append_ratings, rate, rating_history, read_ratings

CLIPS = ("nocturne", "étude")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "graz")
    folder.path.mkdir()
    append_event(folder.events, "created")
    return folder


def test_a_round_is_what_was_begun_and_said(run: RunFolder) -> None:
    begun = begin_round(run, (200, 100), CLIPS, "marked with *")
    assert (begun.number, begun.steps, begun.clips, begun.said, begun.next_place) == (1, (100, 200), CLIPS, 0, 0)
    assert read_round(run, 1) == begun
    for place, stars in enumerate((3, 5, LEFT_OUT)):
        found = answer_stimulus(run, 1, begun.order[place], stars)
    assert read_round(run, 1) == found
    assert (found.said, found.next_place) == (3, 3)
    assert [found.stars(one.clip, one.step) for one in found.order[:4]] == [3, 5, LEFT_OUT, LEFT_OUT]
    corrected = answer_stimulus(run, 1, begun.order[0], 1)
    assert (corrected.said, read_round(run, 1).stars(begun.order[0].clip, begun.order[0].step)) == (3, 1)


def test_only_clips_rated_in_every_version_count(run: RunFolder) -> None:
    begun = begin_round(run, (100,), CLIPS)
    for place, stars in enumerate((4, 2, 3)):
        answer_stimulus(run, 1, begun.order[place], stars)
    found = read_round(run, 1)
    assert found.whole_clips == (begun.order[0].clip,)
    assert found.table.shape == (1, 2)
    answer_stimulus(run, 1, begun.order[3], LEFT_OUT)
    assert read_round(run, 1).whole_clips == (begun.order[0].clip,)


@given(cut=st.integers(1, 350))
def test_a_torn_end_costs_the_torn_line_alone(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    run = RunFolder(tmp_path_factory.mktemp("torn"))
    begun = begin_round(run, (100, 200), CLIPS)
    for one in begun.order[:4]:
        answer_stimulus(run, 1, one, 4)
    path = round_path(run, 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    lines = path.read_bytes().count(b"\n")
    # A line whose end alone was cut off is whole.
    left = {lines - 1, lines}
    answer_stimulus(run, 1, begun.order[5], 2)
    found = read_round(run, 1)
    assert found.said - 1 in left
    assert found.stars(begun.order[5].clip, begun.order[5].step) == 2


def test_many_screens_begin_rounds_of_their_own_and_answer_one(run: RunFolder) -> None:
    found: list[int] = []
    begins = [threading.Thread(target=lambda: found.append(begin_round(run, (1,), CLIPS).number)) for _ in range(8)]
    for thread in begins:
        thread.start()
    for thread in begins:
        thread.join()
    assert sorted(found) == list(range(1, 9))
    order = read_round(run, 3).order
    answers = [threading.Thread(target=answer_stimulus, args=(run, 3, one, 3)) for one in order * 3]
    for thread in answers:
        thread.start()
    for thread in answers:
        thread.join()
    assert read_round(run, 3).said == len(order)
    assert [item.number for item in list_rounds(run)] == list(range(1, 9))


def test_what_cannot_be_said_is_refused(run: RunFolder) -> None:
    begun = begin_round(run, (100,), CLIPS)
    with pytest.raises(RunError, match="6 is not a rating"):
        answer_stimulus(run, 1, begun.order[0], 6)
    with pytest.raises(RunError, match="no blind round 2"):
        read_round(run, 2)
    with pytest.raises(RunError, match="takes a checkpoint with samples"):
        begin_round(run, (), CLIPS)
    close_round(run, 1)
    with pytest.raises(RunError, match="has ended"):
        answer_stimulus(run, 1, begun.order[0], 3)
    round_path(run, 1).write_bytes(b"torn")
    with pytest.raises(RunError, match="does not say what was heard"):
        read_round(run, 1)
    assert list_rounds(run) == []


def test_the_end_makes_ratings_once_and_not_of_the_original(run: RunFolder) -> None:
    begun = begin_round(run, (100,), CLIPS)
    for one in begun.order:
        answer_stimulus(run, 1, one, 5 if one.step is None else 2)
    assert read_ratings(run).current == {}, "stars that change meanwhile would say what is heard"
    end_round(run, 1)
    end_round(run, 1)
    history = rating_history(run)
    assert {(item.clip, item.step, item.stars, item.round) for item in history} == {(c, 100, 2, 1) for c in CLIPS}
    assert len(history) == 2
    assert [(item.fields["count"], item.fields["round"]) for item in read_events(run.events)[1:]] == [(2, 1)]


def test_an_end_that_was_cut_short_is_made_up_for(run: RunFolder) -> None:
    begun = begin_round(run, (100, 200), CLIPS)
    for one in begun.order:
        answer_stimulus(run, 1, one, 2)
    end_round(run, 1)
    whole = rating_history(run)
    lines = run.ratings.read_bytes().splitlines(keepends=True)
    run.ratings.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    kept = round_path(run, 1).read_bytes().splitlines(keepends=True)
    round_path(run, 1).write_bytes(b"".join(kept[:-1]))
    assert read_round(run, 1).ended is None
    end_round(run, 1)
    assert len(rating_history(run)) == 4
    assert set(rating_history(run)) == set(whole)


def test_what_was_rated_with_open_eyes_comes_back(run: RunFolder) -> None:
    rate(run, "nocturne", 100, 4)
    begun = begin_round(run, (100, 200), CLIPS)
    for one in begun.order:
        answer_stimulus(run, 1, one, 1)
    end_round(run, 1)
    assert read_ratings(run).stars(100, "nocturne") == 1
    rate(run, "étude", 200, 5)
    assert take_back(run, 1) == 3
    now = read_ratings(run)
    assert (now.stars(100, "nocturne"), now.stars(100, "étude"), now.stars(200, "étude")) == (4, None, 5)
    assert len(rating_history(run)) == 9, "every line is kept"
    assert take_back(run, 1) == 0


def test_appending_nothing_writes_nothing(run: RunFolder) -> None:
    append_ratings(run, [])
    assert not run.ratings.exists()
