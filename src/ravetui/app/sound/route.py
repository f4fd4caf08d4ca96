"""Where sound goes, in words."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Route:
    """Where the next sound will be heard, if it will be heard at all."""

    kind: Literal["device", "nowhere"]
    label: str
    """A sentence's end: ``this machine (PulseAudio: Speakers)`` or ``nowhere: this machine has no sound device``."""
    remedy: str = ""
    """What makes sound audible; empty when it is."""

    @property
    def audible(self) -> bool:
        """Whether anything can be heard."""
        return self.kind == "device"


def device_route(backend: str, device: str) -> Route:
    """Sound goes to a device of this machine, say backend ``ALSA`` and device ``USB Audio``."""
    return Route("device", f"this machine ({backend}: {device})")


def no_route(reason: str) -> Route:
    """Nothing can be heard, and why: a clause such as ``this machine has no sound device``."""
    return Route("nowhere", f"nowhere: {reason}", "Copy the file to a machine with speakers and play it there.")
