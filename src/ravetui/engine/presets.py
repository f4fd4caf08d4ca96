"""Named starting points of a run: model, losses and schedule."""

from dataclasses import dataclass

from ravetui.errors import ConfigError
from ravetui.runs.spec import LossSpec, ModelSpec, TrainingSpec


@dataclass(frozen=True)
class Preset:
    """A model with the training that suits it."""

    name: str
    description: str
    """One line for a form."""
    model: ModelSpec
    loss: LossSpec
    training: TrainingSpec


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "v1",
            "RAVE v1 as published: 17.6 M parameters, 44.1 kHz, latent 128 at 21.5 Hz",
            ModelSpec(),
            LossSpec(),
            TrainingSpec(),
        ),
        Preset(
            "tiny",
            "the same code at a size for a CPU: both phases in a minute, to try things out",
            ModelSpec(
                capacity=16,
                latent_size=16,
                ratios=(4, 4, 4),
                dilations=((1, 1), (3, 1)),
                noise_ratios=(4, 4),
                discriminator_capacity=8,
            ),
            LossSpec(stft_scales=(1024, 256, 128)),
            TrainingSpec(
                batch_size=4,
                crop=16384,
                phase_1_steps=600,
                total_steps=900,
                learning_rate=5e-3,
                discriminator_learning_rate=5e-4,
                validate_every=100,
                validation_crops=32,
                checkpoint_minutes=1.0,
                sample_clips=4,
            ),
        ),
    )
}


def find_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ConfigError: There is none.
    """
    if name not in PRESETS:
        raise ConfigError("No such preset", f"There is no preset {name!r}.", f"Presets: {', '.join(PRESETS)}.")
    return PRESETS[name]
