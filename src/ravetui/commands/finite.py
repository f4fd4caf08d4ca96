"""JSON has no NaN: what is not finite is null."""

import math
from typing import Any


def finite(document: Any) -> Any:
    """The document with null for every float that is NaN or infinite."""
    if isinstance(document, float):
        return document if math.isfinite(document) else None
    if isinstance(document, dict):
        return {key: finite(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [finite(value) for value in document]
    return document
