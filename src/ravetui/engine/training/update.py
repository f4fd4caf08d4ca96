"""One optimiser update of either phase, and the losses it saw.

Phase 1 is an autoencoder: spectral distance of bands and full band, and how far the latent is from its prior. In phase
2 a step updates either the discriminator or the generator, never both (the reference's behaviour), and the encoder is
frozen unless the spec says otherwise. What a step does not need is not computed: the discriminator's step runs the
generator without a graph, and the generator's step the discriminator's real features without one.

Encoder, generator and discriminator compute in the precision of the state; filter bank, latent and losses in single.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ravetui.engine.model.blocks import single
from ravetui.engine.model.gradient_penalty import gradient_penalty
from ravetui.engine.model.latent import Latent
from ravetui.engine.model.losses import feature_matching, hinge_discriminator, hinge_generator
from ravetui.engine.training.descent import descend
from ravetui.engine.training.perturbation import perturbed
from ravetui.engine.training.state import TrainingState

Values = dict[str, dict[str, float]]
"""Table to column to value."""


@dataclass(frozen=True)
class Distances:
    """How far a reconstruction is from its target, and the bands it was computed from."""

    fullband: Tensor
    multiband: Tensor


def update(state: TrainingState, audio: Tensor) -> Values:
    """Do the update that makes ``state.step + 1`` and count it.

    Args:
        audio: Crops (batch, channels, samples) on the state's device.

    Returns:
        The journal's values of this step.
    """
    step = state.step + 1
    state.seed_step(step)
    if state.compiled and state.device.type == "cuda":
        # What a CUDA graph gave in the step before may be overwritten from now on.
        torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
    rate = state.learning_rate(step)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    if state.phase_2_step is None:
        values = _reconstruction(state, audio, rate)
    elif (step - state.phase_2_step - 1) % state.spec.training.discriminator_every == 0:
        values = _discriminator(state, audio)
    else:
        values = _adversarial(state, audio, rate)
    state.step = step
    return values


def distances(state: TrainingState, audio: Tensor, bands: Tensor, made: Tensor) -> Distances:
    """Distances of decoded bands (batch, channels * n_band, frames) from audio (batch, channels, samples).

    Where the spec says so, bands are compared without the margins that heard beyond the crop; the full band is whole,
    as in the reference.
    """
    with torch.no_grad():
        target_bands = state.rave.pqmf.analysis(audio)
    before, after = state.margins
    valid = slice(before, bands.shape[-1] - after)
    target = state.rave.aligned(audio)
    return Distances(state.distance(target, made), state.distance(target_bands[..., valid], bands[..., valid]))


def _reconstruction(state: TrainingState, audio: Tensor, rate: float) -> Values:
    beta = state.beta(state.step + 1)
    posterior = _encode(state, audio)
    bands = _decode_bands(state, perturbed(posterior.sample(), state.spec.training))
    found = distances(state, audio, bands, state.rave.pqmf.synthesis(bands))
    regularization = posterior.divergence() * beta
    loss = state.spec.loss.spectral * (found.fullband + found.multiband) + regularization
    descend(state, state.optimizer, loss)
    numbers = _numbers(state, state.optimizer, loss, found.fullband, found.multiband, regularization)
    return {"reconstruction": _reconstruction_row(numbers, beta, rate)}


def _discriminator(state: TrainingState, audio: Tensor) -> Values:
    with torch.no_grad():
        made = state.rave.pqmf.synthesis(_decode_bands(state, _encode(state, audio).sample()))
    r1 = state.spec.loss.r1
    if r1:
        audio = audio.detach().requires_grad_()
    # One pass over both: twice the batch costs less than two passes.
    both = torch.cat([audio, made])
    # A penalty is differentiated twice, which is no matter for half precision, and which compiled networks cannot.
    judge = state.discriminator if r1 else partial(state.call, state.discriminator)
    features = judge(both, scores_only=True)
    scores = [scale[-1] for scale in features]
    real = [single(score[: len(audio)]) for score in scores]
    fake = [single(score[len(audio) :]) for score in scores]
    loss = hinge_discriminator(real, fake)
    penalties = [r1 * gradient_penalty(real, audio)] if r1 else []
    loss = sum(penalties, loss)
    descend(state, state.discriminator_optimizer, loss)
    means = (torch.stack([score.mean() for score in scores]).mean() for scores in (real, fake))
    numbers = _numbers(state, state.discriminator_optimizer, loss, *means, *penalties)
    row = {"discriminator": dict(zip(("loss_dis", "pred_real", "pred_fake"), numbers[:3], strict=True))}
    return {**row, "penalty": {"gradient_penalty": numbers[3]}} if r1 else row


def _adversarial(state: TrainingState, audio: Tensor, rate: float) -> Values:
    loss_spec, beta = state.spec.loss, state.beta(state.step + 1)
    with torch.set_grad_enabled(state.encoder_learns):
        posterior = _encode(state, audio)
        latent = posterior.sample()
        regularization = posterior.divergence() * beta
    with torch.no_grad():
        real = state.call(state.discriminator, audio)
    bands = _decode_bands(state, perturbed(latent, state.spec.training))
    made = state.rave.pqmf.synthesis(bands)
    found = distances(state, audio, bands, made)
    for parameter in state.discriminator.parameters():
        parameter.requires_grad_(False)
    fake = state.call(state.discriminator, made)
    matching = loss_spec.feature_matching * feature_matching(
        real, fake, skipped=loss_spec.feature_matching_skipped, relative=loss_spec.feature_matching_relative
    )
    adversarial = hinge_generator([scale[-1] for scale in fake]) * loss_spec.adversarial
    loss = loss_spec.spectral * (found.fullband + found.multiband) + matching + adversarial
    if state.encoder_learns:
        loss = loss + regularization
    descend(state, state.optimizer, loss)
    for parameter in state.discriminator.parameters():
        parameter.requires_grad_(True)
    parts = (found.fullband, found.multiband, regularization, matching, adversarial)
    numbers = _numbers(state, state.optimizer, loss, *parts)
    return {
        "reconstruction": _reconstruction_row(numbers[:4], beta, rate),
        "adversarial": dict(zip(("feature_matching", "adversarial"), numbers[4:], strict=True)),
    }


def _encode(state: TrainingState, audio: Tensor) -> Latent:
    latent: Latent = state.call(state.rave.encoder, state.rave.pqmf.analysis(audio))
    return latent


def _decode_bands(state: TrainingState, latent: Tensor) -> Tensor:
    bands: Tensor = state.call(state.rave.generator, latent, state.with_noise)
    return bands


def _numbers(state: TrainingState, optimizer: torch.optim.Optimizer, *values: Tensor) -> list[float]:
    """All values of a step, and the norm of its gradient, in one transfer from the device."""
    gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients)
    found: list[float] = torch.stack([*(value.detach() for value in values), norm]).tolist()
    state.gradient_norm = found.pop()
    return found


def _reconstruction_row(numbers: list[float], beta: float, rate: float) -> dict[str, float]:
    loss, fullband, multiband, regularization = numbers
    return {
        "loss": loss,
        "fullband_spectral_distance": fullband,
        "multiband_spectral_distance": multiband,
        "regularization": regularization,
        "beta_factor": beta,
        "learning_rate": rate,
    }
