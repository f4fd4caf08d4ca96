"""How a run's networks are trained: losses, optimisers, boundaries, and what is done to the data."""

from dataclasses import dataclass


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
    r1: float = 0.0
    """Weight of half the squared gradient of the discriminator's scores at real audio (Mescheder et al., arXiv
    1801.04406); 0 is none."""


@dataclass(frozen=True)
class TrainingSpec:
    """Batches, optimisers and boundaries, all in steps."""

    batch_size: int = 8
    """Crops a step and rank."""
    ranks: int = 1
    """Processes that share a step, one a GPU."""
    crop: int = 131072
    """Samples of audio a crop."""
    phase_1_steps: int = 1_000_000
    """Step at which the adversarial phase begins."""
    total_steps: int = 3_000_000
    """Step at which the run is finished."""
    learning_rate: float = 1e-3
    """Of encoder and generator, at step 0."""
    schedule: str = "linear"
    """How that falls over ``phase_1_steps``: ``linear``, ``cosine``, ``exponential`` or ``constant``."""
    final_learning_rate: float = 0.1
    """Share of ``learning_rate`` that is left at ``phase_1_steps`` and after it; ``constant`` has no use for it."""
    discriminator_learning_rate: float = 1e-4
    """Of the discriminator."""
    adam_betas: tuple[float, float] = (0.5, 0.9)
    """Adam's moment decays."""
    weight_decay: float = 0.0
    """Share of each weight that a step at learning rate 1 takes away, apart from its gradient (AdamW, arXiv
    1711.05101); of all three networks."""
    gradient_clip: float = 0.0
    """Largest norm of an update's whole gradient; 0 is no limit."""
    ema_decay: float = 0.0
    """Weight of the past in the average of encoder and generator weights that is validated, rendered and scored; 0 is
    no average."""
    latent_dropout: float = 0.0
    """Probability with which a dimension of a crop's latent is zero while training; the others are louder for it."""
    latent_jitter: float = 0.0
    """Standard deviation of normal noise added to the latent while the generator learns."""
    freeze_encoder: bool = True
    """Whether the encoder stays as it is in phase 2."""
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
    seed: int = 0
    """Of weights, crops and noise."""
    stop_after: str = ""
    """When to stop before the end: ``first validation``, ``step 1000``, ``epoch 20`` or ``6 h``; empty: never."""
    plateau: str = ""
    """Validations without an improvement after which phase 2 begins before its step, as ``40 validations``; empty: by
    step alone."""
    patience: str = ""
    """Validations without an improvement after which to stop, as ``40 validations``; empty: never."""
    max_rollbacks: int = 3
    """How often one attempt goes back to a checkpoint after NaN or infinity, before it fails."""


@dataclass(frozen=True)
class AugmentSpec:
    """How training crops differ from the recordings; validation never does."""

    phase_mangle: float = 0.8
    """Probability of a random all-pass filter."""
    gain: float = 0.0
    """Largest random change of level, dB, up or down."""
    mute: float = 0.0
    """Probability of silence, but for the noise of dequantisation."""
    compress: float = 0.0
    """Probability of a compression of dynamics, its threshold from -40 to -10 dBFS and its ratio from 1.5 to 6."""
    speed: float = 0.0
    """Largest random change of speed and pitch together, semitones, up or down."""
    equalise: float = 0.0
    """Largest random boost or cut of each of three bands (below 250 Hz, around 1 kHz, above 4 kHz), dB."""
