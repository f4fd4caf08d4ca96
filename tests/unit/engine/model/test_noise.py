import dataclasses
import math

import pytest
import torch

from ravetui.engine.model.noise import NoiseBranch, impulse_responses
from ravetui.runs.spec import ModelSpec

SPEC = ModelSpec(n_band=4, capacity=8)


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
    assert NoiseBranch(SPEC)(torch.randn(2, 8, frames)).shape == (2, 4, frames)


def test_silent_weights_leave_ddsps_floor_of_white_noise() -> None:
    """Amplitude 2 sigmoid(-5)^2.3, of uniform noise: a standard deviation of it over the root of 3."""
    torch.manual_seed(0)
    branch = NoiseBranch(SPEC)
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
    branch = NoiseBranch(dataclasses.replace(SPEC, noise_ratios=(4, 4)))
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


def test_a_filter_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="filters of 8 taps for blocks of 4 frames"):
        NoiseBranch(dataclasses.replace(SPEC, noise_ratios=(2, 2)))
