import pytest
import torch

from ravetui.engine.model.critics import build_discriminator
from ravetui.engine.model.descript_discriminator import DescriptDiscriminator
from ravetui.runs.model_spec import ModelSpec

SPEC = ModelSpec(
    channels=2,
    discriminator="descript",
    discriminator_capacity=2,
    discriminator_periods=(3,),
    discriminator_n_ffts=(256,),
)


def test_features_of_each_network() -> None:
    torch.manual_seed(0)
    period, spectrum = build_discriminator(SPEC)(torch.randn(4, 2, 1024))
    assert [tuple(layer.shape) for layer in period] == [
        (4, 2, 114, 3),
        (4, 8, 38, 3),
        (4, 32, 13, 3),
        (4, 64, 5, 3),
        (4, 64, 5, 3),
        (4, 1, 5, 3),
    ]
    # 129 bins in bands of 12, 20, 32, 32 and 33, each halved three times; 1024 / 64 frames and one more.
    assert len(spectrum) == 5 * 5 + 1
    assert [tuple(layer.shape) for layer in spectrum[:5]] == [(4, 2, 17, n) for n in (12, 6, 3, 2, 2)]
    assert tuple(spectrum[-1].shape) == (4, 1, 17, 2 + 3 + 4 + 4 + 5)


def test_features_are_rectified_with_a_slope_of_a_tenth() -> None:
    torch.manual_seed(0)
    critic = DescriptDiscriminator(SPEC).periods[0]
    x = torch.randn(1, 2, 999)
    first = critic(x)[0]
    linear = critic.get_submodule("layers.0")(x.reshape(1, 2, 333, 3))
    torch.testing.assert_close(first, torch.where(linear > 0, linear, 0.1 * linear))


def test_a_band_hears_its_frequencies_alone() -> None:
    """A tone in the lowest band moves that band's first layer and leaves the highest band's almost still."""
    torch.manual_seed(0)
    critic = DescriptDiscriminator(SPEC).spectra[0]
    silence = torch.zeros(1, 2, 4096)
    tone = torch.sin(2 * torch.pi * 0.02 * torch.arange(4096)).expand(1, 2, 4096)
    # The edges of the crop are broadband: a sine does not go on there.
    changes = [
        (heard - still)[:, :, 8:-8].abs().mean().item()
        for heard, still in zip(critic(tone), critic(silence), strict=True)
    ]
    assert changes[0] > 1000 * changes[20]


def test_real_and_imaginary_parts_are_those_of_each_channel() -> None:
    torch.manual_seed(0)
    critic = DescriptDiscriminator(SPEC).spectra[0]
    seen: list[torch.Tensor] = []
    critic.get_submodule("bands.0.0").register_forward_hook(lambda _module, given, _output: seen.append(given[0]))
    x = torch.randn(3, 2, 1024)
    critic(x)
    for channel in (0, 1):
        spectrum = torch.stft(
            x[:, channel], 256, 64, window=torch.hann_window(256), normalized=True, return_complex=True
        )[:, :12].transpose(1, 2)
        torch.testing.assert_close(seen[0][:, 2 * channel], spectrum.real)
        torch.testing.assert_close(seen[0][:, 2 * channel + 1], spectrum.imag)


def test_an_unknown_discriminator_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown discriminator 'mean'"):
        build_discriminator(ModelSpec(discriminator="mean"))
