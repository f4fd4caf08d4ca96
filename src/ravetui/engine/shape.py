"""What a network and its crop can be, said before anything is built: free of torch."""

from collections.abc import Iterator

from ravetui.engine.model.reach import margins, most_taps
from ravetui.errors import ConfigError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import LossSpec

_BANDS_PER_FFT = 2
"""Reflect padding of the longest STFT needs more than half an ``n_fft`` of frames in each band."""


LATENTS = ("normal", "wasserstein", "spherical", "discrete")
_CODEBOOKS = (ModelSpec.quantizers, ModelSpec.codebook_size)
"""Of every spec that has none."""


def check_shape(model: ModelSpec) -> None:
    """Refuse a network that cannot be built.

    Raises:
        ConfigError: Names the first setting that is impossible.
    """
    for sentence in _faults(model):
        raise ConfigError("Impossible network", f"{sentence}.")


def _faults(model: ModelSpec) -> Iterator[str]:
    if model.n_band < 2 or model.n_band & (model.n_band - 1):
        yield f"n_band = {model.n_band} is not a power of two of at least 2"
    if model.kernel_size % 2 == 0:
        yield f"kernel_size = {model.kernel_size} is even: it must be odd"
    for name in ("capacity", "latent_size", "kernel_size", "discriminator_capacity", "discriminator_scales"):
        if getattr(model, name) < 1:
            yield f"{name} = {getattr(model, name)}, but it must be at least 1"
    for name in ("ratios", "noise_ratios", "discriminator_periods"):
        if min(getattr(model, name), default=1) < 1:
            yield f"{name} = {getattr(model, name)}, but each must be at least 1"
    for name in ("ratios", "noise_ratios", "dilations"):
        if not getattr(model, name):
            yield f"{name} is empty"
    if min((dilation for layer in model.dilations for dilation in layer), default=1) < 1:
        yield f"dilations = {model.dilations}, but each must be at least 1"
    if model.noise_bands < 0 or model.noise_bands == 1:
        yield f"noise_bands = {model.noise_bands} makes no filter: 2 or more do, 0 is no noise"
    if model.discriminator not in ("rave", "descript"):
        yield f"discriminator = {model.discriminator!r} is neither rave nor descript"
    if model.discriminator_norm not in ("weight", "spectral"):
        yield f"discriminator_norm = {model.discriminator_norm!r} is neither weight nor spectral"
    if model.discriminator == "descript" and not (model.discriminator_periods or model.discriminator_n_ffts):
        yield "discriminator_periods and discriminator_n_ffts are empty: descript needs one"
    if model.discriminator == "rave" and model.discriminator_n_ffts:
        yield "discriminator_n_ffts are for the discriminator descript"
    if min(model.discriminator_n_ffts, default=128) < 128:
        yield f"discriminator_n_ffts = {model.discriminator_n_ffts}, but each must be at least 128"
    if model.latent not in LATENTS:
        yield f"latent = {model.latent!r} is none of {', '.join(LATENTS)}"
    if model.latent == "discrete" and (model.quantizers < 1 or model.codebook_size < 2):
        sizes = f"quantizers = {model.quantizers} and codebook_size = {model.codebook_size}"
        yield f"{sizes}, but a discrete latent has at least 1 codebook of 2 vectors"
    if model.latent != "discrete" and (model.quantizers, model.codebook_size) != _CODEBOOKS:
        yield f"quantizers and codebook_size are for a discrete latent, and this one is {model.latent}"
    if model.latent_noise < 0:
        yield f"latent_noise = {model.latent_noise}, but it must be at least 0"
    if model.activation not in ("leaky_relu", "snake"):
        yield f"activation = {model.activation!r} is neither leaky_relu nor snake"
    yield from _FAULTS[model.architecture](model)


def _faults_v1(model: ModelSpec) -> Iterator[str]:
    if model.activation != "leaky_relu":
        yield f"activation = {model.activation!r} is for v2: v1 has leaky_relu"
    if model.latent != "normal" or model.latent_noise:
        yield "latent and latent_noise are for v2: v1 has a normal latent and none"


def _faults_v2(model: ModelSpec) -> Iterator[str]:
    if min(model.ratios) < 2:
        yield f"ratios = {model.ratios}, but each must be at least 2 in v2"
    if len(model.dilations) != len(model.ratios):
        yield f"dilations has {len(model.dilations)} tuples and ratios {len(model.ratios)} numbers: v2 wants as many"


_FAULTS = {"v1": _faults_v1, "v2": _faults_v2}


def check_crop(model: ModelSpec, loss: LossSpec, crop: int) -> None:
    """Refuse a crop, in samples, that training could not use.

    Raises:
        ConfigError: It is no whole number of latent frames, or too short for the losses.
    """
    if crop % model.hop_length:
        raise ConfigError(
            "Crop does not fit",
            f"crop = {crop} samples is not a multiple of the hop length {model.hop_length}.",
            f"Nearest: {max(round(crop / model.hop_length), 1) * model.hop_length}.",
        )
    longest = max(loss.stft_scales)
    needed = longest // _BANDS_PER_FFT + 1
    lost = sum(margins(model, most_taps(model.n_band, model.pqmf_attenuation))) if loss.valid_crop else 0
    if crop // model.n_band >= needed + lost:
        return
    enough = -(-(needed + lost) * model.n_band // model.hop_length) * model.hop_length
    if lost:
        raise ConfigError(
            "Crop too short",
            f"A crop of {crop} samples is shorter than the receptive field of {lost * model.n_band} and the "
            f"{needed * model.n_band} that n_fft {longest} needs in each band beside it.",
            f"Use a crop of at least {enough}, or shorter stft_scales.",
        )
    raise ConfigError(
        "Crop too short",
        f"crop = {crop} samples leaves {crop // model.n_band} in each band; "
        f"n_fft {longest} needs more than {longest // _BANDS_PER_FFT}.",
        f"Use a crop of at least {enough}, or shorter stft_scales.",
    )
