"""Weights of acids-rave 2.3.1 under the names of our modules."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ravetui.errors import CheckpointError
from ravetui.runs.model_spec import ModelSpec

Names = dict[str, str]
"""Our name to theirs."""

_BATCH_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_BRANCH = "branches.0"
"""Theirs of what a residual connection goes around."""
_TRANSFERRING = ("num_update_x", "learn_x")
"""Of v3's instance normalisation, one before each residual unit: zero, it passes on what it gets."""


def rave_weights(spec: ModelSpec, theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """State dict of our ``RAVE`` from that of their whole model.

    Raises:
        CheckpointError: ``theirs`` is of another configuration than ``spec``, or quantises its latent, or transfers
            statistics between recordings.
    """
    if spec.latent == "discrete" or bool(theirs.get("encoder.enabled", torch.tensor(0))):
        raise CheckpointError("Not read", "A checkpoint of acids-rave whose latent is quantised is not read.")
    normalised = [name for name in theirs if name.endswith(_TRANSFERRING)]
    if any(bool(theirs[name].any()) for name in normalised):
        raise CheckpointError("Not read", f"The checkpoint transfers statistics ({normalised[0]}): that is not read.")
    if spec.architecture == "v1":
        encoder, generator = _encoder_v1(spec), _generator_v1(spec)
    else:
        unit = 2 if normalised else 1
        encoder, generator = _encoder_v2(spec, unit), _generator_v2(spec, unit)
    names = {f"encoder.{ours}": f"encoder.encoder.{name}" for ours, name in encoder.items()}
    names |= {f"generator.{ours}": f"decoder.{name}" for ours, name in generator.items()}
    found = _pick(theirs, names)
    if spec.architecture == "v1" and spec.channels > 1:
        # Theirs has one envelope for all audio channels, ours one each.
        same = {name: tensor for name, tensor in found.items() if name.startswith("generator.loudness.")}
        found |= {name: tensor.repeat(spec.channels, 1, 1) for name, tensor in same.items() if len(tensor) == 1}
    return found


def discriminator_weights(spec: ModelSpec, theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """State dict of our ``Discriminator`` from that of their whole model.

    Raises:
        CheckpointError: ``theirs`` is of another configuration than ``spec``.
    """
    names: Names = {}
    scales = "discriminator"
    if spec.discriminator_periods:
        scales = "discriminator.discriminators.1"
        for index in range(len(spec.discriminator_periods)):
            names |= _critic(spec, f"periods.{index}", f"discriminator.discriminators.0.layers.{index}.net")
    for index in range(spec.discriminator_scales):
        names |= _critic(spec, f"scales.{index}", f"{scales}.layers.{index}.net")
    return _pick(theirs, names)


def _pick(theirs: Mapping[str, Tensor], names: Names) -> dict[str, Tensor]:
    lacking = [name for name in names.values() if name not in theirs]
    if lacking:
        raise CheckpointError("Other model", f"The acids-rave checkpoint has no {lacking[0]}: it is another model.")
    return {ours: theirs[name] for ours, name in names.items()}


def _critic(spec: ModelSpec, ours: str, theirs: str) -> Names:
    names: Names = {}
    for layer in range(spec.discriminator_layers):
        names |= _normed(f"{ours}.layers.{layer}", f"{theirs}.{2 * layer}")
        names[f"{ours}.layers.{layer}.bias"] = f"{theirs}.{2 * layer}.bias"
    for parameter in ("weight", "bias"):
        names[f"{ours}.score.{parameter}"] = f"{theirs}.{2 * spec.discriminator_layers}.{parameter}"
    return names


def _encoder_v1(spec: ModelSpec) -> Names:
    names = {"input.weight": "net.0.weight"}
    stages = len(spec.ratios)
    for stage in range(stages):
        for statistic in _BATCH_NORM:
            names[f"stages.{stage}.0.{statistic}"] = f"net.{3 * stage + 1}.{statistic}"
        names[f"stages.{stage}.2.weight"] = f"net.{3 * stage + 3}.weight"
    names["output.weight"] = f"net.{3 * stages + 2}.weight"
    return names


def _generator_v1(spec: ModelSpec) -> Names:
    names = _normed("input", "net.0")
    for stage in range(len(spec.ratios)):
        names |= _normed(f"stages.{stage}.1", f"net.{2 * stage + 1}.net.1")
        for layer, dilations in enumerate(spec.dilations):
            for index in range(len(dilations)):
                stack = f"net.{2 * stage + 2}.net.{_BRANCH}.net.{layer}.net.aligned.{_BRANCH}"
                names |= _normed(f"stages.{stage}.2.layers.{layer}.{index}", f"{stack}.{2 * index + 1}")
    names |= _normed("waveform", "synth.branches.0") | _normed("loudness", "synth.branches.1")
    if spec.noise_bands:
        for index in range(len(spec.noise_ratios)):
            names[f"noise.convolutions.{index}.weight"] = f"synth.branches.2.net.{2 * index}.weight"
    return names


def _encoder_v2(spec: ModelSpec, unit: int) -> Names:
    """Each residual unit has ``unit`` places in theirs, its own the last."""
    names = _normed("input", "net.0")
    theirs = 1
    for stage, dilations in enumerate(spec.dilations):
        for number in range(len(dilations)):
            names |= _unit(f"stages.{stage}.{number}", f"net.{theirs + unit * number + unit - 1}")
        theirs += unit * len(dilations)
        names |= _activation(spec, f"stages.{stage}.{len(dilations)}", f"net.{theirs}")
        names |= _normed(f"stages.{stage}.{len(dilations) + 1}", f"net.{theirs + 1}")
        theirs += 2
    return names | _activation(spec, "activation", f"net.{theirs}") | _normed("output", f"net.{theirs + 1}")


def _generator_v2(spec: ModelSpec, unit: int) -> Names:
    """See :func:`_encoder_v2`."""
    names = _normed("input", "net.0")
    theirs = 1
    for stage, dilations in enumerate(reversed(spec.dilations)):
        names |= _activation(spec, f"stages.{stage}.0", f"net.{theirs}")
        names |= _normed(f"stages.{stage}.1", f"net.{theirs + 1}")
        theirs += 2
        for number in range(len(dilations)):
            names |= _unit(f"stages.{stage}.{number + 2}", f"net.{theirs + unit * number + unit - 1}")
        theirs += unit * len(dilations)
    names |= _activation(spec, "activation", f"net.{theirs}")
    if not spec.noise_bands:
        return names | _normed("waveform", f"net.{theirs + 1}")
    for index in range(len(spec.noise_ratios)):
        names[f"noise.convolutions.{index}.weight"] = f"noise_module.net.{2 * index}.weight"
        if index + 1 < len(spec.noise_ratios):
            names |= _activation(spec, f"noise.activations.{index}", f"noise_module.net.{2 * index + 1}")
    return names | _normed("waveform", "waveform_module")


def _activation(spec: ModelSpec, ours: str, theirs: str) -> Names:
    return {f"{ours}.alpha": f"{theirs}.alpha"} if spec.activation == "snake" else {}


def _unit(ours: str, theirs: str) -> Names:
    inside = f"{theirs}.aligned.{_BRANCH}.net"
    return _normed(f"{ours}.layers.1", f"{inside}.1") | _normed(f"{ours}.layers.3", f"{inside}.3")


def _normed(ours: str, theirs: str) -> Names:
    return {
        f"{ours}.parametrizations.weight.original0": f"{theirs}.weight_g",
        f"{ours}.parametrizations.weight.original1": f"{theirs}.weight_v",
    }
