"""What ``config.gin`` of acids-rave says of a run, read as text: nothing of it is executed."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ravetui.errors import CheckpointError
from ravetui.runs.model_spec import ModelSpec

_LINE = re.compile(r"^(?P<name>[\w./]+) = (?P<value>.+)$", re.MULTILINE)
_JOINED = re.compile(r" *\\\n *")


@dataclass(frozen=True)
class GinConfig:
    """The bindings whose values are plain; references stay texts, such as ``%N_BAND``."""

    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def phase_1_steps(self) -> int | None:
        """``PHASE_1_DURATION``."""
        return self.number("PHASE_1_DURATION")

    def number(self, name: str) -> int | None:
        """A whole number; None when it is not there or something else."""
        value = self.values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def architecture(self) -> str:
        """``v1``, ``v2``, or empty when the networks are of neither."""
        if any("EncoderV2." in name for name in self.values):
            return "v2"
        return "v1" if any("Encoder." in name for name in self.values) else ""

    def model(self) -> ModelSpec:
        """The shape of the networks as far as it is told; what is not has our default."""
        known: dict[str, Any] = {"architecture": self.architecture or "v1"}
        names = {
            "capacity": "CAPACITY",
            "latent_size": "LATENT_SIZE",
            "n_band": "N_BAND",
            "sampling_rate": "SAMPLING_RATE",
        }
        for ours, theirs in names.items():
            number = self.number(theirs)
            if number is not None:
                known[ours] = number
        ratios = self.values.get("RATIOS")
        if isinstance(ratios, list) and all(isinstance(item, int) for item in ratios):
            known["ratios"] = tuple(ratios)
        return ModelSpec(**known)


def read_gin(text: str) -> GinConfig:
    """Read a configuration as gin writes it: a binding a line, long ones continued behind a backslash."""
    values: dict[str, object] = {}
    for found in _LINE.finditer(_JOINED.sub(" ", text)):
        try:
            values[found["name"]] = ast.literal_eval(found["value"])
        except (ValueError, SyntaxError):
            values[found["name"]] = found["value"]
    return GinConfig(values)


def read_config(path: Path) -> GinConfig:
    """Read ``config.gin``.

    Raises:
        CheckpointError: It cannot be read.
    """
    try:
        return read_gin(path.read_text("utf-8", "replace"))
    except OSError as error:
        raise CheckpointError("Unknown network", f"{path} cannot be read: {error.strerror}.") from None
