"""Each stimulus once, clip after clip, the same order for the same seed, and no order better than another."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.blind.shuffle import Stimulus, shuffled

CLIPS = st.lists(st.text(min_size=1), min_size=1, max_size=8, unique=True)
STEPS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12, unique=True)
SEEDS = st.integers(0, 2**63 - 1)


@given(SEEDS, CLIPS, STEPS)
def test_each_stimulus_comes_once_in_a_block_of_its_clip(seed: int, clips: list[str], steps: list[int]) -> None:
    versions = (*steps, None)
    order = shuffled(seed, clips, versions)
    assert Counter(order) == Counter(Stimulus(clip, step) for clip in clips for step in versions)
    size = len(versions)
    blocks = [{one.clip for one in order[place : place + size]} for place in range(0, len(order), size)]
    assert all(len(block) == 1 for block in blocks)
    assert all(one.step != other.step for one, other in pairwise(order))


@given(SEEDS, CLIPS, STEPS)
def test_the_order_depends_on_the_seed_alone(seed: int, clips: list[str], steps: list[int]) -> None:
    versions = (*steps, None)
    order = shuffled(seed, clips, versions)
    assert order == shuffled(seed, clips[::-1], versions[::-1])


def test_the_order_of_a_seed_never_changes() -> None:
    """Of a round on disk it must be the same in every later version of the program."""
    order = shuffled(7, ("a", "b"), (100, 200, None))
    assert [one.clip for one in order] == ["b", "b", "b", "a", "a", "a"]
    assert [one.step for one in order] == [None, 200, 100, None, 200, 100]


def test_each_version_is_heard_first_as_often_as_the_others() -> None:
    first = Counter(shuffled(seed, ("a",), (1, 2, 3, None))[0].step for seed in range(4000))
    assert all(abs(count - 1000) < 150 for count in first.values())
    assert len(first) == 4
