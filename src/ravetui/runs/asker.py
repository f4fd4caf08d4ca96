"""Who asked for something: a stop says afterwards on whose behalf it was."""

import os
import pwd
import socket
from pathlib import Path
from typing import Any


def asker(via: str) -> dict[str, str]:
    """Us.

    Args:
        via: How we ask: ``screen`` or ``command line``.
    """
    return {"user": user_name(os.getuid()), "host": socket.gethostname(), "via": via}


def asker_words(asked: Any) -> str:
    """``mahadi on gpu-1 (screen)``, from what :func:`asker` gave; empty when it is not known."""
    if not isinstance(asked, dict) or not asked.get("user"):
        return ""
    via = f" ({asked['via']})" if asked.get("via") else ""
    return f"{asked['user']} on {asked.get('host', '?')}{via}"


def process_words(pid: int, uid: int) -> str:
    """Who sent a signal, as ``root (systemd, pid 1)``; a process that is gone has no name."""
    if pid <= 0:
        return "the kernel"
    return f"{user_name(uid)} ({_name(pid) or 'gone'}, pid {pid})"


def is_system(pid: int) -> bool:
    """Whether a process is the one that starts and stops everything: pid 1, or the systemd of a person."""
    return pid == 1 or _name(pid).startswith("systemd")


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def user_name(uid: int) -> str:
    """The name of a user, or the number of one who has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
