"""The shape of a run's networks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelSpec:
    """The shape of the network: RAVE v1 (Caillon & Esling 2021, arXiv 2111.05011) unless changed."""

    architecture: str = "v1"
    """Which family of encoder and generator: ``v1`` or ``v2``."""
    sampling_rate: int = 44100
    """Hz."""
    channels: int = 1
    """Audio channels in and out."""
    n_band: int = 16
    """PQMF bands."""
    pqmf_attenuation: float = 100.0
    """Stop-band attenuation of the PQMF prototype, dB."""
    capacity: int = 64
    """Channels after the first encoder convolution."""
    latent_size: int = 128
    """Dimensions of the latent."""
    latent: str = "normal"
    """What the encoder gives: ``normal`` a mean and a scale each; v2 also ``wasserstein``, points that are scattered
    like the prior, ``spherical``, points of the unit sphere, and ``discrete``, sums of code vectors."""
    quantizers: int = 16
    """Codebooks of a ``discrete`` latent, each for what those before it left over."""
    codebook_size: int = 1024
    """Code vectors of each codebook."""
    latent_noise: int = 0
    """Dimensions of normal noise that v2's generator hears beside the latent."""
    ratios: tuple[int, ...] = (4, 4, 4, 2)
    """Encoder strides; with ``n_band`` they give the hop length."""
    kernel_size: int = 3
    """Kernel of the residual convolutions."""
    dilations: tuple[tuple[int, ...], ...] = ((1, 1), (3, 1), (5, 1))
    """v1: of each of the generator's residual stacks, a tuple a residual layer. v2: a tuple a ratio, a number a
    residual unit, for the encoder in this order and for the generator in reverse."""
    activation: str = "leaky_relu"
    """Between the convolutions of v2: ``leaky_relu`` or ``snake``; v1 has leaky rectifiers."""
    causal: bool = False
    """Convolutions and filter bank hear nothing that comes later."""
    noise_ratios: tuple[int, ...] = (4, 4, 4)
    """Strides of the noise branch."""
    noise_bands: int = 5
    """Filter bands of the noise branch; 0 is none."""
    noise_width: int = 0
    """Channels inside the noise branch; 0 is ``capacity``."""
    noise_phase: int = 2
    """The first phase in which the noise branch is heard, and trained."""
    discriminator: str = "rave"
    """``rave`` judges periods and halvings of the rate, ``descript`` periods and spectrograms."""
    discriminator_periods: tuple[int, ...] = ()
    """Periods of the multi-period discriminator, samples; empty is none."""
    discriminator_n_ffts: tuple[int, ...] = ()
    """``n_fft`` of each spectrogram that ``descript`` judges; the hop is a quarter."""
    discriminator_capacity: int = 64
    """Channels of the discriminator's first layer."""
    discriminator_layers: int = 4
    """Strided convolutions of each of ``rave``'s networks."""
    discriminator_scales: int = 3
    """Resolutions that ``rave`` judges, each half of the one before."""
    discriminator_norm: str = "weight"
    """How the discriminator's convolutions are parametrised: ``weight`` as published, or ``spectral``, which bounds
    how steep each is (Miyato et al., arXiv 1802.05957)."""

    @property
    def hop_length(self) -> int:
        """Samples of audio a latent frame stands for."""
        hop = self.n_band
        for ratio in self.ratios:
            hop *= ratio
        return hop
