"""Requests to a trainer: small files it looks at once a step."""

import os
import time

from ravetui.runs.asker import asker, asker_words
from ravetui.runs.atomic import create_json, read_json
from ravetui.runs.folder import RunFolder

REQUESTS = ("stop", "save", "validate", "phase")
"""stop: save and exit. save: publish a checkpoint. validate: validate and render now. phase: go adversarial."""


def request(run: RunFolder, name: str, via: str | None = "command line") -> bool:
    """Leave a request; False when it has been left already: asking twice is asking once.

    Args:
        via: How it is asked for: ``screen`` or ``command line``; None: on behalf of somebody whom we do not know, as
            where a signal becomes a request.
    """
    if name not in REQUESTS:
        raise ValueError(f"{name!r} is not a request")
    run.control.mkdir(exist_ok=True)
    return create_json(run.control / name, {"time": time.time(), "pid": os.getpid(), **(asker(via) if via else {})})


def asked_by(run: RunFolder, name: str) -> str:
    """Who left a request that waits, in words; empty when nobody did, or it is not known."""
    return asker_words(read_json(run.control / name))


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
