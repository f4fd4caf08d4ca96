import numpy as np
import pytest

from ravetui.errors import ScoreError
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.fad import fad
from ravetui.metrics.kid import kid_estimate
from ravetui.metrics.paired import Difference, fad_difference, kid_difference


def reconstructed(random: np.random.Generator, inputs: EmbeddingSet, damage: float) -> EmbeddingSet:
    """Outputs that resemble their inputs, off by `damage` in one direction and a little at random."""
    off = damage * np.eye(inputs.values.shape[1])[0] + 0.1 * random.standard_normal(inputs.values.shape)
    return EmbeddingSet(inputs.values + off, inputs.files)


def drawn(random: np.random.Generator, files: int, each: int = 3) -> EmbeddingSet:
    centres = np.repeat(random.standard_normal((files, 6)), each, axis=0)
    return EmbeddingSet(
        centres + 0.3 * random.standard_normal((files * each, 6)) + 1, np.repeat(np.arange(files), each)
    )


def test_kid_difference_is_the_difference_of_kids() -> None:
    random = np.random.default_rng(0)
    inputs, reference = drawn(random, 20), drawn(random, 30)
    before, after = reconstructed(random, inputs, 1.0), reconstructed(random, inputs, 0.3)
    values = [kid_estimate(s.values, reference.values, s.files, reference.files, 0).value for s in (before, after)]
    found = kid_difference(before, after, reference, 0)
    assert found.value == pytest.approx(values[1] - values[0], abs=1e-9)
    assert found.n_files == 20


def test_fad_difference_is_the_difference_of_fads() -> None:
    random = np.random.default_rng(1)
    inputs, reference = drawn(random, 20), drawn(random, 30)
    before, after = reconstructed(random, inputs, 1.0), reconstructed(random, inputs, 0.3)
    expected = fad(after.values, reference.values) - fad(before.values, reference.values)
    found = fad_difference(before, after, reference)
    assert found.value == pytest.approx(expected, rel=1e-9)
    assert found.verdict == "better"


def test_a_better_and_a_worse_checkpoint_are_told_apart_on_few_clips() -> None:
    """On the same inputs: the sets themselves are too small and too varied to be told apart unpaired."""
    random = np.random.default_rng(2)
    inputs, reference = drawn(random, 16), drawn(random, 60)
    before, after = reconstructed(random, inputs, 1.2), reconstructed(random, inputs, 0.4)
    found = kid_difference(before, after, reference, 0)
    assert (found.verdict, found.clips_needed, found.sentence) == ("better", None, "better")
    assert kid_difference(after, before, reference, 0).verdict == "worse"


def test_equal_checkpoints_are_called_different_as_seldom_as_stated() -> None:
    random = np.random.default_rng(3)
    wrong_kid = wrong_fad = 0
    for seed in range(100):
        inputs, reference = drawn(random, 16), drawn(random, 24)
        pair = reconstructed(random, inputs, 0.5), reconstructed(random, inputs, 0.5)
        wrong_kid += kid_difference(*pair, reference, seed).verdict != "cannot tell"
        wrong_fad += fad_difference(*pair, reference).verdict != "cannot tell"
    assert wrong_kid <= 12
    assert wrong_fad <= 14


def test_undecided_says_how_many_clips_would_settle_it() -> None:
    undecided = Difference(value=-1.0, low=-3.0, high=1.0, p=0.3, n_files=20)
    needed = undecided.clips_needed
    assert needed is not None
    # 2.8 standard errors of 1.02 against a difference of 1: 8.2 times as many clips.
    assert needed == pytest.approx(20 * 8.17, rel=0.02)
    assert undecided.sentence == f"cannot tell at 20 clips; about {needed} would"
    assert Difference(0.0, -1.0, 1.0, 1.0, 20).sentence == "cannot tell at 20 clips; no number that can be had would"


def test_other_inputs_are_refused() -> None:
    random = np.random.default_rng(4)
    with pytest.raises(ScoreError, match="different clips"):
        kid_difference(drawn(random, 8), drawn(random, 9), drawn(random, 20), 0)
