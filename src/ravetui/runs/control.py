"""Requests to a trainer: small files it looks at once a step."""

import os
import time

from ravetui.runs.atomic import write_json
from ravetui.runs.folder import RunFolder

REQUESTS = ("stop", "save", "validate", "phase")
"""stop: save and exit. save: publish a checkpoint. validate: validate and render now. phase: go adversarial."""


def request(run: RunFolder, name: str) -> None:
    """Leave a request; asking twice is asking once."""
    if name not in REQUESTS:
        raise ValueError(f"{name!r} is not a request")
    run.control.mkdir(exist_ok=True)
    write_json(run.control / name, {"time": time.time(), "pid": os.getpid()})


def pending(run: RunFolder) -> frozenset[str]:
    """The requests that nobody has obeyed yet."""
    try:
        return frozenset(name for name in os.listdir(run.control) if name in REQUESTS)  # noqa: PTH208 (1 µs, each step)
    except FileNotFoundError:
        return frozenset()


def withdraw(run: RunFolder, name: str) -> bool:
    """Take a request back, or mark it as obeyed; False when somebody else has done so already, and only then."""
    try:
        (run.control / name).unlink()
    except FileNotFoundError:
        return False
    return True
