"""The network whole: audio to latent to audio."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.encoder import Encoder
from ravetui.engine.model.encoder_v2 import EncoderV2
from ravetui.engine.model.generator import Generator
from ravetui.engine.model.generator_v2 import GeneratorV2
from ravetui.engine.model.latent import Latent
from ravetui.engine.model.noise import NoiseBranch
from ravetui.engine.model.pqmf import PQMF
from ravetui.runs.model_spec import ModelSpec

ENCODERS: dict[str, Callable[[ModelSpec], nn.Module]] = {"v1": Encoder, "v2": EncoderV2}
GENERATORS: dict[str, Callable[[ModelSpec], nn.Module]] = {"v1": Generator, "v2": GeneratorV2}


class RAVE(nn.Module):
    """RAVE (Caillon & Esling 2021, arXiv 2111.05011): a variational autoencoder on PQMF bands.

    Audio in is any multiple of ``hop_length`` samples: :func:`pad_to_hop` makes it so. Audio out is as long.

    Raises:
        ValueError: ``spec`` asks for an architecture, a number of bands or a noise filter that does not exist.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        if spec.architecture not in ENCODERS:
            raise ValueError(f"unknown architecture {spec.architecture!r}: {' or '.join(ENCODERS)}")
        self.hop_length = spec.hop_length
        """Samples of audio a latent frame stands for."""
        self.noise_phase = spec.noise_phase
        """First phase in which the noise branch is heard."""
        self.pqmf = PQMF(spec.n_band, spec.pqmf_attenuation, causal=spec.causal)
        self.delay = self.pqmf.delay if spec.causal else 0
        """Samples by which a causal network's audio is late; the few of any other's bank are as in the reference."""
        self.encoder = ENCODERS[spec.architecture](spec)
        self.generator = GENERATORS[spec.architecture](spec)

    def encode(self, x: Tensor) -> Latent:
        """Encode audio (batch, channels, samples) into a latent of ``samples / hop_length`` frames.

        Raises:
            ValueError: ``samples`` is not a multiple of ``hop_length``.
        """
        if x.shape[-1] % self.hop_length:
            raise ValueError(f"{x.shape[-1]} samples are not a multiple of hop_length = {self.hop_length}")
        latent: Latent = self.encoder(self.pqmf.analysis(x))
        return latent

    def decode_bands(self, z: Tensor, *, noise: bool) -> Tensor:
        """Decode a latent (batch, latent_size, frames) into bands (batch, channels * n_band, frames * prod(ratios))."""
        bands: Tensor = self.generator(z, noise)
        return bands

    def decode(self, z: Tensor, *, noise: bool) -> Tensor:
        """Decode a latent (batch, latent_size, frames) into audio (batch, channels, frames * hop_length)."""
        return self.pqmf.synthesis(self.decode_bands(z, noise=noise))

    def aligned(self, x: Tensor) -> Tensor:
        """Audio (batch, channels, samples) as late as a causal network's.

        The reference compares with audio on time, which no causal model can match (its issues 185 and 302).
        """
        return F.pad(x, (self.delay, 0))[..., : x.shape[-1]]

    def seed_noise(self, seed: int) -> None:
        """Draw what noise the decoder hears from generators of its own, each beginning with ``seed``."""
        for module in self.modules():
            if isinstance(module, NoiseBranch | GeneratorV2):
                module.seed(seed)

    def forward(self, x: Tensor, *, noise: bool = True) -> Tensor:
        """Reconstruct audio (batch, channels, samples) through the latent's mean."""
        return self.decode(self.encode(x).mean, noise=noise)


def pad_to_hop(x: Tensor, hop_length: int) -> Tensor:
    """Append zeros to audio (…, samples) up to the next multiple of ``hop_length`` samples."""
    return F.pad(x, (0, -x.shape[-1] % hop_length))
