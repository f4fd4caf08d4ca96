"""How the listener starts the bridge on the server: which ssh, and where ravetui is over there."""

import shlex
from pathlib import Path

from ravetui.app.sound.wire.rendezvous import state_folder
from ravetui.runs.atomic import read_json, write_json

NOT_FOUND = 127
"""Exit code of a shell, and of ssh, when a program is not there."""

# One line, no single quote, no exclamation mark: it goes through whatever login shell is over there.
# A program path that a screen left behind is how an install in a virtual environment is found without being asked for.
_SCRIPT = (
    "state=${XDG_STATE_HOME:-$HOME/.local/state}/ravetui/program; "
    'for p in %s ravetui "$(cat "$state" 2>/dev/null)" $HOME/.local/bin/ravetui $HOME/.venv/bin/ravetui; do '
    'if command -v "$p" >/dev/null 2>&1; then exec "$p" audio-bridge; fi; done; '
    'p=$(${SHELL:-sh} -lc "command -v ravetui" 2>/dev/null | tail -n 1); '
    'if [ -x "$p" ]; then exec "$p" audio-bridge; fi; exit 127'
)


def ssh_command(host: str, *, program: str, command: str, port: int | None) -> list[str]:
    """The whole command line.

    Args:
        host: ``user@host``, or what ssh's configuration calls it.
        program: Where ravetui was last said to be over there; empty: not known.
        command: What to use in place of ``ssh``, with its options.
        port: Of the server, where it is not ssh's own choice.
    """
    words = shlex.split(command) or ["ssh"]
    if Path(words[0]).name.startswith("ssh"):
        words += ["-T", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=2"]
    if port is not None:
        words += ["-p", str(port)]
    tried = _as_word(program) if program else ""
    return [*words, host, f"exec sh -c '{_SCRIPT % tried}'"]


def _as_word(program: str) -> str:
    """A path inside double quotes, with ``~`` as the shell over there reads it."""
    if program.startswith("~/"):
        return f'"$HOME/{program[2:]}"'
    return f'"{program}"'


def is_safe(program: str) -> bool:
    """Whether a path can be passed on: nothing that a shell would read as more than a name."""
    return bool(program) and not set(program) & set("'\"\\$`!\n")


def remembered(host: str) -> str:
    """Where ravetui is on a host, as far as ``--remote`` ever said; else empty."""
    found = read_json(_file())
    program = found.get(host, "") if isinstance(found, dict) else ""
    return program if isinstance(program, str) and is_safe(program) else ""


def remember(host: str, program: str) -> None:
    """Keep it for the next time.

    Raises:
        OSError: The state folder cannot be written.
    """
    found = read_json(_file())
    _file().parent.mkdir(parents=True, exist_ok=True)
    write_json(_file(), {**(found if isinstance(found, dict) else {}), host: program})


def _file() -> Path:
    return state_folder() / "hosts.json"
