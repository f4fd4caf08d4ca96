"""What a run's networks weigh before they are built: parameters, memory of a step, size of a checkpoint.

Free of torch. Layers are counted as the modules of ``engine/model`` make them; what a step holds beside them is in a
few factors that were fitted to measured peaks on a CPU, and that a test compares with new ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import LossSpec, TrainingSpec

_BYTES = 4
_OPTIMISED = 4
"""Weight, gradient and Adam's two moments of each parameter."""
_KEPT = 3
"""Weight and both moments are what a checkpoint keeps."""
_A_LAYER = 2.6
"""Copies of what a convolution gives that a step holds: it, its rectified form, gradients under way."""
_A_SCALE = 34.0
"""Numbers a sample of audio that each scale of the spectral distance holds."""
_A_CRITIC = 6.0
"""Copies of what a discriminator's layer gives: of real and made audio, their differences and gradients."""
_PROCESS = 450 << 20
"""What the process takes before its first step, bytes."""


@dataclass(frozen=True)
class Layer:
    """One convolution."""

    weights: int
    outputs: float
    """Numbers it gives for one crop."""


@dataclass(frozen=True)
class Footprint:
    """Sizes of a run."""

    parameters: int
    """Of encoder and generator."""
    discriminator_parameters: int
    memory_1_bytes: int
    """Peak of a step of phase 1."""
    memory_2_bytes: int
    """Peak of a step of phase 2."""
    checkpoint_bytes: int


def footprint(model: ModelSpec, loss: LossSpec, training: TrainingSpec) -> Footprint:
    """The sizes of a run with these specs; memory is that of one rank."""
    network = [*_encoder(model, training.crop), *_generator(model, training.crop)]
    critics = list(_critics(model, training.crop))
    own, theirs = (sum(layer.weights for layer in layers) for layers in (network, critics))
    crops = training.batch_size * _BYTES
    layers = _A_LAYER * sum(layer.outputs for layer in network)
    distances = _A_SCALE * len(loss.stft_scales) * training.crop * model.channels
    judged = _A_CRITIC * sum(layer.outputs for layer in critics)
    # All optimisers exist from the start, but moments and gradients come with the first update.
    first = _PROCESS + _BYTES * (_OPTIMISED * own + theirs) + crops * (layers + distances)
    second = _PROCESS + _BYTES * _OPTIMISED * (own + theirs) + crops * (layers + distances + judged)
    average = own * _BYTES if training.ema_decay else 0
    size = _BYTES * _KEPT * (own + theirs) + average
    return Footprint(own, theirs, round(first + average), round(second + average), size)


def _encoder(model: ModelSpec, crop: int) -> Iterator[Layer]:
    bands, frames = model.channels * model.n_band, crop / model.n_band
    width, v2 = model.capacity, model.architecture == "v2"
    yield _conv(bands, width, 2 * model.kernel_size + 1 if v2 else 7, frames)
    for number, ratio in enumerate(model.ratios):
        if v2:
            yield from _units(model, width, model.dilations[number], frames)
        frames /= ratio
        # The batch norm of v1 gives as much again as it is given.
        yield _conv(width, 2 * width, 2 * ratio if v2 else 2 * ratio + 1, frames * (1 if v2 else 1.5))
        width *= 2
    heads = 1 if model.latent in ("wasserstein", "spherical", "discrete") else 2
    if v2:
        yield _conv(width, heads * model.latent_size, model.kernel_size, frames)
        if model.latent == "discrete":
            yield Layer(0, 2.0 * model.quantizers * frames * model.latent_size)
    else:
        yield Layer(width * model.latent_size * 5, 2 * model.latent_size * frames)


def _generator(model: ModelSpec, crop: int) -> Iterator[Layer]:
    bands, v2 = model.channels * model.n_band, model.architecture == "v2"
    width, frames = model.capacity * 2 ** len(model.ratios), crop / model.hop_length
    heard = model.latent_size + (model.latent_noise if v2 else 0)
    yield _conv(heard, width, model.kernel_size if v2 else 7, frames)
    ratios = tuple(reversed(model.ratios)) if v2 else model.ratios
    dilations = tuple(reversed(model.dilations))
    for number, ratio in enumerate(ratios):
        frames *= ratio
        taps = 2 * ratio if ratio > 1 else 3
        yield _conv(width, width // 2, taps, frames)
        width //= 2
        if v2:
            yield from _units(model, width, dilations[number], frames)
        else:
            for _ in (dilation for layer in model.dilations for dilation in layer):
                yield _conv(width, width, model.kernel_size, frames)
    taps = 2 * model.kernel_size + 1 if v2 else 7
    yield _conv(width, 2 * bands if v2 else bands, taps, frames)
    if not v2:
        yield _conv(width, model.channels, 3, frames)
    if model.noise_bands:
        yield from _noise(model, bands, frames)


def _units(model: ModelSpec, width: int, dilations: tuple[int, ...], frames: float) -> Iterator[Layer]:
    for _ in dilations:
        yield _conv(width, width, model.kernel_size, frames)
        yield _conv(width, width, 1, frames)


def _noise(model: ModelSpec, bands: int, frames: float) -> Iterator[Layer]:
    inside = model.noise_width or model.capacity
    widths = [model.capacity, *[inside] * (len(model.noise_ratios) - 1), bands * model.noise_bands]
    taps = [2 * ratio if model.architecture == "v2" else 3 for ratio in model.noise_ratios]
    yield Layer(0, 4 * bands * frames)
    for (before, after), ratio, size in zip(pairwise(widths), model.noise_ratios, taps, strict=True):
        frames /= ratio
        yield _conv(before, after, size, frames)


def _critics(model: ModelSpec, crop: int) -> Iterator[Layer]:
    capacity = model.discriminator_capacity
    if model.discriminator == "descript":
        widths = [model.channels, capacity, 4 * capacity, 16 * capacity, 32 * capacity]
        for _ in model.discriminator_periods:
            frames = float(crop)
            for before, after in pairwise(widths):
                frames /= 3
                yield _conv(before, after, 5, frames)
            yield _conv(widths[-1], widths[-1], 5, frames)
        for n_fft in model.discriminator_n_ffts:
            yield from _spectrum_critic(model.channels, capacity, crop, n_fft)
        return
    widths = [model.channels] + [capacity * 2**number for number in range(model.discriminator_layers)]
    lengths = [crop / 2**number for number in range(model.discriminator_scales)]
    for taps, length in [*((5, float(crop)) for _ in model.discriminator_periods), *((15, one) for one in lengths)]:
        for number, (before, after) in enumerate(pairwise(widths)):
            yield _conv(before, after, taps, length / 4 ** (number + 1))


_SPECTRUM_BANDS = 5


def _spectrum_critic(channels: int, width: int, crop: int, n_fft: int) -> Iterator[Layer]:
    """Of each of five bands of a spectrogram, layers that halve its bins three times."""
    points = crop / (n_fft / 4) * (n_fft / 2 + 1)
    one = 2 * channels * width * 27 + 3 * width * width * 27 + width * width * 9
    halvings = (1, 0.5, 0.25, 0.125, 0.125)
    yield Layer(_SPECTRUM_BANDS * one, width * points * sum(halvings))


def _conv(before: int, after: int, taps: int, frames: float) -> Layer:
    return Layer(before * after * taps, after * frames)
