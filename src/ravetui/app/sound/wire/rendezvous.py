"""Where bridges and screens of one user on one machine find each other: Unix sockets that only that user can reach.

A socket has mode 0600 and lies in a folder of mode 0700. Its name holds the machine, since a home folder may be shared
by many, and the pid of its bridge. The newest one counts.
"""

import contextlib
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from ravetui.errors import SoundError

_PEER = struct.Struct("3i")
_LONGEST = 100
"""Bytes of a path that a Unix socket can have everywhere."""


def state_folder() -> Path:
    """Where this user's programs keep what is not worth a backup."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "ravetui"


def leave_program() -> None:
    """Write down where this ravetui is, so that ssh finds it; nothing happens where that cannot be written."""
    place, program = state_folder() / "program", Path(sys.executable).with_name("ravetui")
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if program.is_file() and not (place.is_file() and place.read_text() == str(program)):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(str(program))


def folders() -> list[Path]:
    """Where a bridge may have put its socket: a login has ``XDG_RUNTIME_DIR``, a command over ssh may not."""
    found = [Path(os.environ["XDG_RUNTIME_DIR"])] if os.environ.get("XDG_RUNTIME_DIR") else []
    found.append(Path(f"/run/user/{os.getuid()}"))
    return [*(folder / "ravetui" for folder in dict.fromkeys(found) if folder.is_dir()), state_folder()]


def open_socket() -> tuple[socket.socket, Path]:
    """Listen on a new socket, in the first folder that can be had.

    Raises:
        SoundError: None of them can be made, or kept to this user alone.
    """
    trouble = ""
    for folder in folders():
        try:
            _own(folder)
            return _listen(folder / f"{_machine()}-{os.getpid()}.sock")
        except (OSError, SoundError) as error:
            trouble = trouble or str(error)
    raise SoundError("No socket", f"There is no place for a socket of this user's own: {trouble}")


def sockets() -> list[Path]:
    """Sockets of bridges on this machine, the newest first; some may be stale."""
    found: list[tuple[int, Path]] = []
    for folder in folders():
        with contextlib.suppress(OSError):
            told = folder.lstat()
            if not stat.S_ISDIR(told.st_mode) or told.st_uid != os.getuid() or told.st_mode & 0o077:
                continue
            for path in folder.glob(f"{_machine()}-*.sock"):
                with contextlib.suppress(OSError):
                    found.append((path.lstat().st_ctime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def connect(path: Path, timeout: float = 1.0) -> socket.socket | None:
    """A connection to the bridge there; None if there is none, and then a stale socket is removed."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(str(path))
        if is_ours(connection):
            return connection
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    except OSError:
        pass
    connection.close()
    return None


def is_ours(connection: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user; the kernel says so."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # The folder's mode has to do where the kernel does not tell.
    _, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return bool(user == os.getuid())


@contextlib.contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def _own(folder: Path) -> None:
    """Make the folder, or see that it is ours alone."""
    with _umask(0o077):
        folder.mkdir(parents=True, exist_ok=True)
    told = folder.lstat()
    if not stat.S_ISDIR(told.st_mode) or told.st_uid != os.getuid():
        raise SoundError("Not ours", f"{folder} belongs to somebody else.")
    if told.st_mode & 0o077:
        folder.chmod(0o700)


def _listen(path: Path) -> tuple[socket.socket, Path]:
    if len(os.fsencode(path)) > _LONGEST:
        raise SoundError("Too long", f"{path} is too long for a socket.", "Set XDG_RUNTIME_DIR to a shorter folder.")
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _umask(0o177):
            server.bind(str(path))
        server.listen()
    except OSError:
        server.close()
        raise
    return server, path


def _machine() -> str:
    return socket.gethostname().partition(".")[0][:24] or "here"
