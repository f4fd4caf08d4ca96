import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ravetui.engine.model.stft import stft_magnitude


def torch_magnitude(x: Tensor, window: Tensor) -> Tensor:
    n_fft = len(window)
    return torch.stft(x, n_fft, n_fft // 4, window=window, return_complex=True).abs().transpose(1, 2)


@pytest.mark.parametrize("n_fft", [8, 128, 2048])
@pytest.mark.parametrize("extra", [0, 1, 3])
def test_value_and_gradient_of_torch_stft(n_fft: int, extra: int) -> None:
    generator = torch.Generator().manual_seed(n_fft + extra)
    x = torch.randn(2, 3 * n_fft + extra, generator=generator, dtype=torch.double, requires_grad=True)
    window = torch.hann_window(n_fft, dtype=torch.double)
    ours, theirs = stft_magnitude(x, window), torch_magnitude(x, window)
    torch.testing.assert_close(ours, theirs)
    direction = torch.randn(ours.shape, generator=generator, dtype=torch.double)
    torch.testing.assert_close(torch.autograd.grad(ours, x, direction)[0], torch.autograd.grad(theirs, x, direction)[0])


def test_gradient_is_that_of_finite_differences() -> None:
    x = torch.randn(2, 37, generator=torch.Generator().manual_seed(0), dtype=torch.double, requires_grad=True)
    window = torch.hann_window(16, dtype=torch.double)
    assert torch.autograd.gradcheck(lambda x: stft_magnitude(x, window), x)


@settings(deadline=None)
@given(exponent=st.integers(-45, 10))
def test_gradient_stays_bounded_at_any_level(exponent: int) -> None:
    noise = torch.randn(1, 512, generator=torch.Generator().manual_seed(0))
    x = (noise * 10.0**exponent).requires_grad_()
    window = torch.hann_window(128)
    (gradient,) = torch.autograd.grad(stft_magnitude(x, window).sum(), x)
    # A sample is in 4 frames of 65 bins, twice where the edge is reflected, and moves no bin by more than it moves.
    assert gradient.abs().max() <= 65 * 4 * 2


def test_gradient_of_digital_silence_is_zero() -> None:
    x = torch.zeros(1, 512, requires_grad=True)
    (gradient,) = torch.autograd.grad(stft_magnitude(x, torch.hann_window(128)).sum(), x)
    assert (gradient == 0).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(dtype: torch.dtype) -> None:
    x = torch.randn(1, 512, generator=torch.Generator().manual_seed(0)).to(dtype)
    window = torch.hann_window(128)
    torch.testing.assert_close(stft_magnitude(x, window), stft_magnitude(x.float(), window))
