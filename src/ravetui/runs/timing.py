"""How long a step of each kind takes, measured before a run trains, and what is kept of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.events import Event


@dataclass(frozen=True)
class Timing:
    """Seconds of a step of each kind on one kind of device, of networks that were thrown away."""

    device: str
    """Its kind, as the event ``computing`` names it."""
    phase_1_s: float
    discriminator_s: float
    generator_s: float
    discriminator_every: int
    """In phase 2 every k-th step is one of the discriminator."""
    crops: int
    """How many a step had; fewer than a batch where only the ratio of the phases counts."""
    validation_s: float | None = None
    """A validation without its samples, where it was measured."""
    memory_1_bytes: int | None = None
    """Peak of phase 1, where it was measured with a whole batch."""
    memory_2_bytes: int | None = None
    """Peak of phase 2."""
    measured: float = 0.0
    """When, Unix time, seconds."""

    @property
    def phase_2_s(self) -> float:
        """Mean step of phase 2, seconds."""
        every = self.discriminator_every
        return (self.discriminator_s + (every - 1) * self.generator_s) / every

    @property
    def ratio(self) -> float | None:
        """A step of phase 2 to one of phase 1; None where nothing sensible was measured."""
        return self.phase_2_s / self.phase_1_s if min(self.phase_1_s, self.phase_2_s) > 0 else None


def timed_at_start(events: Sequence[Event]) -> tuple[str, float | None]:
    """The kind of device a run was trained on last, and the ratio of its phases that was measured at its start.

    Args:
        events: Of the run, oldest first.
    """
    device, ratio = "", None
    for event in events:
        if event.kind == "computing":
            device = str(event.fields.get("device", ""))
        elif event.kind == "timed":
            found = timing_of(event.fields)
            ratio = found.ratio if found else ratio
    return device, ratio


def timing_of(fields: dict[str, Any]) -> Timing | None:
    """A timing as it was written; None when it is not one."""
    names = Timing.__dataclass_fields__
    try:
        return Timing(**{name: value for name, value in fields.items() if name in names})
    except TypeError:
        return None


class Timings:
    """What was measured in a workspace, a small file each shape of step and kind of device.

    Args:
        folder: Where they lie; it is made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, shape: tuple[object, ...], device: str) -> Timing | None:
        """The timing of that shape on that kind of device; None if there is none, or it is damaged."""
        found = read_json(self._path(shape, device))
        return timing_of(found) if isinstance(found, dict) else None

    def newest(self, shape: tuple[object, ...]) -> Timing | None:
        """The newest timing of that shape on any device."""
        found = [timing_of(read_json(path) or {}) for path in self._folder.glob(f"{_digest(shape)}-*.json")]
        return max((item for item in found if item), key=lambda item: item.measured, default=None)

    def keep(self, shape: tuple[object, ...], timing: Timing) -> None:
        """Keep one, in place of the one before it.

        Raises:
            OSError: It cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        write_json(self._path(shape, timing.device), asdict(timing))

    def _path(self, shape: tuple[object, ...], device: str) -> Path:
        return self._folder / f"{_digest(shape)}-{_digest(device)}.json"


def _digest(thing: object) -> str:
    return hashlib.sha256(repr(thing).encode()).hexdigest()[:16]
