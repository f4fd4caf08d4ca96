"""Whether this machine has what training and scoring need: the light install does not."""

import importlib.util

from ravetui.errors import RunError

ENGINE = ("torch", "scipy", "safetensors", "soxr")
"""What ``pip install ravetui`` alone leaves out."""


def require_engine() -> None:
    """See that the engine can be started, without importing it.

    Raises:
        RunError: Something is not installed; it is named.
    """
    missing = [name for name in ENGINE if importlib.util.find_spec(name) is None]
    if missing:
        raise not_installed(missing[0])


def not_installed(name: str) -> RunError:
    """The error that says how to get a missing library."""
    return RunError(
        "Light install",
        f"This needs {name}, which the light install leaves out.",
        "`pip install 'ravetui[all]'` adds training and scoring.",
    )
