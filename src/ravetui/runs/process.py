"""Which process is meant: never by its pid alone."""

import os
import signal
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class ProcessIdentity:
    """A process of this machine, told apart from a later one that got the same pid, and from before a reboot."""

    pid: int
    boot_id: str
    """The kernel's id of this boot."""
    start_ticks: int
    """When it started, in kernel clock ticks since the boot."""


@cache
def boot_id() -> str:
    """The kernel's id of this boot; empty where there is no Linux kernel."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def identify(pid: int) -> ProcessIdentity | None:
    """The identity of a living process, or None when it is gone or a zombie."""
    fields = _stat(pid)
    if fields is None or fields[0] in (b"Z", b"X"):
        return None
    return ProcessIdentity(pid, boot_id(), int(fields[19]))


def identify_child(pid: int) -> ProcessIdentity:
    """The identity of a child that nobody has waited for yet, be it dead already.

    Raises:
        ProcessLookupError: It is not there.
    """
    fields = _stat(pid)
    if fields is None:
        raise ProcessLookupError(pid)
    return ProcessIdentity(pid, boot_id(), int(fields[19]))


def is_halted(process: ProcessIdentity) -> bool:
    """Whether exactly this process is stopped by SIGSTOP or a debugger, and so does nothing."""
    fields = _stat(process.pid) if process.boot_id == boot_id() else None
    return fields is not None and int(fields[19]) == process.start_ticks and fields[0] in (b"T", b"t")


def send_signal(process: ProcessIdentity, number: signal.Signals) -> bool:
    """Signal exactly this process; False when it is gone. A stranger with the same pid is never signalled.

    Raises:
        PermissionError: It belongs to another user.
    """
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        return False
    try:
        if identify(process.pid) != process:
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def children(pid: int) -> list[int]:
    """Pids whose parent is this process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields is not None and int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[bytes] | None:
    """``/proc/PID/stat`` from the state on (proc(5) field 3), as bytes: a process may have any name."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
