"""What this host does to a person's processes when they log out, and how they are started again at boot."""

import getpass
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_CONFIGS = ("etc", "run", "usr/local/lib", "usr/lib")
"""Where logind.conf and its drop-ins lie, the most important first (logind.conf(5))."""


@dataclass(frozen=True)
class Logout:
    """What happens at logout."""

    systemd: bool
    """Whether systemd runs this host: without it nobody kills at logout."""
    kills: bool
    """Whether it kills what a person leaves running."""
    lingers: bool
    """Whether this person is exempt, and their services start at boot."""

    @property
    def takes_runs(self) -> bool:
        """Whether a run dies with the session it was started from."""
        return self.systemd and self.kills and not self.lingers


def look_at_logout(user: str | None = None, root: Path = Path("/")) -> Logout:
    """What this host is configured to do, from the files that logind reads.

    Args:
        user: Whose processes; the present user's if not given.
    """
    user = user or getpass.getuser()
    setting = _setting(root, "KillUserProcesses") or "yes"  # logind.conf(5)
    only = (_setting(root, "KillOnlyUsers") or "").split()
    spared = (_setting(root, "KillExcludeUsers") or "root").split()
    kills = setting.lower() in ("yes", "true", "on", "1") and user not in spared and (not only or user in only)
    return Logout(
        systemd=(root / "run/systemd/system").is_dir(),
        kills=kills,
        lingers=(root / "var/lib/systemd/linger" / user).exists(),
    )


def boot_unit(workspace: Path) -> str:
    """A systemd user unit that resumes at boot what was running (systemd.service(5), systemd.syntax(7))."""
    words = (sys.executable, "-m", "ravetui", "run", "start", "--lost", "-w", str(workspace))
    command = " ".join(map(_quoted, words))
    return (
        "[Unit]\n"
        f"Description=Resume the training runs of {str(workspace).replace('%', '%%')}\n\n"
        "[Service]\n"
        "Type=oneshot\n"
        # The runs belong to the unit: they live as long as it is active, and have time to save when it is stopped.
        "RemainAfterExit=yes\n"
        "TimeoutStopSec=300\n"
        f"ExecStart={command}\n\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != word or any(letter.isspace() for letter in word) else word


def _setting(root: Path, key: str) -> str | None:
    """The value of a key of logind.conf; None when no file names it."""
    dropins = {path.name: path for where in _CONFIGS[::-1] for path in _dropins(root / where)}
    files = [dropins[name] for name in sorted(dropins, reverse=True)]
    main = next((path for where in _CONFIGS if (path := root / where / "systemd/logind.conf").is_file()), None)
    texts = [_text(path) for path in (*files, *([main] if main else []))]
    # What is commented out in the file that is shipped is what the program was built with.
    for pattern in (rf"^\s*{key}\s*=(.*)$", rf"^#\s*{key}\s*=(.*)$"):
        for text in texts:
            if said := re.findall(pattern, text, re.MULTILINE):
                return str(said[-1]).strip()
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _dropins(folder: Path) -> list[Path]:
    inner = folder / "systemd/logind.conf.d"
    return list(inner.glob("*.conf"))
