"""How often each fault is tried: a quick share in ``make test``, all of it in ``make faults``."""

import json
import os
from pathlib import Path

WHOLE = os.environ.get("RAVETUI_FAULTS") == "whole"
"""Whether all of it is asked for."""
_COUNTS = os.environ.get("RAVETUI_FAULTS_COUNTS")
"""The file in which ``make faults`` collects them."""


def times(whole: int, quick: int) -> int:
    """How often a fault is to be tried now."""
    return whole if WHOLE else quick


def count(fault: str, tried: int) -> None:
    """Note that a fault was tried so often and what must hold held: call it last in a test."""
    if _COUNTS is not None:
        with Path(_COUNTS).open("a") as file:
            file.write(json.dumps({"fault": fault, "times": tried}) + "\n")
