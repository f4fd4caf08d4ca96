"""What training changes: two networks, two optimisers, a step and a phase."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import xxhash
from torch import nn

from ravetui.engine.model.critics import build_discriminator
from ravetui.engine.model.losses import MultiScaleSpectralDistance
from ravetui.engine.model.rave import RAVE
from ravetui.engine.model.receptive_field import valid_margins
from ravetui.engine.model.residual_quantizer import ResidualQuantizer
from ravetui.engine.training.average import WeightAverage
from ravetui.engine.training.ranks import ALONE, Ranks
from ravetui.engine.training.rate import learning_rate
from ravetui.runs.spec import RunSpec


@dataclass
class TrainingState:
    """Everything a checkpoint keeps, and the spec it follows."""

    spec: RunSpec
    device: torch.device
    rave: RAVE
    discriminator: nn.Module
    """Audio to the features of each of its networks."""
    distance: MultiScaleSpectralDistance
    optimizer: torch.optim.Adam
    """Of encoder and generator."""
    discriminator_optimizer: torch.optim.Adam
    average: WeightAverage | None = None
    """Of encoder and generator, where the spec wants one."""
    margins: tuple[int, int] = (0, 0)
    """Band frames at a crop's two ends that are not compared."""
    ranks: Ranks = ALONE
    """With whom a step is shared."""
    step: int = 0
    """Updates done."""
    phase_2_step: int | None = None
    """The step after which the adversarial phase began; None in phase 1."""
    precision: str = "fp32"
    """In which networks are trained: ``fp32`` or ``bf16``; weights and losses are single in either."""
    compiled: dict[nn.Module, Callable[..., Any]] = field(default_factory=dict)
    """Networks to their compiled forms; without an entry a network is called as it is."""
    gradient_norm: float = 0.0
    """Of all that the last update changed."""

    @property
    def phase(self) -> int:
        """1 reconstruction, 2 adversarial."""
        return 1 if self.phase_2_step is None else 2

    def learning_rate(self, step: int) -> float:
        """Of encoder and generator at the update that makes ``step``."""
        return learning_rate(self.spec.training, step)

    def beta(self, step: int) -> float:
        """Weight of the KL term at the update that makes ``step``: its logarithm rises linearly over the warm-up."""
        loss = self.spec.loss
        if step >= loss.beta_warmup_steps:
            return loss.beta
        return float(loss.beta_initial * (loss.beta / loss.beta_initial) ** (step / loss.beta_warmup_steps))

    @property
    def encoder_learns(self) -> bool:
        """Whether updates change the encoder in the present phase."""
        return self.phase == 1 or not self.spec.training.freeze_encoder

    @property
    def judged(self) -> RAVE:
        """The network that is validated, rendered and scored."""
        return self.rave if self.average is None else self.average.rave

    @property
    def with_noise(self) -> bool:
        """Whether the noise branch is heard in the present phase."""
        return self.phase >= self.rave.noise_phase

    def call(self, network: nn.Module, *inputs: Any, **options: Any) -> Any:
        """Call encoder, generator or discriminator as an update does: in the run's precision, compiled if it is."""
        # A context for each call: one keeps the weights that it has converted, and without a graph if they were first
        # met without one.
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            return self.compiled.get(network, network)(*inputs, **options)

    def begin_adversarial(self) -> None:
        """Enter phase 2 after the present step: a frozen encoder keeps its batch statistics too."""
        self.phase_2_step = self.step
        self.enter_training()

    def enter_training(self) -> None:
        """Set every module's mode for an update.

        A frozen encoder is in evaluation mode: the reference leaves it in training mode, where the running
        statistics of its batch norms go on drifting under frozen weights.
        """
        self.rave.train()
        self.discriminator.train()
        if not self.encoder_learns:
            self.rave.encoder.eval()

    def seed_step(self, step: int) -> None:
        """Make the noise of this step a function of (seed, rank, step) alone, so that a resumed run draws the same.

        Rank 0 draws what a run of one rank would.
        """
        # Mixed, since torch's generator on a CPU takes no more than 32 bits of its seed.
        mixed = xxhash.xxh3_64_intdigest(f"{self.spec.training.seed} {self.ranks.rank} {step}".encode())
        torch.manual_seed(mixed >> 1)


def build_state(spec: RunSpec, device: torch.device, ranks: Ranks = ALONE) -> TrainingState:
    """Fresh networks from the spec's seed, the same on every rank, with their optimisers.

    Both are Adam as in the reference (betas 0.5, 0.9), with decoupled weight decay where the spec wants any; the fused
    form changes only the rounding.
    """
    training = spec.training
    torch.manual_seed(training.seed)
    rave = RAVE(spec.model).to(device)
    for module in rave.modules():
        if isinstance(module, ResidualQuantizer):
            module.sum_over_ranks, module.share_first = ranks.sum, ranks.share
    discriminator = build_discriminator(spec.model).to(device)
    distance = MultiScaleSpectralDistance(spec.loss.stft_scales, spec.loss.log_epsilon).to(device)
    betas = training.adam_betas
    adam = partial(
        torch.optim.Adam, betas=betas, weight_decay=training.weight_decay, decoupled_weight_decay=True, fused=True
    )
    optimizer = adam([*rave.encoder.parameters(), *rave.generator.parameters()], training.learning_rate)
    discriminator_optimizer = adam(discriminator.parameters(), training.discriminator_learning_rate)
    average = WeightAverage(rave, training.ema_decay) if training.ema_decay else None
    margins = valid_margins(spec.model) if spec.loss.valid_crop else (0, 0)
    optimizers = optimizer, discriminator_optimizer
    state = TrainingState(spec, device, rave, discriminator, distance, *optimizers, average, margins, ranks)
    state.enter_training()
    return state
