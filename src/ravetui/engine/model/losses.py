"""The distances and games that training minimises. Weights are the trainer's: no function here applies one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ravetui.engine.model.blocks import single
from ravetui.engine.model.spectral_distance import spectral_distance
from ravetui.engine.model.stft import stft_magnitude


class MultiScaleSpectralDistance(nn.Module):
    """Distance between magnitude spectrograms at several resolutions, summed over them.

    At each: ``mean((X - Y)^2) / mean(X^2) + mean |log(X + epsilon) - log(Y + epsilon)|``, the form the reference
    computes (the paper's equation 5 has norms in place of means). Means are over the batch, so one silent crop is
    harmless; if all of X is quieter than the rounding noise of 16-bit audio, that noise's power stands in for it.

    Args:
        scales: ``n_fft`` of each resolution, multiples of 4; the hop is a quarter.
        log_epsilon: ``epsilon``, added to magnitudes.
    """

    def __init__(self, scales: Sequence[int], log_epsilon: float) -> None:
        super().__init__()
        self.scales = tuple(scales)
        self.log_epsilon = log_epsilon
        for n_fft in self.scales:
            self.register_buffer(f"window_{n_fft}", torch.hann_window(n_fft), persistent=False)

    def spectra(self, x: Tensor) -> list[Tensor]:
        """Magnitude spectrograms (batch * channels, frames, n_fft / 2 + 1) of ``x`` (batch, channels, samples), one
        a scale.

        Compute those of a target once, under ``torch.no_grad()``.

        Raises:
            RuntimeError: ``x`` has no more than half the largest ``n_fft`` samples.
        """
        x = x.flatten(0, 1)
        return [stft_magnitude(x, self.get_buffer(f"window_{n_fft}").to(x.dtype)) for n_fft in self.scales]

    def distance(self, spectra_x: Sequence[Tensor], spectra_y: Sequence[Tensor]) -> Tensor:
        """Distance of ``spectra_y`` from the target ``spectra_x``, a scalar; not symmetric.

        Raises:
            ValueError: ``spectra_x`` asks for a gradient.
        """
        total = spectra_y[0].new_zeros(())
        for n_fft, x, y in zip(self.scales, spectra_x, spectra_y, strict=True):
            total = total + spectral_distance(x, y, self.log_epsilon, _rounding_power(n_fft))
        return total

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Distance of ``y`` from the target ``x``, both (batch, channels, samples); no gradient reaches ``x``."""
        with torch.no_grad():
            target = self.spectra(x)
        return self.distance(target, self.spectra(y))


def hinge_discriminator(real_scores: Sequence[Tensor], fake_scores: Sequence[Tensor]) -> Tensor:
    """The discriminator's hinge loss (Lim & Ye, arXiv 1705.02894), summed over scales, a scalar.

    Args:
        real_scores: One score tensor a scale, of real audio.
        fake_scores: The same of generated audio.
    """
    losses = [
        torch.relu(1 - single(real)).mean() + torch.relu(1 + single(fake)).mean()
        for real, fake in zip(real_scores, fake_scores, strict=True)
    ]
    return torch.stack(losses).sum()


def hinge_generator(fake_scores: Sequence[Tensor]) -> Tensor:
    """The generator's part of the hinge game: minus the mean score, summed over scales, a scalar."""
    return -torch.stack([single(score).mean() for score in fake_scores]).sum()


def feature_matching(
    real_features: Sequence[Sequence[Tensor]],
    fake_features: Sequence[Sequence[Tensor]],
    *,
    skipped: int = 0,
    relative: bool = False,
) -> Tensor:
    """Mean absolute difference of the discriminator's features, mean over layers and then scales, a scalar.

    The score counts as a layer. Unweighted: the trainer applies ``LossSpec.feature_matching`` once, as the paper does
    (acids-rave 2.3.1 applies its weight twice). In the generator's step, compute ``real_features`` under
    ``torch.no_grad()``.

    Args:
        skipped: First layers of each scale that do not count.
        relative: Divide each layer's difference by the mean magnitude of its real features.
    """
    scales = []
    for real_scale, fake_scale in zip(real_features, fake_features, strict=True):
        layers = []
        for real, fake in list(zip(real_scale, fake_scale, strict=True))[skipped:]:
            difference = _mean(real - fake)
            layers.append(difference / _mean(real) if relative else difference)
        scales.append(torch.stack(layers).mean())
    return torch.stack(scales).mean()


def _mean(x: Tensor) -> Tensor:
    """Mean magnitude, summed in single precision if ``x`` is in half."""
    return x.abs().mean(dtype=torch.promote_types(x.dtype, torch.float32))


def _rounding_power(n_fft: int) -> float:
    """Mean power, in a Hann-windowed spectrum, of the error of rounding to 16 bits."""
    step = 2.0**-15
    return step**2 / 12 * 0.375 * n_fft
