"""How far the network listens."""

from ravetui.engine.model.pqmf import prototype
from ravetui.engine.model.reach import margins, network_reach
from ravetui.runs.model_spec import ModelSpec


def receptive_field(spec: ModelSpec) -> tuple[int, int]:
    """Input samples that can change an output sample, through encoder and generator.

    v2's noise branch counts, v1's, which is silent in phase 1, does not: so the reference measures it. Exact for an
    output sample that begins a latent frame; the frame's others listen up to a hop farther to one side. Batch
    normalisation is that of evaluation: in training its statistics hear the whole batch.

    Returns:
        Samples before the output sample, and samples from it on (itself counted): their sum is the field's length. A
        causal network's second is not positive: the newest samples are not heard yet.
    """
    return network_reach(spec, _taps(spec))


def valid_margins(spec: ModelSpec) -> tuple[int, int]:
    """Band frames at a crop's two ends whose output heard zeros from beyond it.

    ``LossSpec.valid_crop`` leaves them out. The reference's rule: the receptive field of the audio, in band frames.
    """
    return margins(spec, _taps(spec))


def _taps(spec: ModelSpec) -> int:
    return len(prototype(spec.n_band, spec.pqmf_attenuation))
