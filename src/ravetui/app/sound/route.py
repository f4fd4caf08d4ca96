"""Where sound goes, in words."""

from dataclasses import dataclass
from typing import Literal

from ravetui.app.sound.whereabouts import listen_command


@dataclass(frozen=True)
class Route:
    """Where the next sound will be heard, if it will be heard at all."""

    kind: Literal["listener", "device", "page", "nowhere"]
    label: str
    """A sentence's end: ``this machine (PulseAudio: Speakers)`` or ``nowhere: on your laptop run …``."""
    remedy: str = ""
    """What makes sound audible; empty when it is."""
    reason: str = ""
    """Why nothing can be heard: a clause such as ``this machine has no sound device``."""
    short: str = ""
    """The label where there is little room; empty: it is short enough."""

    @property
    def audible(self) -> bool:
        """Whether anything can be heard."""
        return self.kind != "nowhere"


def device_route(backend: str, device: str) -> Route:
    """Sound goes to a device of this machine, say backend ``ALSA`` and device ``USB Audio``."""
    return Route("device", f"this machine ({backend}: {device})", short=f"this machine ({backend})")


def listener_route(backend: str, device: str) -> Route:
    """Sound goes to the laptop on which ``ravetui listen`` runs."""
    return Route("listener", f"laptop (listen, {backend}: {device})", short="laptop (listen)")


def page_route() -> Route:
    """Sound goes to the page that is open in the laptop's browser."""
    return Route("page", "laptop (browser)")


def no_route(reason: str) -> Route:
    """Nothing can be heard, and why: a clause such as ``this machine has no sound device``."""
    command = listen_command()
    label = f"nowhere: on your laptop run `{command}`"
    remedy = f"On your laptop run `{command}`; u in the screen shows a page for its browser."
    return Route("nowhere", label, remedy, reason, short=f"nowhere: {command}")
