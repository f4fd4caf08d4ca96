"""What a person types on the laptop to get here."""

import getpass
import os
import socket
from functools import cache


def here() -> tuple[str, str, int]:
    """User, host and port of this machine's sshd, as seen from where the person logged in.

    In an ssh session the address is the one that the laptop reached; the machine's name is taken where it means the
    same address, and without a session.
    """
    return _user(), *_reached_by(os.environ.get("SSH_CONNECTION", ""))


@cache
def _reached_by(connection: str) -> tuple[str, int]:
    """Host and port of `here`, of what sshd says of a connection; kept, since a name server may be slow."""
    name, parts = socket.gethostname(), connection.split()
    if len(parts) != 4:
        return name, 22
    address, port = parts[2], int(parts[3]) if parts[3].isdigit() else 22
    try:
        same = any(found[4][0] == address for found in socket.getaddrinfo(name, None))
    except OSError:
        same = False
    return name if same else address, port


def listen_command() -> str:
    """What makes the laptop listen."""
    user, host, port = here()
    return f"ravetui listen {f'-p {port} ' if port != 22 else ''}{user}@{host}"


def tunnel_command(port: int) -> str:
    """What makes a port of this machine's loopback reachable on the laptop."""
    user, host, ssh_port = here()
    return f"ssh {f'-p {ssh_port} ' if ssh_port != 22 else ''}-N -L {port}:127.0.0.1:{port} {user}@{host}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
