"""The networks that ``config.gin`` of acids-rave describes, as a spec of ours, or what of them ours have not.

Read as text like all of the configuration (:mod:`ravetui.runs.foreign.gin`); how many audio channels they have is not
written in it.
"""

from collections.abc import Mapping
from typing import Any

from ravetui.errors import CheckpointError
from ravetui.runs.foreign.gin import GinConfig
from ravetui.runs.model_spec import ModelSpec

_LATENTS = {
    "VariationalEncoder": ("normal", "encoder"),
    "WasserteinEncoder": ("wasserstein", "encoder_cls"),
    "SphericalEncoder": ("spherical", "encoder_cls"),
    "DiscreteEncoder": ("wasserstein", "encoder_cls"),
}
"""Which latent of ours each encoder gives, and what names the network inside it.

A discrete one of acids-rave 2.3.1 never begins to quantise: it decodes the points themselves, with noise beside them,
as wasserstein does. Whether that is so stands in the checkpoint.
"""
_PAIRS = {("Encoder", "Generator"): "v1", ("EncoderV2", "GeneratorV2"): "v2"}
_EXPECTED: Mapping[str, tuple[object, ...]] = {
    "RAVE.input_mode": ("pqmf", None),
    "RAVE.output_mode": ("pqmf", None),
    "RAVE.enable_pqmf_encode": (None, True),
    "RAVE.enable_pqmf_decode": (None, True),
    "RAVE.is_mel_input": (None, False),
    "RAVE.spectrogram": (None,),
    "RAVE.pqmf": ("CachedPQMF",),
    "Conv1d.bias": (False,),
    "ConvTranspose1d.bias": (False,),
    "normalization.mode": ("weight_norm",),
    "Encoder.recurrent_layer": (None,),
    "Encoder.sample_norm": (None, False),
    "Encoder.repeat_layers": (None, 1),
    "EncoderV2.recurrent_layer": (None,),
    "EncoderV2.keep_dim": (None, False),
    "EncoderV2.adain": (None, "AdaptiveInstanceNormalization"),
    "Generator.recurrent_layer": (None,),
    "Generator.loud_stride": (None, 1),
    "GeneratorV2.recurrent_layer": (None,),
    "GeneratorV2.keep_dim": (None, False),
    "GeneratorV2.adain": (None, "AdaptiveInstanceNormalization"),
    "GeneratorV2.noise_module": (None, "NoiseGeneratorV2"),
}
"""Settings that our networks have built in, each with the values that mean the same; None: it is not set."""
_ELSEWHERE = ("scales/", "periods/", "spectral/")
"""Scopes of the discriminator, whose shape rendering does not need."""
_ACTIVATIONS = {None: "leaky_relu", "Snake": "snake"}


def described_model(config: GinConfig) -> ModelSpec:
    """The shape of encoder and decoder; the discriminator's is not read, and ``channels`` is 1.

    Raises:
        CheckpointError: Names the part that our networks have not, or that is not told.
    """
    told = _Told(config)
    for name, same in _EXPECTED.items():
        told.check(name, same)
    wrapper, decoder = told.text("RAVE.encoder"), told.text("RAVE.decoder")
    if wrapper not in _LATENTS:
        raise _other("RAVE.encoder", wrapper)
    latent, inside = _LATENTS[wrapper]
    encoder = told.text(f"{wrapper}.{inside}")
    architecture = _PAIRS.get((encoder, decoder))
    if architecture is None or (architecture == "v1" and latent != "normal"):
        raise _other(f"{wrapper}.{inside} with RAVE.decoder", f"{encoder} with {decoder}")
    known: dict[str, Any] = {
        "architecture": architecture,
        "latent": latent,
        "latent_size": told.same_number(f"{encoder}.latent_size", "RAVE.latent_size"),
        "sampling_rate": told.number("RAVE.sampling_rate"),
        "n_band": told.same_number("CachedPQMF.n_band", f"{encoder}.data_size", f"{decoder}.data_size"),
        "pqmf_attenuation": float(told.number("CachedPQMF.attenuation")),
        "capacity": told.same_number(f"{encoder}.capacity", f"{decoder}.capacity"),
        "ratios": told.same_numbers(f"{encoder}.ratios", f"{decoder}.ratios"),
        "causal": _causal(told),
    }
    return ModelSpec(**known, **(_v1(told) if architecture == "v1" else _v2(told)))


def _v1(told: "_Told") -> dict[str, Any]:
    kernels = told.numbers("ResidualStack.kernel_sizes")
    if len(kernels) != 1:
        raise _other("ResidualStack.kernel_sizes", kernels)
    found: dict[str, Any] = {
        "kernel_size": kernels[0],
        "dilations": told.rows("ResidualStack.dilations_list"),
        "noise_bands": 0,
    }
    if told.get("Generator.use_noise"):
        found |= {
            "noise_bands": told.number("NoiseGenerator.noise_bands"),
            "noise_ratios": told.numbers("NoiseGenerator.ratios"),
        }
    return found


