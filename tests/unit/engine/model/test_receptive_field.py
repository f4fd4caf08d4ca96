import dataclasses
from typing import Any

import pytest
import torch

from ravetui.engine.model.pqmf import prototype
from ravetui.engine.model.rave import RAVE
from ravetui.engine.model.reach import most_taps
from ravetui.engine.model.receptive_field import receptive_field
from ravetui.engine.presets import PRESETS, find_preset
from ravetui.runs.model_spec import ModelSpec


@pytest.mark.parametrize(
    ("preset", "field"),
    [
        ("v1", (24109, 22060)),
        ("v2", (27117, 26428)),
        ("v2+noise", (27117, 26428)),
        ("v2+snake", (27117, 26428)),
        ("v2+wasserstein", (27117, 26428)),
        ("v2+spherical", (27117, 26428)),
        ("v3", (27117, 26428)),
        ("v2-small", (10605, 10044)),
        ("discrete", (17901, 17724)),
    ],
)
def test_presets_have_the_references_field(preset: str, field: tuple[int, int]) -> None:
    """Its number for v2-small is 10604: see the next test."""
    assert receptive_field(find_preset(preset).model) == field


def test_the_reference_counts_a_sample_less_of_v2_small_than_lies_in_its_field() -> None:
    """Its 10604 is how many gradients are not zero, ours where the earliest of them is: 10605 is right.

    One sample inside hardly counts: the filter that reaches it has a root of its cosine there. In single precision,
    where its neighbours' gradients are 1e-43, its own is zero.
    """
    before, _ = receptive_field(find_preset("v2-small").model)
    spec = dataclasses.replace(find_preset("v2-small").model, capacity=2)
    torch.manual_seed(0)
    middle = 22 * spec.hop_length
    x = torch.randn(1, 1, 2 * middle, dtype=torch.double, requires_grad=True)
    (gradient,) = torch.autograd.grad(RAVE(spec).double().eval()(x)[0, 0, middle], x)
    heard = gradient[0, 0].abs()
    assert middle - int(heard.nonzero().min()) == before == 10605
    edge = heard[middle - before : middle - before + 10]
    faint = edge < 1e-10 * edge.median()
    assert faint.nonzero().flatten().tolist() == [4]
    assert before - int(faint.sum()) == 10604


@pytest.mark.parametrize(("preset", "length"), [("v2+causal", 51497), ("brave", 22811)])
def test_causal_presets_hear_as_many_samples_as_the_references_all_of_them_past(preset: str, length: int) -> None:
    before, after = receptive_field(find_preset(preset).model)
    assert before + after == length
    assert after <= 0


@pytest.mark.parametrize("preset", list(PRESETS))
def test_the_bound_on_the_filters_length_is_one_and_close(preset: str) -> None:
    """A plan is made without designing the filter."""
    model = find_preset(preset).model
    taps = len(prototype(model.n_band, model.pqmf_attenuation))
    assert taps <= most_taps(model.n_band, model.pqmf_attenuation) <= 1.2 * taps


@pytest.mark.parametrize(
    "shape",
    [
        {"n_band": 8, "ratios": (4, 2)},
        {"n_band": 4, "ratios": (3, 5)},
        {"n_band": 16, "ratios": (2,), "dilations": ((1,), (9,)), "kernel_size": 5},
        {"n_band": 2, "ratios": (2,)},
        {"n_band": 8, "ratios": (2,), "pqmf_attenuation": 40.0},
        {"n_band": 8, "ratios": (4, 1), "causal": True},
        {"architecture": "v2", "n_band": 4, "ratios": (2, 3), "dilations": ((1, 3), (2,)), "kernel_size": 5},
        {"architecture": "v2", "n_band": 8, "ratios": (4, 2), "dilations": ((1,), (3,)), "causal": True},
        {"architecture": "v2", "n_band": 2, "ratios": (4, 2), "dilations": ((1,), (1,)), "noise_ratios": (2, 2)},
    ],
)
def test_field_is_where_the_gradient_is(shape: dict[str, Any]) -> None:
    noise = 3 if "noise_ratios" in shape else 0
    spec = ModelSpec(capacity=2, latent_size=2, noise_bands=noise, **shape)
    before, after = receptive_field(spec)
    torch.manual_seed(0)
    model = RAVE(spec).double().eval()
    middle = (max(before, after) // spec.hop_length + 2) * spec.hop_length
    x = torch.randn(1, 1, 2 * middle, dtype=torch.double, requires_grad=True)
    model(x)[0, 0, middle].backward()
    assert x.grad is not None
    heard = x.grad[0, 0].nonzero()
    assert (middle - int(heard.min()), int(heard.max()) - middle + 1) == (before, after)
