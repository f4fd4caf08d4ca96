"""Which checkpoints are heard, and which files."""

from pathlib import Path

import pytest

from ravetui.errors import RunError
from ravetui.runs.blind.choice import MOST, Candidate, choose
from ravetui.runs.blind.material import find_material
from ravetui.runs.blind.shuffle import Stimulus
from ravetui.runs.samples import list_samples
from tests.run_maker import MadeRun, workspace_in

MANY = [Candidate(step, 1, 5 - step / 1000 if step != 700 else 1.0) for step in range(100, 2100, 100)]


def test_the_marked_ones_are_heard() -> None:
    found = choose(MANY, {300, 1200})
    assert found.steps == (300, 1200)
    assert found.words == "marked with *"
    assert "1 marked without samples left out" in choose(MANY, {300, 301}).words


def test_without_marks_it_is_the_newest_the_best_and_a_spread() -> None:
    found = choose(MANY, ())
    assert len(found.steps) == MOST
    assert {100, 700, 2000} <= set(found.steps), "the first, the best, the newest"
    gaps = [later - earlier for earlier, later in zip(found.steps, found.steps[1:], strict=False)]
    assert max(gaps) <= 600
    assert "the newest, the best by validation" in found.words


def test_few_are_all_heard() -> None:
    assert choose(MANY[:3], ()).steps == (100, 200, 300)
    assert "none of the marked ones has samples" in choose(MANY[:3], {5}).words


def test_the_best_is_that_of_the_newest_phase() -> None:
    second = [Candidate(step, 2, 9.0 - (step == 2300)) for step in range(2100, 2900, 100)]
    assert 2300 in choose([*MANY, *second], ()).steps


def test_only_clips_that_all_have_are_heard(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin().train(10)
    made.render(2)
    made.train(10)
    made.render(3)
    found = find_material(made.folder, (10, 20))
    assert found.clips == ("nocturne", "étude")
    assert found.seconds == 6.0
    assert len(found.files) == 6
    assert found.files[Stimulus("étude", None)] == list_samples(made.folder, 10)[1].original
    list_samples(made.folder, 20)[1].reconstruction.unlink()
    assert find_material(made.folder, (10, 20)).clips == ("nocturne",)
    with pytest.raises(RunError, match="Step 30 of graz has no samples"):
        find_material(made.folder, (10, 30))
    list_samples(made.folder, 20)[0].original.unlink()
    with pytest.raises(RunError, match="no clip in common"):
        find_material(made.folder, (10, 20))
    made.release()
