from typing import Any

import pytest
import torch

from ravetui.engine.model.rave import RAVE
from ravetui.engine.model.receptive_field import receptive_field
from ravetui.runs.spec import ModelSpec


def test_v1_has_the_references_field() -> None:
    assert receptive_field(ModelSpec()) == (24109, 22060)


@pytest.mark.parametrize(
    "shape",
    [
        {"n_band": 8, "ratios": (4, 2)},
        {"n_band": 4, "ratios": (3, 5)},
        {"n_band": 16, "ratios": (2,), "dilations": ((1,), (9,)), "kernel_size": 5},
        {"n_band": 2, "ratios": (2,)},
        {"n_band": 8, "ratios": (2,), "pqmf_attenuation": 40.0},
    ],
)
def test_field_is_where_the_gradient_is(shape: dict[str, Any]) -> None:
    spec = ModelSpec(capacity=2, latent_size=2, **shape)
    before, after = receptive_field(spec)
    torch.manual_seed(0)
    model = RAVE(spec).double().eval()
    middle = ((before + after) // spec.hop_length + 2) * spec.hop_length
    x = torch.randn(1, 1, 2 * middle, dtype=torch.double, requires_grad=True)
    model(x, noise=False)[0, 0, middle].backward()
    assert x.grad is not None
    heard = x.grad[0, 0].nonzero()
    assert (middle - int(heard.min()), int(heard.max()) - middle + 1) == (before, after)
