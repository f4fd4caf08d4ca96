"""What is kept of a run's checkpoints, and what may go."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.errors import CheckpointError
from ravetui.runs.checkpoints import Checkpoint, find_checkpoint, list_checkpoints, verify
from ravetui.runs.folder import RunFolder
from ravetui.runs.publishing import publish
from ravetui.runs.retention import pin, prune, superfluous, unpin

HOUR = 3600.0


def checkpoint(
    step: int, *, phase: int = 1, saved: float = 0.0, validation: float | None = None, pinned: bool = False
) -> Checkpoint:
    return Checkpoint(step, phase, Path(), saved, 1, validation, 0, {}, {}, pinned)


def save(run: RunFolder, step: int) -> Checkpoint:
    def write(path: Path) -> None:
        path.write_bytes(b"weights")

    return publish(run, step, {"model": write}, phase=1, attempt=1, validation=None, trainer={})


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


POINTS = st.lists(
    st.tuples(st.integers(1, 50), st.none() | st.floats(0, 10), st.booleans()),
    min_size=1,
    max_size=12,
    unique_by=lambda point: point[0],
)


@given(POINTS, st.integers(0, 50), st.integers(-1, 5))
def test_what_may_go(points: list[tuple[int, float | None, bool]], change: int, keep: int) -> None:
    known = [
        checkpoint(step, phase=1 if step <= change else 2, validation=validation, pinned=pinned)
        for step, validation, pinned in points
    ]
    gone = {item.step for item in superfluous(known, newest=keep, every_hours=0)}
    steps = sorted((item.step for item in known), reverse=True)
    assert not gone & set(steps[: max(keep, 1)]), "the newest stay"
    assert not gone & {item.step for item in known if item.pinned}, "what is pinned stays"
    for phase in (1, 2):
        judged = [item for item in known if item.phase == phase and item.validation is not None]
        if judged:
            best = min(item.validation for item in judged if item.validation is not None)
            assert any(item.validation == best and item.step not in gone for item in judged), "a best one stays"
    first = [item.step for item in known if item.phase == 1]
    assert not first or max(first) not in gone, "the way back before phase 2 stays"
    pins = sum(item.pinned for item in known)
    assert len(steps) - len(gone) <= max(keep, 1) + 3 + pins, "and nothing else does"


def test_one_every_so_many_hours_stays() -> None:
    known = [checkpoint(n, phase=2, saved=n * HOUR / 2) for n in range(1, 15)]
    gone = superfluous(known, newest=1, every_hours=2)
    assert [item.step for item in known if item not in gone] == [1, 5, 9, 13, 14]
    assert len(superfluous(known, newest=1, every_hours=0)) == 13


@given(st.lists(st.floats(0.01, 5), min_size=1, max_size=40), st.floats(0.1, 8))
def test_pruning_after_each_save_keeps_what_pruning_at_the_end_keeps(gaps: list[float], hours: float) -> None:
    """So that a long run has one every so many hours, whatever went meanwhile."""
    times = [sum(gaps[: n + 1]) * HOUR for n in range(len(gaps))]
    every = [checkpoint(n + 1, phase=2, saved=saved) for n, saved in enumerate(times)]
    left: list[Checkpoint] = []
    for item in every:
        left.append(item)
        gone = superfluous(left, newest=1, every_hours=hours)
        left = [one for one in left if one not in gone]
    gone = superfluous(every, newest=1, every_hours=hours)
    assert left == [one for one in every if one not in gone]
    apart = [later.saved - sooner.saved for sooner, later in itertools.pairwise(left[:-1])]
    assert all(gap >= hours * HOUR for gap in apart)


def test_a_pruned_checkpoint_is_gone(run: RunFolder) -> None:
    save(run, 100)
    assert prune(save(run, 200))
    assert [item.step for item in list_checkpoints(run)] == [100]
    assert not list(run.checkpoints.glob(".gone*"))


def test_a_pin_keeps_a_checkpoint_even_when_it_comes_between(run: RunFolder) -> None:
    listed_before = save(run, 100)
    before = run.checkpoints.stat().st_mtime_ns
    made = pin(run, "100")
    assert (made.step, run.checkpoints.stat().st_mtime_ns > before) == (100, True)
    assert not prune(listed_before), "whoever listed it before the pin does not delete it"
    (found,) = list_checkpoints(run)
    assert found.pinned
    verify(found)
    pin(run, "latest")
    assert not unpin(run, "100").path.joinpath("pinned").exists()
    assert not find_checkpoint(run, "100").pinned
    with pytest.raises(CheckpointError, match=r"Step 100 of .* is not pinned"):
        unpin(run, "100")
    with pytest.raises(CheckpointError, match="has no checkpoint '7'"):
        pin(run, "7")
    assert prune(listed_before)
