"""Where things lie that belong to the user and to no workspace, and that can be made again."""

import os
from pathlib import Path


def user_cache() -> Path:
    """``$XDG_CACHE_HOME/ravetui``, or ``~/.cache/ravetui`` where that is unset (XDG Base Directory 0.8)."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "ravetui"