def _v2(told: "_Told") -> dict[str, Any]:
    if told.get("GeneratorV2.amplitude_modulation") is not True:
        raise _other("GeneratorV2.amplitude_modulation", told.get("GeneratorV2.amplitude_modulation"))
    activation = told.get("EncoderV2.activation")
    if activation not in _ACTIVATIONS or told.get("GeneratorV2.activation") != activation:
        raise _other("EncoderV2.activation with GeneratorV2's", activation)
    found: dict[str, Any] = {
        "kernel_size": told.same_number("EncoderV2.kernel_size", "GeneratorV2.kernel_size"),
        "dilations": told.rows("EncoderV2.dilations"),
        "activation": _ACTIVATIONS[activation],
        "latent_noise": told.get("get_augmented_latent_size.noise_augmentation") or 0,
        "noise_phase": 1,
        "noise_bands": 0,
    }
    if told.rows("GeneratorV2.dilations") != found["dilations"]:
        raise _other("GeneratorV2.dilations other than EncoderV2's", told.get("GeneratorV2.dilations"))
    if told.get("GeneratorV2.noise_module"):
        found |= {
            "noise_bands": told.number("NoiseGeneratorV2.noise_bands"),
            "noise_ratios": told.numbers("NoiseGeneratorV2.ratios"),
            "noise_width": told.number("NoiseGeneratorV2.hidden_size"),
        }
    return found


def _causal(told: "_Told") -> bool:
    modes = told.all("get_padding.mode")
    if modes not in ({"centered"}, {"causal"}):
        raise _other("get_padding.mode", " and ".join(sorted(map(str, modes))) or None)
    return modes == {"causal"}


class _Told:
    """The bindings by their last two names, macros put in; those of the discriminator are left out."""

    def __init__(self, config: GinConfig) -> None:
        self._values: dict[str, list[object]] = {}
        for name, value in config.values.items():
            if name.startswith(_ELSEWHERE):
                continue
            short = ".".join(name.rsplit("/", 1)[-1].split(".")[-2:])
            self._values.setdefault(short, []).append(_plain(value, config.values))

    def all(self, name: str) -> set[object]:
        """Its values in all scopes."""
        return set(self._values.get(name, ()))

    def get(self, name: str) -> Any:
        """Its value; None when it is not set."""
        return self._values[name][0] if name in self._values else None

    def check(self, name: str, same: tuple[object, ...]) -> None:
        """Refuse every other value."""
        for value in self._values.get(name, ()):
            if value not in same:
                raise _other(name, value)

    def text(self, name: str) -> str:
        """What it refers to."""
        return str(self._of(name, str))

    def number(self, name: str) -> int:
        """A whole number."""
        return int(self._of(name, int))

    def numbers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self._of(name, list))

    def rows(self, name: str) -> tuple[tuple[int, ...], ...]:
        """A list of lists; one list alone counts for every ratio."""
        rows = self._of(name, list)
        if all(isinstance(item, int) for item in rows):
            return (tuple(rows),) * len(self.numbers("EncoderV2.ratios"))
        return tuple(tuple(row) for row in rows)

    def same_number(self, *names: str) -> int:
        """The number that all of these are."""
        return int(self._same([self.number(name) for name in names], names))

    def same_numbers(self, *names: str) -> tuple[int, ...]:
        """The numbers that all of these are."""
        return tuple(self._same([self.numbers(name) for name in names], names))

    def _same(self, values: list[Any], names: tuple[str, ...]) -> Any:
        for name, value in zip(names, values, strict=True):
            if value != values[0]:
                raise _other(f"{name} other than {names[0]}", value)
        return values[0]

    def _of(self, name: str, kind: type) -> Any:
        value = self.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise CheckpointError("Unknown network", f"config.gin does not tell {name}, so the network is not known.")
        return value


def _plain(value: object, macros: Mapping[str, object]) -> object:
    """A value with its macro put in; a reference as the last of its names."""
    for _ in range(len(macros)):
        if not (isinstance(value, str) and value.startswith("%")):
            break
        value = macros.get(value[1:])
    if isinstance(value, str) and value.startswith("@"):
        return value.removesuffix("()").rsplit("/", 1)[-1].rsplit(".", 1)[-1].lstrip("@")
    return value


def _other(name: str, value: object) -> CheckpointError:
    return CheckpointError("Other network", f"Its config.gin has {name} = {value}, which our networks have not.")
