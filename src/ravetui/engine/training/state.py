"""What training changes: two networks, two optimisers, a step and a phase."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from ravetui.engine.model.critics import build_discriminator
from ravetui.engine.model.losses import MultiScaleSpectralDistance
from ravetui.engine.model.rave import RAVE
from ravetui.engine.model.receptive_field import valid_margins
from ravetui.engine.training.average import WeightAverage
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
    step: int = 0
    """Updates done."""
    phase_2_step: int | None = None
    """The step after which the adversarial phase began; None in phase 1."""

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
        """Make the noise of this step a function of (seed, step) alone, so that a resumed run draws the same."""
        torch.manual_seed((self.spec.training.seed << 40) + step)


def build_state(spec: RunSpec, device: torch.device) -> TrainingState:
    """Fresh networks from the spec's seed, with their optimisers.

    Both are Adam as in the reference (betas 0.5, 0.9), with decoupled weight decay where the spec wants any; the fused
    form changes only the rounding.
    """
    training = spec.training
    torch.manual_seed(training.seed)
    rave = RAVE(spec.model).to(device)
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
    state = TrainingState(
        spec, device, rave, discriminator, distance, optimizer, discriminator_optimizer, average, margins
    )
    state.enter_training()
    return state
