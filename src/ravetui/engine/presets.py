"""Named starting points of a run: model, losses and schedule, and modifiers that change a model's kind."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ravetui.errors import ConfigError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import AugmentSpec, LossSpec, TrainingSpec


@dataclass(frozen=True)
class Preset:
    """A model with the training that suits it."""

    name: str
    """With its modifiers: ``v2+noise``."""
    description: str
    """One line for a form."""
    model: ModelSpec
    loss: LossSpec
    training: TrainingSpec
    augment: AugmentSpec = field(default_factory=AugmentSpec)


@dataclass(frozen=True)
class Modifier:
    """A change that several presets can take."""

    name: str
    description: str
    """One line for a form."""
    architectures: tuple[str, ...]
    """Which it is for."""
    model: Mapping[str, Any]
    """Fields of the model and their new values."""
    loss: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


_V2 = ModelSpec(
    architecture="v2",
    capacity=96,
    dilations=((1, 3, 9), (1, 3, 9), (1, 3, 9), (1, 3)),
    noise_ratios=(2, 2, 2),
    noise_bands=0,
    noise_width=128,
    noise_phase=1,
    discriminator_capacity=96,
    discriminator_periods=(2, 3, 5, 7, 11),
)
_V2_LOSS = LossSpec(
    beta=5e-2,
    beta_initial=1e-6,
    beta_warmup_steps=20_000,
    valid_crop=True,
    feature_matching=20.0,
    feature_matching_skipped=1,
    feature_matching_relative=True,
)

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
            "v2",
            "RAVE v2: 31.5 M parameters, residual units, multi-period discriminator; latent 128 at 21.5 Hz",
            _V2,
            _V2_LOSS,
            TrainingSpec(discriminator_every=4),
        ),
        Preset(
            "v3",
            "RAVE v3: v2 with periodic activations and a discriminator of spectrograms; slow without a large GPU",
            dataclasses.replace(
                _V2,
                activation="snake",
                discriminator="descript",
                discriminator_capacity=32,
                discriminator_n_ffts=(2048, 1024, 512),
            ),
            _V2_LOSS,
            TrainingSpec(discriminator_every=4),
        ),
        Preset(
            "v2-small",
            "a quarter of v2 with a noise branch: 7.8 M parameters, latent 128 at 86 Hz",
            dataclasses.replace(
                _V2, capacity=48, ratios=(4, 2, 2, 2), noise_bands=32, noise_width=64, discriminator_capacity=48
            ),
            dataclasses.replace(_V2_LOSS, beta=0.01, beta_warmup_steps=0),
            TrainingSpec(),
        ),
        Preset(
            "discrete",
            "v2 with a latent of codes, 16 of 1024 vectors: 29.2 M parameters, 128 dimensions at 43 Hz, 6.9 kbit/s",
            dataclasses.replace(_V2, latent="discrete", ratios=(4, 4, 2, 2), latent_noise=128),
            dataclasses.replace(_V2_LOSS, log_epsilon=1.0, beta=1.0, beta_warmup_steps=0),
            TrainingSpec(discriminator_every=4, phase_1_steps=200_000, freeze_encoder=False),
        ),
        Preset(
            "brave",
            "BRAVE, to play live: causal, 4.2 M parameters, latent 128 at 345 Hz",
            ModelSpec(
                capacity=32,
                ratios=(2, 2, 2, 1),
                dilations=((3, 1), (9, 1), (27, 1), (36, 1)),
                pqmf_attenuation=40.0,
                causal=True,
                noise_bands=0,
                discriminator_capacity=32,
            ),
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


MODIFIERS: dict[str, Modifier] = {
    modifier.name: modifier
    for modifier in (
        Modifier("noise", "a branch of filtered noise, for breath and hiss", ("v2",), {"noise_bands": 5}),
        Modifier("snake", "periodic activations in place of leaky rectifiers", ("v2",), {"activation": "snake"}),
        Modifier("causal", "hears nothing that comes later: fit for live use", ("v1", "v2"), {"causal": True}),
        Modifier(
            "wasserstein",
            "a latent of 16 points scattered like the prior, with noise beside it",
            ("v2",),
            {"latent": "wasserstein", "latent_size": 16, "latent_noise": 128},
            {"spectral": 2.0, "adversarial": 2.0, "beta": 100.0, "beta_warmup_steps": 0},
            {"phase_1_steps": 200_000},
        ),
        Modifier(
            "spherical",
            "a latent on the unit sphere of 16 dimensions",
            ("v2",),
            {"latent": "spherical", "latent_size": 16},
            {},
            {"phase_1_steps": 200_000},
        ),
    )
}


def find_preset(name: str) -> Preset:
    """The preset of that name, changed by the modifiers that follow it: ``v2``, ``v2+noise+causal``.

    Raises:
        ConfigError: A preset or modifier does not exist, or the modifier is not for that preset.
    """
    base, *modifiers = name.split("+")
    if base not in PRESETS:
        raise ConfigError(
            "No such preset", f"There is no preset {base!r}.", f"Presets: {', '.join(PRESETS)}; {_modifier_words()}."
        )
    preset = PRESETS[base]
    for modifier in modifiers:
        preset = _modified(preset, modifier)
    return preset


def _modified(preset: Preset, name: str) -> Preset:
    if name not in MODIFIERS:
        raise ConfigError("No such modifier", f"There is no modifier {name!r}.", f"Known {_modifier_words()}.")
    modifier = MODIFIERS[name]
    if preset.model.architecture not in modifier.architectures:
        raise ConfigError(
            "Modifier does not fit",
            f"Modifier {name!r} is for {' and '.join(modifier.architectures)}, not for preset {preset.name!r}.",
        )
    model = dataclasses.replace(preset.model, **modifier.model)
    if model == preset.model:
        raise ConfigError("Modifier does nothing", f"Preset {preset.name!r} is {name!r} already.", "Leave it out.")
    if "latent" in modifier.model and preset.model.latent != ModelSpec.latent:
        raise ConfigError(
            "Modifier does not fit", f"Preset {preset.name!r} has another latent already, so {name!r} cannot change it."
        )
    return Preset(
        f"{preset.name}+{name}",
        f"{preset.description}; {modifier.description}",
        model,
        dataclasses.replace(preset.loss, **modifier.loss),
        dataclasses.replace(preset.training, **modifier.training),
        preset.augment,
    )


def _modifier_words() -> str:
    return f"modifiers, as in v2+noise: {', '.join(MODIFIERS)}"
