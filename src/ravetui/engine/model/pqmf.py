"""The filter bank between audio and its sub-bands."""

import functools

import numpy as np
import numpy.typing as npt
import torch
from scipy import optimize, signal
from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.padding import padding


class PQMF(nn.Module):
    """Pseudo-quadrature mirror filter bank, near perfect reconstruction, critically sampled.

    Cosine-modulated bank on a Kaiser-window prototype (Lin & Vaidyanathan 1998; used by RAVE, arXiv 2111.05011, section
    3.1). Either direction is one convolution between the bands and the ``n_band`` phases of the audio. Synthesis after
    analysis returns the audio ``delay`` samples late, as the reference's does: ``n_band``, and twice the reach of the
    filters more if causal.

    The filters follow from the arguments alone, so they are not in the state dict.

    Args:
        n_band: Number of bands, a power of two.
        attenuation: Stop-band attenuation of the prototype, dB.
        causal: Hear nothing that comes later, at the price of a longer delay.

    Raises:
        ValueError: ``n_band`` is not a power of two, or less than 2.
    """

    analysis_weight: Tensor
    synthesis_weight: Tensor

    def __init__(self, n_band: int, attenuation: float, *, causal: bool = False) -> None:
        super().__init__()
        if n_band < 2 or n_band & (n_band - 1):
            raise ValueError(f"n_band must be a power of two of at least 2, not {n_band}")
        self.n_band = n_band
        bank = filter_bank(n_band, attenuation)
        length = bank.shape[1]
        # Phase p of band frame m is audio sample m * n_band + p. On phases both directions are convolutions of stride
        # 1, which are fast at every batch size: one of stride n_band on a single channel is not, at a batch of one.
        half = length // n_band // 2
        self.outside = padding(2 * half + 1, causal=causal)
        self.delay = n_band + (2 * half * n_band if causal else 0)
        """Samples by which synthesis after analysis is late."""
        analysis = np.pad(bank, ((0, 0), (0, n_band))).reshape(n_band, 2 * half + 1, n_band).transpose(0, 2, 1)
        # Band frame m + j - half reaches phase p through tap `taps`.
        phase, tap = np.meshgrid(np.arange(n_band), np.arange(2 * half + 1), indexing="ij")
        taps = (half - tap) * n_band + phase + length // 2 - n_band
        reachable = (taps >= 0) & (taps < length)
        synthesis = n_band * np.where(reachable, bank[:, np.clip(taps, 0, length - 1)], 0.0)
        self.register_buffer("analysis_weight", torch.from_numpy(analysis).float().contiguous(), persistent=False)
        self.register_buffer(
            "synthesis_weight", torch.from_numpy(synthesis).float().transpose(0, 1).contiguous(), persistent=False
        )

    def analysis(self, x: Tensor) -> Tensor:
        """Split audio into bands.

        Args:
            x: Audio (batch, channels, samples); ``samples`` a multiple of ``n_band``.

        Returns:
            Bands (batch, channels * n_band, samples / n_band), those of the first channel first, low to high.
        """
        batch, channels, samples = x.shape
        phases = x.reshape(batch * channels, samples // self.n_band, self.n_band).transpose(1, 2)
        bands = F.conv1d(F.pad(phases, self.outside), self.analysis_weight)
        return self._mirror(bands).reshape(batch, channels * self.n_band, -1)

    def synthesis(self, bands: Tensor) -> Tensor:
        """Join bands into audio.

        Args:
            bands: (batch, channels * n_band, frames), as :meth:`analysis` gives them.

        Returns:
            Audio (batch, channels, frames * n_band).
        """
        batch, _, frames = bands.shape
        bands = self._mirror(bands.reshape(-1, self.n_band, frames))
        phases = F.conv1d(F.pad(bands, self.outside), self.synthesis_weight)
        return phases.transpose(1, 2).reshape(batch, -1, frames * self.n_band)

    def _mirror(self, bands: Tensor) -> Tensor:
        # Decimation turns the odd bands' spectra upside down; alternating signs turn them back.
        sign = bands.new_ones(self.n_band, bands.shape[-1])
        sign[1::2, ::2] = -1
        return bands * sign


def filter_bank(n_band: int, attenuation: float) -> npt.NDArray[np.float64]:
    """Modulate the prototype to every band.

    Returns:
        Filters (n_band, taps); ``taps`` is the next power of two above the prototype's length, and the
        prototype's middle is at tap ``taps / 2 - 1``.
    """
    low_pass = prototype(n_band, attenuation)
    reach = len(low_pass) // 2
    time = np.arange(-reach, reach + 1)
    band = np.arange(n_band)[:, None]
    phase = (2 * band + 1) * np.pi / (2 * n_band) * time + (-1.0) ** band * np.pi / 4
    bank = 2 * low_pass * np.cos(phase)
    length = max(1 << len(low_pass).bit_length(), 2 * n_band)
    before = length // 2 - 1 - reach
    return np.pad(bank, ((0, 0), (before, length - len(low_pass) - before)))


@functools.lru_cache(maxsize=16)
def prototype(n_band: int, attenuation: float) -> npt.NDArray[np.float64]:
    """Design the low-pass whose autocorrelation all but vanishes at multiples of ``2 * n_band`` (Lin & Vaidyanathan).

    Returns:
        Taps (odd,), read-only, as the result is kept for the next call.
    """

    def design(cutoff: float) -> npt.NDArray[np.float64]:
        taps, beta = signal.kaiserord(attenuation, cutoff / np.pi)
        window = ("kaiser", beta)
        taps = 2 * (taps // 2) + 1
        return np.asarray(signal.firwin(taps, cutoff, window=window, scale=False, fs=2 * np.pi), dtype=np.float64)

    def ripple(cutoff: npt.NDArray[np.float64]) -> float:
        h = design(float(cutoff[0]))
        autocorrelation = np.correlate(h, h, mode="full")[len(h) - 1 :]
        return float(np.abs(autocorrelation[2 * n_band :: 2 * n_band]).max())

    # The cut-off falls as the bands grow in number, and so must its error.
    tolerance = min(1e-4, 1e-4 * 16 / n_band)
    low_pass = design(float(optimize.fmin(ripple, [1 / n_band], xtol=tolerance, disp=False)[0]))
    low_pass.flags.writeable = False
    return low_pass
