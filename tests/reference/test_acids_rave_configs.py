"""Every configuration of acids-rave 2.3.1 that ours can be: the same audio from the same weights, or a refusal."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ravetui.engine.foreign.acids_rave import rave_weights
from ravetui.engine.foreign.checkpoint import load_network
from ravetui.engine.model.rave import RAVE
from ravetui.errors import CheckpointError
from ravetui.runs.foreign.described import described_model
from ravetui.runs.foreign.gin import read_gin
from tests.acids_checkpoint import write_checkpoint

FIXTURES = Path(__file__).parent / "fixtures"
CASES: dict[str, Any] = json.loads((FIXTURES / "acids_rave_configs.json").read_text())
REFUSED = {"v2+hybrid": "RAVE.input_mode = mel", "v2_nopqmf": "RAVE.output_mode = raw"}
COMPARED = sorted(CASES.keys() - REFUSED.keys())


@pytest.fixture(autouse=True)
def _known_noise(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The draws of noise are replaced, in the program and here, so that both hear the same."""

    def uniform(size: tuple[int, ...], *, dtype: torch.dtype, **_where: object) -> torch.Tensor:
        return (torch.arange(size[-1], dtype=dtype) * 0.618 % 1).expand(size)

    def normal(size: tuple[int, ...], *, dtype: torch.dtype, **_where: object) -> torch.Tensor:
        return torch.sin(torch.arange(size[-1], dtype=dtype)).expand(size)

    with torch.no_grad(), monkeypatch.context() as patch:
        patch.setattr(torch, "rand", uniform)
        patch.setattr(torch, "randn", normal)
        yield


def weights_of(case: str) -> dict[str, torch.Tensor]:
    """The weights that the program was given: each drawn from its name, as fixtures/README.md has it."""
    found = {}
    for name, shape in CASES[case]["shapes"].items():
        if not shape or name.endswith(("_x", "_y")):
            found[name] = torch.zeros(shape) if name != "decoder.warmed_up" else torch.tensor(1)
            continue
        draws = np.random.default_rng([int.from_bytes(name.encode()[-8:], "little") % 2**32, len(name)])
        noisy = "noise" in name or "branches.2" in name
        values = draws.standard_normal(shape) * (1.0 if noisy else 0.25)
        if name.endswith(("weight_g", "running_var", "alpha")):
            values = 0.6 + np.abs(values)
        found[name] = torch.from_numpy(values.astype(np.float32))
    return found


def audio(channels: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(5).standard_normal((1, channels, 32768)) * 0.5)


def ends(y: torch.Tensor) -> npt.NDArray[np.float64]:
    part = y.shape[-1] // 32
    joined: npt.NDArray[np.float64] = torch.cat([y[..., :part], y[..., -part:]], dim=-1).numpy()
    return joined


@pytest.mark.parametrize("case", COMPARED)
def test_it_renders_what_the_program_renders(case: str) -> None:
    with np.load(FIXTURES / "acids_rave_configs.npz") as arrays:
        theirs = arrays[case]
    spec = dataclasses.replace(described_model(read_gin(CASES[case]["config"])), channels=theirs.shape[1])
    rave = RAVE(spec).eval()
    rave.load_state_dict(rave_weights(spec, weights_of(case)))
    rave.double()
    heard = ends(rave(audio(spec.channels), noise=True))
    # In double precision; what is left is the filter banks, which are made in single.
    assert np.abs(heard - theirs).max() <= 1e-5 * np.abs(theirs).max()
    if spec.noise_bands:
        assert np.abs(ends(rave(audio(spec.channels), noise=False)) - theirs).max() > 1e-3 * np.abs(theirs).max()


@pytest.mark.parametrize("case", COMPARED)
def test_its_checkpoint_is_read_with_all_its_channels(case: str, tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "best.ckpt", weights_of(case))
    network = load_network(path, described_model(read_gin(CASES[case]["config"])), torch.device("cpu"))
    assert network.channels == (2 if case.endswith("-stereo") else 1)
    assert network.noise


@pytest.mark.parametrize(("case", "part"), REFUSED.items())
def test_a_network_that_ours_is_not_is_refused_by_the_part(case: str, part: str) -> None:
    with pytest.raises(CheckpointError, match=f"{part}, which our networks have not"):
        described_model(read_gin(CASES[case]["config"]))


def changed(case: str, before: str, after: str) -> str:
    text: str = CASES[case]["config"]
    assert before in text
    return text.replace(before, after)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (changed("v1+causal", "Generator.loud_stride = 1", "Generator.loud_stride = 4"), "Generator.loud_stride = 4"),
        (changed("v2+causal", "amplitude_modulation = True", "amplitude_modulation = False"), "amplitude_modulation"),
        (changed("v2+causal", "recurrent_layer = None", "recurrent_layer = @blocks.GRU"), "recurrent_layer = GRU"),
        (changed("v2+causal", "variational/convs.get_padding.mode = 'causal'", ""), ""),
        (changed("v2+causal", "\nconvs.get_padding.mode = 'causal'", "\nconvs.get_padding.mode = 'centered'"), "mode"),
        (changed("v2+causal", "encoder = @blocks.VariationalEncoder", "encoder = @mine.Encoder"), "RAVE.encoder"),
        (changed("v2+causal", "decoder = @blocks.GeneratorV2", "decoder = @blocks.Generator"), "with Generator"),
        (changed("v2+causal", "CAPACITY = 4", "CAPACITY = 4.5"), "does not tell EncoderV2.capacity"),
        ("", "does not tell RAVE.encoder"),
    ],
)
def test_what_is_changed_in_a_configuration_is_named(text: str, part: str) -> None:
    if not part:  # The encoder's own scope may be silent: then what holds for all holds for it.
        assert described_model(read_gin(text)).causal
        return
    with pytest.raises(CheckpointError, match=part):
        described_model(read_gin(text))


def test_codes_that_are_in_use_and_statistics_that_are_transferred_are_refused() -> None:
    discrete, v3 = weights_of("discrete"), weights_of("v3")
    with pytest.raises(CheckpointError, match="quantised"):
        rave_weights(
            described_model(read_gin(CASES["discrete"]["config"])), {**discrete, "encoder.enabled": torch.tensor(1)}
        )
    learnt = {name: torch.ones(1) for name in v3 if name.endswith("learn_x")}
    with pytest.raises(CheckpointError, match="transfers statistics"):
        rave_weights(described_model(read_gin(CASES["v3"]["config"])), {**v3, **learnt})
