import dataclasses
import math

import pytest
import torch

from ravetui.engine.model.noise import NoiseBranch, impulse_responses, noise_branch_v1, noise_branch_v2
from ravetui.runs.model_spec import ModelSpec

SPEC = ModelSpec(n_band=4, capacity=8)
LONG = ModelSpec(n_band=4, capacity=8, noise_bands=9, noise_ratios=(2, 2), noise_width=6)
"""Filters of 16 taps for blocks of 4 frames."""


def branch_of(spec: ModelSpec) -> NoiseBranch:
    branch = noise_branch_v1(spec)
    assert branch is not None
    return branch


def test_equal_amplitudes_are_an_impulse_at_time_zero() -> None:
    response = impulse_responses(torch.full((5,), 0.7), torch.hann_window(8), 64)
    expected = torch.zeros(64)
    expected[0] = 0.7
    torch.testing.assert_close(response, expected)


def test_amplitude_at_0_hz_is_a_tapered_constant() -> None:
    """Time 0 first, negative times at the end."""
    response = impulse_responses(torch.tensor([1.0, 0, 0, 0, 0]), torch.hann_window(8), 16)
    window = [(1 + math.cos(2 * math.pi * t / 8)) / 2 / 8 for t in range(-4, 4)]
    torch.testing.assert_close(response, torch.tensor(window[4:] + [0.0] * 8 + window[:4]))


@pytest.mark.parametrize("frames", [64, 128, 96, 50])
def test_frames_of_the_features(frames: int) -> None:
    torch.manual_seed(0)
    assert branch_of(SPEC)(torch.randn(2, 8, frames)).shape == (2, 4, frames)


def test_silent_weights_leave_ddsps_floor_of_white_noise() -> None:
    """Amplitude 2 sigmoid(-5)^2.3, of uniform noise: a standard deviation of it over the root of 3."""
    torch.manual_seed(0)
    branch = branch_of(SPEC)
    for parameter in branch.parameters():
        torch.nn.init.zeros_(parameter)
    noise = branch(torch.randn(4, 8, 64 * 64))
    amplitude = 2 / (1 + math.exp(5)) ** 2.3 + 1e-7
    assert noise.std().item() == pytest.approx(amplitude / math.sqrt(3), rel=0.02)
    assert noise.abs().max().item() <= amplitude * 1.0001
    neighbours = (noise[..., 1:] * noise[..., :-1]).mean() / noise.square().mean()
    assert abs(neighbours.item()) < 0.02


def test_a_block_is_its_noise_through_its_filter() -> None:
    """Against a direct convolution, with the noise drawn a second time from the same seed."""
    torch.manual_seed(0)
    branch = branch_of(dataclasses.replace(SPEC, noise_ratios=(4, 4)))
    for parameter in branch.parameters():
        torch.nn.init.normal_(parameter, std=2.0)
    seen = []
    x = torch.randn(1, 8, 32)
    branch.convolutions[-1].register_forward_hook(lambda _module, _input, output: seen.append(output))
    torch.manual_seed(1)
    noise = branch(x)[0]
    amplitudes = (2 * torch.sigmoid(seen[0] - 5) ** 2.3 + 1e-7).reshape(4, 5, 2)
    torch.manual_seed(1)
    white = torch.rand(1, 4, 2, 16)[0] * 2 - 1
    for band in range(4):
        for block in range(2):
            response = impulse_responses(amplitudes[band, :, block], branch.window, 16).tolist()
            sound = white[band, block].tolist()
            direct = [sum(response[n - k] * sound[k] for k in range(n + 1)) for n in range(16)]
            assert noise[band, 16 * block : 16 * (block + 1)].tolist() == pytest.approx(direct, abs=1e-5)


def test_a_response_longer_than_its_block_is_cut_to_its_beginning() -> None:
    whole = impulse_responses(torch.rand(9, generator=torch.Generator().manual_seed(0)), torch.hann_window(16), 16)
    cut = impulse_responses(torch.rand(9, generator=torch.Generator().manual_seed(0)), torch.hann_window(16), 4)
    # Times -8 to -5, the last of them at index -5 of the whole; eight turns of four leave them in place.
    torch.testing.assert_close(cut, whole[8:12])


def test_a_v2_branch_hears_a_block_and_the_one_before() -> None:
    branch = noise_branch_v2(LONG)
    assert branch is not None
    x = torch.randn(1, 8, 32, generator=torch.Generator().manual_seed(0), requires_grad=True)
    amplitudes = branch.convolutions[1](branch.activations[0](branch.convolutions[0](x)))
    amplitudes[0, :, 5].sum().backward()
    assert x.grad is not None
    heard = x.grad[0].abs().sum(0).nonzero().flatten()
    assert (int(heard.min()), int(heard.max())) == (4 * 5 - 6, 4 * 5 + 3)


def test_no_noise_bands_are_no_branch_and_one_makes_no_filter() -> None:
    for branch in (noise_branch_v1, noise_branch_v2):
        assert branch(dataclasses.replace(SPEC, noise_bands=0)) is None
        with pytest.raises(ValueError, match="noise_bands = 1"):
            branch(dataclasses.replace(SPEC, noise_bands=1))
