"""How much of the codebooks is used, by known answers; and that only a discrete latent is asked."""

from pathlib import Path

import pytest
import torch

from ravetui.engine.training.codebooks import CodebookStatistics
from tests.trainer import attempt, history
from tests.unit.engine.training.test_every_preset import toy_run
from tests.workspaces import small_workspace

TAGS = ("codebook_usage", "codebook_usage_worst", "codebook_perplexity", "codebook_perplexity_worst")


def test_codes_used_alike_have_the_perplexity_of_their_number() -> None:
    statistics = CodebookStatistics(2, 8)
    # (batch, quantizers, frames): the first codebook uses four codes alike, the second one code and seven never.
    statistics.add(torch.tensor([[[0, 1, 2, 3], [5, 5, 5, 5]]]))
    enough = [statistics.is_enough]
    statistics.add(torch.tensor([[[3, 2], [5, 5]], [[1, 0], [5, 5]]]))
    enough.append(statistics.is_enough)
    assert enough == [False, True], "four frames cannot use eight codes"
    assert statistics.usage().tolist() == [0.5, 0.125]
    assert statistics.perplexity().tolist() == pytest.approx([4.0, 1.0])
    assert statistics.row() == pytest.approx(dict(zip(TAGS, (0.3125, 0.125, 2.5, 1.0), strict=True)))


def test_codes_used_unevenly_have_the_exponential_of_their_entropy() -> None:
    statistics = CodebookStatistics(1, 4)
    statistics.add(torch.tensor([[[0, 0, 1, 2]]]))
    # Frequencies 1/2, 1/4, 1/4: an entropy of 1.5 bits.
    assert statistics.perplexity().tolist() == pytest.approx([2**1.5])


@pytest.mark.parametrize(("kind", "steps"), [("discrete", [8]), ("v2", [])])
def test_each_validation_of_a_discrete_latent_counts_its_codes(tmp_path: Path, kind: str, steps: list[int]) -> None:
    run = toy_run(small_workspace(tmp_path), kind, "toy")
    assert attempt(run) == "finished"
    found = history(run).several(TAGS)
    assert [series.step.tolist() for series in found.values()] == 4 * [steps]
    if steps:
        usage, worst, perplexity, least = (float(series.value[-1]) for series in found.values())
        assert 1 / 16 <= worst <= usage <= 1
        assert 1 <= least <= perplexity <= 16
