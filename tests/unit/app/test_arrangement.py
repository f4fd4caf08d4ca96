"""Order, pins and hidden charts: of a workspace, and of two screens at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.arrangement import Arrangement, Read, arrangement_of, unknown_words
from ravetui.errors import ConfigError

TITLES = ("loss", "KL", "adversarial", "pace", "FAD")
names = st.sampled_from([*TITLES, "of another version"])
arrangements = st.builds(
    Arrangement,
    st.lists(names, unique=True).map(tuple),
    st.lists(names, unique=True).map(tuple),
    st.frozensets(names),
)


@given(arrangements)
def test_every_chart_has_one_place_and_pinned_ones_come_first(made: Arrangement) -> None:
    found = made.of(TITLES)
    assert sorted(found) == sorted(TITLES)
    pinned = [title for title in made.pinned if title in TITLES]
    assert found[: len(pinned)] == pinned
    assert made.shown(TITLES), "there is always something to see"
    assert set(made.shown(TITLES)) <= set(TITLES)


@given(arrangements, st.sampled_from(TITLES), st.integers(-5, 5))
def test_a_move_goes_as_far_as_it_can_and_changes_nothing_else(made: Arrangement, title: str, by: int) -> None:
    seen = made.shown(TITLES)
    moved = made.with_moved(TITLES, title, by, seen)
    after = moved.shown(TITLES)
    assert [one for one in after if one != title] == [one for one in seen if one != title]
    if title in seen:
        peers = [one for one in seen if (one in made.pinned) == (title in made.pinned)]
        there = [one for one in after if one in peers]
        assert there.index(title) == min(max(peers.index(title) + by, 0), len(peers) - 1)
    assert moved.hidden == made.hidden and set(moved.pinned) == set(made.pinned)
    assert set(made.order) - set(TITLES) <= set(moved.order), "what another version knows stays"


@given(arrangements, st.sampled_from(TITLES))
def test_hiding_twice_and_pinning_twice_change_nothing(made: Arrangement, title: str) -> None:
    assert made.with_hidden(title).with_hidden(title) == made
    assert title not in made.with_hidden(title).shown(TITLES) or title in made.hidden or made.with_hidden(title).hidden
    once = made.with_pin(title)
    assert (title in once.pinned) != (title in made.pinned)


def test_a_chart_that_is_new_follows_the_one_it_follows_by_default() -> None:
    made = Arrangement(order=("FAD", "loss"))
    assert made.of(("loss", "loss 2", "GPU", "FAD")) == ["FAD", "loss", "loss 2", "GPU"]
    assert made.of(("first", "loss", "FAD")) == ["first", "FAD", "loss"]


def test_it_is_remembered(tmp_path: Path) -> None:
    file = arrangement_of(tmp_path)
    assert file.read() == Read() and file.mark is None
    file.change(lambda made: made.with_pin("FAD").with_hidden("KL"))
    again = arrangement_of(tmp_path)
    assert again.read() == Read(Arrangement(pinned=("FAD",), hidden=frozenset({"KL"})))
    mark = file.mark
    again.change(lambda made: made.with_moved(TITLES, "pace", -9, made.shown(TITLES)))
    assert file.read().arrangement.shown(TITLES) == ["FAD", "pace", "loss", "adversarial"]
    assert file.mark != mark


def test_screens_that_change_it_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    titles = [f"chart {number}" for number in range(24)]
    pin = [partial(Arrangement.with_pin, title=title) for title in titles]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda change: arrangement_of(tmp_path).change(change), pin))
    assert sorted(arrangement_of(tmp_path).read().arrangement.pinned) == sorted(titles)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"words"', "\udcff"])
def test_a_damaged_file_is_told_kept_and_written_anew(tmp_path: Path, text: str) -> None:
    file = arrangement_of(tmp_path)
    file.path.parent.mkdir()
    file.path.write_bytes(text.encode(errors="surrogateescape"))
    read = file.read()
    assert read.arrangement == Arrangement() and "charts.json is damaged" in read.fault
    file.change(lambda made: made.with_pin("FAD"))
    assert file.read() == Read(Arrangement(pinned=("FAD",)))
    kept = file.path.with_name("charts-damaged.json")
    assert kept.read_bytes() == text.encode(errors="surrogateescape")


def test_what_can_be_read_of_a_damaged_file_counts(tmp_path: Path) -> None:
    file = arrangement_of(tmp_path)
    file.path.parent.mkdir()
    file.path.write_text(json.dumps({"pinned": ["FAD", "FAD"], "order": 7, "hidden": [1], "more": {}}))
    read = file.read()
    assert read.arrangement == Arrangement(pinned=("FAD",)) and "in part" in read.fault


def test_what_another_version_knows_is_named_and_left_alone(tmp_path: Path) -> None:
    file = arrangement_of(tmp_path)
    file.change(lambda made: made.with_pin("perplexity").with_hidden("FAD"))
    assert "names 'perplexity', which this version does not have" in unknown_words(file.read(), TITLES)
    file.change(lambda made: made.with_pin("FAD"))
    assert file.read().arrangement.pinned == ("perplexity", "FAD")
    assert unknown_words(Read(), TITLES) == ""


def test_a_folder_that_cannot_be_written_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / ".ravetui").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"charts\.json cannot be written"):
        arrangement_of(tmp_path).change(lambda made: made.with_pin("FAD"))
