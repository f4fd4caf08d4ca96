"""What differs between the specs of runs."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from ravetui.runs.format import typed
from ravetui.runs.spec import RunSpec

_TABLES = ("model", "loss", "training", "augment")


@dataclasses.dataclass(frozen=True)
class Difference:
    """A setting that is not the same in all of them."""

    setting: str
    values: tuple[str, ...]
    """One a run, as it would be typed."""


def differences(specs: Sequence[RunSpec]) -> list[Difference]:
    """Every setting that two of the specs have different, in the order of the tables.

    Dataset, preset and origin come first; what says only which run it is (name, id, time) is left out.
    """
    rows = [
        ("data", [spec.data.name for spec in specs]),
        ("preset", [spec.preset for spec in specs]),
        ("fork of", [f"{spec.parent.run}@{spec.parent.step}" if spec.parent else "–" for spec in specs]),
    ]
    for table in _TABLES:
        parts: list[Any] = [getattr(spec, table) for spec in specs]
        rows += [(item.name, [typed(getattr(part, item.name)) or "–" for part in parts]) for item in _fields(parts)]
    return [Difference(setting, tuple(values)) for setting, values in rows if len(set(values)) > 1]


def _fields(parts: Sequence[Any]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(parts[0]) if parts else ()
