"""How much augmentation makes sense."""

from ravetui.errors import ConfigError
from ravetui.runs.training_spec import AugmentSpec

_LIMITS = {
    "phase_mangle": (1.0, "a probability"),
    "gain": (24.0, "dB"),
    "mute": (0.9, "a probability"),
    "compress": (1.0, "a probability"),
    "speed": (12.0, "semitones"),
    "equalise": (24.0, "dB"),
}
"""The largest value of each setting and what it is; the smallest is 0."""


def check_augment(spec: AugmentSpec) -> None:
    """See that every strength is in its range.

    Raises:
        ConfigError: Naming the one that is not.
    """
    for name, (most, what) in _LIMITS.items():
        value = getattr(spec, name)
        if not 0 <= value <= most:
            raise ConfigError(
                "Out of range", f"augment.{name} = {value:g}, but it must be from 0 to {most:g} ({what})."
            )
