"""How far the network listens, given the length of its filter bank's prototype: whole numbers only, no torch."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from ravetui.engine.model.padding import padding, upsampling_padding
from ravetui.runs.model_spec import ModelSpec

Network = Callable[["Reach", ModelSpec], "Reach"]


@dataclass(frozen=True)
class Reach:
    """The inputs that an output at time 0 hears, followed from the output towards the input."""

    first: int
    """The earliest, in frames or samples of the present layer's input."""
    last: int
    """The latest."""

    def conv(self, kernel_size: int, dilation: int = 1, *, stride: int = 1, causal: bool = False) -> "Reach":
        """Through a convolution of :func:`ravetui.engine.model.blocks.conv`."""
        before, after = padding(kernel_size, dilation, causal=causal)
        return Reach(stride * self.first - before, stride * self.last + after)

    def upsampling(self, ratio: int, *, causal: bool) -> "Reach":
        """Through a transposed convolution: input i reaches 2 ratios of outputs from ``i * ratio - inside`` on."""
        if ratio == 1:
            return self.conv(3, causal=causal)
        inside, _ = upsampling_padding(ratio)
        return Reach(-((2 * ratio - 1 - inside - self.first) // ratio), (self.last + inside) // ratio)

    def blocks(self, ratios: Sequence[int]) -> "Reach":
        """Through the noise branch of v2: a block hears itself and what its strided convolutions reach before it."""
        block = prod(ratios)
        first, last = self.first // block, self.last // block
        for ratio in reversed(ratios):
            first, last = ratio * (first - 1), ratio * (last + 1) - 1
        return Reach(first, last)

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(min(self.first, other.first), max(self.last, other.last))

    def later(self, frames: int) -> "Reach":
        """As heard through a delay."""
        return Reach(self.first - frames, self.last - frames)


def network_reach(spec: ModelSpec, taps: int) -> tuple[int, int]:
    """Input samples that can change an output sample that begins a latent frame.

    The noise branch counts if it is heard from the first phase on.

    Args:
        taps: Length of the prototype filter.

    Returns:
        Samples before the output sample, and samples from it on (itself counted): their sum is the field's length. A
        causal network's second is not positive: the newest samples are not heard yet.
    """
    delay = bank_half(spec.n_band, taps) if spec.causal else 0
    around = taps // 2
    # Output sample n hears the band frames whose filter, centred at n_band * (frame + 1) - 1, reaches it.
    first, last = -((spec.n_band - 1 + around) // spec.n_band), (1 - spec.n_band + around) // spec.n_band
    bands = Reach(first, last).later(delay)
    through_encoder, through_generator = NETWORKS[spec.architecture]
    bands = through_encoder(through_generator(bands, spec), spec).later(delay)
    # Band frame m is a filter centred on input sample n_band * m - 1.
    return -(bands.first * spec.n_band - 1 - around), bands.last * spec.n_band - 1 + around + 1


def margins(spec: ModelSpec, taps: int) -> tuple[int, int]:
    """Band frames at a crop's two ends whose output heard zeros from beyond it."""
    before, after = network_reach(spec, taps)
    return before // spec.n_band, max(-(-after // spec.n_band), 0)


def bank_half(n_band: int, taps: int) -> int:
    """Band frames that a filter of the bank reaches to either side: it is as long as the next power of two."""
    return max(1 << taps.bit_length(), 2 * n_band) // n_band // 2


def most_taps(n_band: int, attenuation: float) -> int:
    """A bound on the prototype's length, a few per cent above it.

    Its cut-off is optimised from the ideal low-pass's, ``pi / (2 n_band)``, upwards; Kaiser's formula gives the taps.
    """
    return math.ceil((attenuation - 7.95) / (2.285 * math.pi / (2 * n_band))) + 1


def _generator_v1(reach: Reach, spec: ModelSpec) -> Reach:
    causal = spec.causal
    reach = reach.conv(7, causal=causal)  # the waveform head, which covers the loudness head's 3
    for ratio in reversed(spec.ratios):
        for layer in spec.dilations:
            for dilation in layer:
                reach = reach.conv(spec.kernel_size, dilation, causal=causal)
        reach = reach.upsampling(ratio, causal=spec.causal)
    return reach.conv(7, causal=causal)


def _encoder_v1(reach: Reach, spec: ModelSpec) -> Reach:
    reach = reach.conv(5, causal=spec.causal)
    for ratio in reversed(spec.ratios):
        reach = reach.conv(2 * ratio + 1, stride=ratio, causal=spec.causal)
    return reach.conv(7, causal=spec.causal)


def _generator_v2(reach: Reach, spec: ModelSpec) -> Reach:
    waveform = reach.conv(2 * spec.kernel_size + 1, causal=spec.causal)
    reach = waveform | reach.blocks(spec.noise_ratios) if spec.noise_bands else waveform
    for ratio, dilations in zip(spec.ratios, spec.dilations, strict=True):
        for dilation in dilations:
            reach = reach.conv(spec.kernel_size, dilation, causal=spec.causal)
        reach = reach.upsampling(ratio, causal=spec.causal)
    return reach.conv(spec.kernel_size, causal=spec.causal)


def _encoder_v2(reach: Reach, spec: ModelSpec) -> Reach:
    reach = reach.conv(spec.kernel_size, causal=spec.causal)
    for ratio, dilations in reversed(list(zip(spec.ratios, spec.dilations, strict=True))):
        reach = reach.conv(2 * ratio, stride=ratio, causal=spec.causal)
        for dilation in dilations:
            reach = reach.conv(spec.kernel_size, dilation, causal=spec.causal)
    return reach.conv(2 * spec.kernel_size + 1, causal=spec.causal)


NETWORKS: dict[str, tuple[Network, Network]] = {
    "v1": (_encoder_v1, _generator_v1),
    "v2": (_encoder_v2, _generator_v2),
}
"""Architecture to its encoder and generator."""
