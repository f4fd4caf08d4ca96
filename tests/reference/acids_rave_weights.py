"""Names of acids-rave 2.3.1's v1 weights in our modules."""

from collections.abc import Mapping

from torch import Tensor


def rave_weights(reference: Mapping[str, Tensor], stages: int = 4) -> dict[str, Tensor]:
    """State dict of our ``RAVE`` from that of theirs; ``stages`` is the number of ratios."""
    names = {f"encoder.{ours}": f"encoder.encoder.{theirs}" for ours, theirs in _encoder(stages).items()}
    names |= {f"generator.{ours}": f"decoder.{theirs}" for ours, theirs in _generator(stages).items()}
    return {ours: reference[theirs] for ours, theirs in names.items()}


def discriminator_weights(reference: Mapping[str, Tensor], scales: int = 3, layers: int = 4) -> dict[str, Tensor]:
    """State dict of our ``Discriminator`` from that of their whole model."""
    names: dict[str, str] = {}
    for scale in range(scales):
        theirs = f"discriminator.layers.{scale}.net"
        for layer in range(layers):
            ours = f"scales.{scale}.layers.{layer}"
            names |= _normed(ours, f"{theirs}.{2 * layer}") | {f"{ours}.bias": f"{theirs}.{2 * layer}.bias"}
        for parameter in ("weight", "bias"):
            names[f"scales.{scale}.score.{parameter}"] = f"{theirs}.{2 * layers}.{parameter}"
    return {ours: reference[theirs] for ours, theirs in names.items()}


def _encoder(stages: int) -> dict[str, str]:
    names = {"input.weight": "net.0.weight"}
    for stage in range(stages):
        for statistic in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
            names[f"stages.{stage}.0.{statistic}"] = f"net.{3 * stage + 1}.{statistic}"
        names[f"stages.{stage}.2.weight"] = f"net.{3 * stage + 3}.weight"
    names["output.weight"] = f"net.{3 * stages + 2}.weight"
    return names


def _generator(stages: int) -> dict[str, str]:
    names = _normed("input", "net.0")
    for stage in range(stages):
        names |= _normed(f"stages.{stage}.1", f"net.{2 * stage + 1}.net.1")
        for layer in range(3):
            for index in range(2):
                stack = f"net.{2 * stage + 2}.net.branches.0.net.{layer}.net.aligned.branches.0"
                names |= _normed(f"stages.{stage}.2.layers.{layer}.{index}", f"{stack}.{2 * index + 1}")
    names |= _normed("waveform", "synth.branches.0") | _normed("loudness", "synth.branches.1")
    for index in range(3):
        names[f"noise.convolutions.{index}.weight"] = f"synth.branches.2.net.{2 * index}.weight"
    return names


def _normed(ours: str, theirs: str) -> dict[str, str]:
    return {
        f"{ours}.parametrizations.weight.original0": f"{theirs}.weight_g",
        f"{ours}.parametrizations.weight.original1": f"{theirs}.weight_v",
    }
