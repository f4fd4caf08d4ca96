import math

import pytest
import torch
from torch import Tensor

from ravetui.engine.model.pqmf import PQMF, filter_bank, prototype


def snr(x: Tensor, y: Tensor) -> float:
    """Signal to noise ratio of ``y`` as a copy of ``x``, dB."""
    return 10 * math.log10(x.square().sum().item() / (y - x).square().sum().item())


@pytest.mark.parametrize("n_band", [2, 4, 8, 16, 32, 64])
def test_synthesis_undoes_analysis_one_band_frame_late(n_band: int) -> None:
    pqmf = PQMF(n_band, 100.0)
    x = torch.randn(1, 1, 256 * n_band, generator=torch.Generator().manual_seed(0))
    y = pqmf.synthesis(pqmf.analysis(x))
    assert y.shape == x.shape
    edge = 40 * n_band
    assert snr(x[..., edge : -edge - n_band], y[..., edge + n_band : -edge]) > 55


@pytest.mark.parametrize(("n_band", "attenuation"), [(2, 100.0), (16, 100.0), (16, 40.0)])
def test_a_causal_bank_hears_only_the_past_and_is_late_by_its_delay(n_band: int, attenuation: float) -> None:
    pqmf = PQMF(n_band, attenuation, causal=True)
    x = torch.randn(1, 1, 512 * n_band, generator=torch.Generator().manual_seed(0))
    y = pqmf.synthesis(pqmf.analysis(x))
    edge = 100 * n_band
    late = x[..., edge - pqmf.delay : -pqmf.delay]
    assert snr(late, y[..., edge:]) > 0.55 * attenuation
    changed = x.clone()
    changed[..., 300 * n_band :] += 1
    assert torch.equal(pqmf.analysis(changed)[..., :300], pqmf.analysis(x)[..., :300])


def test_prototype_of_the_reference() -> None:
    taps = prototype(16, 100.0)
    assert len(taps) == 377
    assert filter_bank(16, 100.0).shape == (16, 512)
    assert taps.sum() == pytest.approx(1, abs=0.01)
    assert (taps == taps[::-1]).all()


@pytest.mark.parametrize("band", range(16))
def test_a_tone_lands_in_its_band(band: int) -> None:
    frequency = (band + 0.5) / 32  # cycles a sample, the middle of the band
    x = torch.sin(2 * math.pi * frequency * torch.arange(16 * 256))[None, None]
    power = PQMF(16, 100.0).analysis(x)[0, :, 40:-40].square().mean(1)
    assert int(power.argmax()) == band
    assert power[band] / power.sum() > 1 - 1e-6


def test_channels_are_split_each_for_itself() -> None:
    pqmf = PQMF(4, 100.0)
    x = torch.randn(2, 3, 256, generator=torch.Generator().manual_seed(0))
    bands = pqmf.analysis(x)
    assert bands.shape == (2, 12, 64)
    torch.testing.assert_close(bands[:, 4:8], pqmf.analysis(x[:, 1:2]))
    torch.testing.assert_close(pqmf.synthesis(bands)[:, 1:2], pqmf.synthesis(bands[:, 4:8]))


def test_two_band_frames_of_delay_delay_the_bands_by_two_frames() -> None:
    pqmf = PQMF(8, 100.0)
    x = torch.randn(1, 1, 1024, generator=torch.Generator().manual_seed(0))
    late = torch.nn.functional.pad(x, (16, 0))[..., :1024]
    torch.testing.assert_close(pqmf.analysis(late)[..., 34:-32], pqmf.analysis(x)[..., 32:-34])


def test_filters_are_no_weights() -> None:
    pqmf = PQMF(16, 100.0)
    assert not pqmf.state_dict()
    assert not list(pqmf.parameters())


@pytest.mark.parametrize("n_band", [0, 1, 3, 12])
def test_bands_must_be_a_power_of_two(n_band: int) -> None:
    with pytest.raises(ValueError, match=f"power of two .* not {n_band}"):
        PQMF(n_band, 100.0)
