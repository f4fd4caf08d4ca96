"""Embedders of other packages, by the entry point ``ravetui.embedders``; looking for them imports none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ravetui.errors import ScoreError
from ravetui.metrics.catalogue import EMBEDDERS, EmbedderInfo
from ravetui.metrics.embedder import Embedder

if TYPE_CHECKING:
    import importlib.metadata

GROUP = "ravetui.embedders"
_MEMBERS = ("name", "label", "version", "sampling_rate", "dimensions", "window", "padding", "attributes", "embed")


def plugin_embedders() -> dict[str, EmbedderInfo]:
    """What is installed, by name; whether it works shows when it is loaded."""
    named = ((point.name, _package(point)) for point in _points().values())
    return {name: EmbedderInfo(name, f"{name} ({package})", f"From the package {package}.") for name, package in named}


def load_plugin(name: str, sampling_rate: int) -> Embedder:
    """Make the embedder of that name.

    Args:
        name: Its entry point.
        sampling_rate: Of the audio to be scored, Hz; it may use another, which the audio is then resampled to.

    Raises:
        ScoreError: There is none, it cannot be imported or made, or it lacks what an embedder has.
    """
    points = _points()
    if name not in points:
        known = ", ".join((*EMBEDDERS, *points))
        raise ScoreError("No such embedder", f"There is no embedder {name!r}.", f"Embedders: {known}.")
    point = points[name]
    try:
        factory: Callable[[int], Any] = point.load()
        made = factory(sampling_rate)
    except Exception as error:
        raise _broken(point, f"{type(error).__name__}: {error}".rstrip(": .")) from error
    missing = [member for member in _MEMBERS if not hasattr(made, member)]
    if missing:
        raise _broken(point, f"it has no {', '.join(missing)}")
    if made.name != name:
        raise _broken(point, f"it calls itself {made.name!r}")
    embedder: Embedder = made
    return embedder


def _points() -> dict[str, importlib.metadata.EntryPoint]:
    """By name; ours cannot be replaced."""
    # Here: it takes longer to load than a score that was made before takes to find.
    import importlib.metadata

    found = importlib.metadata.entry_points(group=GROUP)
    return {point.name: point for point in found if point.name not in EMBEDDERS}


def _package(point: importlib.metadata.EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _broken(point: importlib.metadata.EntryPoint, why: str) -> ScoreError:
    return ScoreError(
        "Broken embedder",
        f"The embedder {point.name} of {_package(point)} cannot be used: {why}.",
        "Mend or uninstall that package, or choose another embedder.",
    )
