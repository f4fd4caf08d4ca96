"""What a run was asked to do, frozen at its creation in ``spec.toml``."""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import tomlkit

from ravetui.errors import RunError
from ravetui.runs.atomic import write_bytes

FORMAT = 1
T = TypeVar("T")


@dataclass(frozen=True)
class ModelSpec:
    """The shape of the network: RAVE v1 (Caillon & Esling 2021, arXiv 2111.05011) unless changed."""

    architecture: str = "v1"
    """Which family of encoder and generator: ``v1`` or ``v2``."""
    sampling_rate: int = 44100
    """Hz."""
    channels: int = 1
    """Audio channels in and out."""
    n_band: int = 16
    """PQMF bands."""
    pqmf_attenuation: float = 100.0
    """Stop-band attenuation of the PQMF prototype, dB."""
    capacity: int = 64
    """Channels after the first encoder convolution."""
    latent_size: int = 128
    """Dimensions of the latent."""
    latent: str = "normal"
    """What the encoder gives: ``normal`` a mean and a scale each; v2 also ``wasserstein``, points that are scattered
    like the prior, and ``spherical``, points of the unit sphere."""
    latent_noise: int = 0
    """Dimensions of normal noise that v2's generator hears beside the latent."""
    ratios: tuple[int, ...] = (4, 4, 4, 2)
    """Encoder strides; with ``n_band`` they give the hop length."""
    kernel_size: int = 3
    """Kernel of the residual convolutions."""
    dilations: tuple[tuple[int, ...], ...] = ((1, 1), (3, 1), (5, 1))
    """v1: of each of the generator's residual stacks, a tuple a residual layer. v2: a tuple a ratio, a number a
    residual unit, for the encoder in this order and for the generator in reverse."""
    activation: str = "leaky_relu"
    """Between the convolutions of v2: ``leaky_relu`` or ``snake``; v1 has leaky rectifiers."""
    causal: bool = False
    """Convolutions and filter bank hear nothing that comes later."""
    noise_ratios: tuple[int, ...] = (4, 4, 4)
    """Strides of the noise branch."""
    noise_bands: int = 5
    """Filter bands of the noise branch; 0 is none."""
    noise_width: int = 0
    """Channels inside the noise branch; 0 is ``capacity``."""
    noise_phase: int = 2
    """The first phase in which the noise branch is heard, and trained."""
    discriminator: str = "rave"
    """``rave`` judges periods and halvings of the rate, ``descript`` periods and spectrograms."""
    discriminator_periods: tuple[int, ...] = ()
    """Periods of the multi-period discriminator, samples; empty is none."""
    discriminator_n_ffts: tuple[int, ...] = ()
    """``n_fft`` of each spectrogram that ``descript`` judges; the hop is a quarter."""
    discriminator_capacity: int = 64
    """Channels of the discriminator's first layer."""
    discriminator_layers: int = 4
    """Strided convolutions of each of ``rave``'s networks."""
    discriminator_scales: int = 3
    """Resolutions that ``rave`` judges, each half of the one before."""

    @property
    def hop_length(self) -> int:
        """Samples of audio a latent frame stands for."""
        hop = self.n_band
        for ratio in self.ratios:
            hop *= ratio
        return hop


@dataclass(frozen=True)
class LossSpec:
    """Weights and scales of the training losses."""

    stft_scales: tuple[int, ...] = (2048, 1024, 512, 256, 128)
    """``n_fft`` of each scale of the spectral distance; the hop is a quarter."""
    log_epsilon: float = 1e-7
    """Added to magnitudes before the logarithm."""
    spectral: float = 1.0
    """Weight of the two spectral distances."""
    beta: float = 0.1
    """Weight of the latent's divergence from its prior, after its warm-up."""
    beta_initial: float = 1e-6
    """That weight where its warm-up begins."""
    beta_warmup_steps: int = 0
    """Steps over which the logarithm of that weight rises to that of ``beta``; 0 is no warm-up."""
    valid_crop: bool = False
    """Compare bands only where nothing heard beyond the crop's ends: a receptive field less than all frames."""
    feature_matching: float = 10.0
    """Weight of feature matching, applied once."""
    feature_matching_skipped: int = 0
    """First layers of each discriminator that are not matched."""
    feature_matching_relative: bool = False
    """Divide each layer's difference by the mean magnitude of its real features."""
    adversarial: float = 1.0
    """Weight of the generator's hinge loss."""


