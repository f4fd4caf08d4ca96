"""How far the network listens."""

from ravetui.engine.model.pqmf import prototype
from ravetui.runs.spec import ModelSpec


def receptive_field(spec: ModelSpec) -> tuple[int, int]:
    """Input samples that can change an output sample, through encoder and generator, without the noise branch.

    Exact for an output sample that begins a latent frame; the frame's others listen up to a hop farther to one side.
    Batch normalisation is that of evaluation: in training its statistics hear the whole batch.

    Returns:
        Samples before the output sample, and samples from it on (itself counted): their sum is the field's length.
    """
    reach = len(prototype(spec.n_band, spec.pqmf_attenuation)) // 2
    # Output sample n hears the band frames whose filter, centred at n_band * (frame + 1) - 1, reaches it.
    first, last = -((spec.n_band - 1 + reach) // spec.n_band), (1 - spec.n_band + reach) // spec.n_band
    first, last = first - 3, last + 3  # waveform head: a kernel of 7, which covers the loudness head's 3
    stack = spec.kernel_size // 2 * sum(dilation for layer in spec.dilations for dilation in layer)
    for ratio in reversed(spec.ratios):
        first, last = first - stack, last + stack
        # A transposed convolution spreads input i over the 2 * ratio outputs from i * ratio - padding on.
        padding = (ratio + 1) // 2
        first, last = -((2 * ratio - 1 - padding - first) // ratio), (last + padding) // ratio
    first, last = first - 3 - 2, last + 3 + 2  # the generator's input, a kernel of 7, and the encoder's output, of 5
    for ratio in reversed(spec.ratios):
        first, last = ratio * (first - 1), ratio * (last + 1)
    first, last = first - 3, last + 3  # the encoder's input: a kernel of 7
    # Band frame m is a filter centred on input sample n_band * m - 1.
    return -(first * spec.n_band - 1 - reach), last * spec.n_band - 1 + reach + 1