@dataclass(frozen=True)
class TrainingSpec:
    """Batches, optimisers and boundaries, all in steps."""

    batch_size: int = 8
    """Crops a step."""
    crop: int = 131072
    """Samples of audio a crop."""
    phase_1_steps: int = 1_000_000
    """Step at which the adversarial phase begins."""
    total_steps: int = 3_000_000
    """Step at which the run is finished."""
    learning_rate: float = 1e-3
    """Of encoder and generator, at step 0; falls linearly to a tenth at ``phase_1_steps``."""
    discriminator_learning_rate: float = 1e-4
    """Of the discriminator."""
    adam_betas: tuple[float, float] = (0.5, 0.9)
    """Adam's moment decays."""
    discriminator_every: int = 2
    """In phase 2 the discriminator is updated at every k-th step, the generator at the others."""
    validate_every: int = 10_000
    """Steps between validations, each with samples and a checkpoint."""
    checkpoint_minutes: float = 10.0
    """At most this long between checkpoints, minutes."""
    validation_crops: int = 256
    """At most this many validation crops are judged at each validation."""
    sample_clips: int = 8
    """Validation clips rendered at each validation."""
    sample_seconds: float = 6.0
    """At most this long is a rendered clip, seconds."""
    phase_mangle: float = 0.8
    """Probability of a random all-pass filter on a training crop."""
    seed: int = 0
    """Of weights, crops and noise."""
    stop_after: str = ""
    """When to stop before the end: ``first validation``, ``step 1000``, ``epoch 20`` or ``6 h``; empty: never."""
    patience: str = ""
    """Validations without an improvement after which to stop, as ``40 validations``; empty: never."""
    max_rollbacks: int = 3
    """How often one attempt goes back to a checkpoint after NaN or infinity, before it fails."""


@dataclass(frozen=True)
class DataRef:
    """The dataset a run was made for."""

    name: str
    """Its name in the workspace."""
    path: str
    """Where it was, absolute: the one path outside the run folder."""
    fingerprint: str
    """Its content, so that a moved or changed dataset is noticed."""
    steps_per_epoch: int
    """``floor(training crops / batch_size)`` at creation."""


@dataclass(frozen=True)
class ParentRef:
    """The checkpoint a forked run began with."""

    run: str
    """Name of the run it is of, at the time of the fork."""
    id: str
    """That run's UUID."""
    step: int
    """Updates done when it was saved: the fork's first step is the next one."""


@dataclass(frozen=True)
class RunSpec:
    """Everything needed to train a run, written once."""

    name: str
    id: str
    """UUID of the run: stays when the folder is moved or renamed."""
    created: str
    """ISO 8601 time, UTC."""
    preset: str
    model: ModelSpec
    loss: LossSpec
    training: TrainingSpec
    data: DataRef
    versions: dict[str, str] = field(default_factory=dict)
    """Program and library versions at creation."""
    parent: ParentRef | None = None
    """Where a fork comes from; None for a run that began at step 0."""

    @property
    def first_step(self) -> int:
        """Updates that were done before the run began: 0 unless it is a fork."""
        return self.parent.step if self.parent else 0


def write_spec(path: Path, spec: RunSpec) -> None:
    """Publish ``spec`` at ``path`` as TOML.

    Raises:
        RunError: The file is there already: a spec is frozen.
    """
    if path.exists():
        raise RunError("Run exists", f"{path} is already there and a spec is never rewritten.", "Choose another name.")
    document = {"format": FORMAT, **{k: v for k, v in dataclasses.asdict(spec).items() if v is not None}}
    write_bytes(path, tomlkit.dumps(document).encode())


def read_spec(path: Path) -> RunSpec:
    """Read a run's ``spec.toml``.

    Raises:
        RunError: It is missing, not TOML, of a newer format, or lacks a key.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RunError("No run here", f"{path.parent} has no spec.toml, so it is not a run.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RunError("Damaged spec", f"{path} cannot be read: {error}.") from None
    if table.pop("format", None) != FORMAT:
        raise RunError("Unknown format", f"{path} was written by another version of ravetui.", "Update ravetui.")
    try:
        return RunSpec(
            **{k: v for k, v in table.items() if k not in ("model", "loss", "training", "data", "parent")},
            model=_build(ModelSpec, table["model"]),
            loss=_build(LossSpec, table["loss"]),
            training=_build(TrainingSpec, table["training"]),
            data=_build(DataRef, table["data"]),
            parent=_build(ParentRef, table["parent"]) if "parent" in table else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RunError("Damaged spec", f"{path} does not fit this version of ravetui: {error}.") from None


def freeze(value: Any) -> Any:
    """Lists as tuples, all the way down: what TOML gives as a frozen dataclass keeps it."""
    return tuple(freeze(item) for item in value) if isinstance(value, list) else value


def _build(kind: type[T], table: dict[str, Any]) -> T:
    return kind(**{key: freeze(value) for key, value in table.items()})
