"""What `ravetui doctor` looks at: each check is one sentence, and what to do when it is not well."""

import asyncio
import getpass
import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ravetui.engine.launch.gpus import find_gpus
from ravetui.engine.launch.installed import ENGINE
from ravetui.engine.launch.logout import look_at_logout
from ravetui.engine.launch.lost import lost_runs
from ravetui.errors import RavetuiError
from ravetui.runs.format import bytes_
from ravetui.runs.lock import acquire, is_held
from ravetui.runs.queue import QueueFolder
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace

UNIT = "ravetui.service"
"""Name of the unit that resumes runs at boot."""
_LITTLE, _TOO_LITTLE = 20e9, 2e9
"""Free bytes below which a run of days may not fit, or one of hours."""
_SKEW = 2.0
"""Seconds by which the clock of the disk may differ from ours."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: Literal["ok", "warn", "fail"]
    said: str
    remedy: str = ""


def host_checks() -> Iterator[Check]:
    """What needs no workspace."""
    yield Check("python", "ok", f"Python {platform.python_version()} on {platform.node()}, {platform.system()}")
    yield _engine()
    yield _gpus()
    yield _logout()
    yield _sound()
    yield _py_spy()


def workspace_checks(workspace: Workspace) -> Iterator[Check]:
    """What is about a workspace and the disk it lies on."""
    checks = (("config", _config), ("disk", _disk), ("locks", _locks), ("clock", _clock))
    for name, check in (*checks, ("boot", _boot), ("lost runs", _lost), ("queue", _queue)):
        yield _guarded(name, check, workspace)


def _guarded(name: str, check: Callable[[Workspace], Check], workspace: Workspace) -> Check:
    try:
        return check(workspace)
    except RavetuiError as error:
        return Check(name, "fail", error.message, error.remedy)
    except OSError as error:
        return Check(name, "fail", f"{workspace.root}: {error.strerror}.", "See that it is there and writable.")


def _engine() -> Check:
    missing = [name for name in ENGINE if importlib.util.find_spec(name) is None]
    if missing:
        said = f"the light install: {', '.join(missing)} missing, so nothing is trained or scored here"
        return Check("torch", "warn", said, "`pip install 'ravetui[all]'` adds training and scoring.")
    return Check("torch", "ok", f"torch {importlib.metadata.version('torch')}")


def _gpus() -> Check:
    found = find_gpus()
    if not found:
        return Check("GPU", "warn", "no NVIDIA GPU, or no driver: runs train on the processor", "")
    said = "; ".join(f"{gpu.index}: {gpu.name}, {gpu.used} of {gpu.total} MiB in use" for gpu in found)
    if importlib.util.find_spec("torch") and importlib.metadata.version("torch").endswith("+cpu"):
        return Check("GPU", "fail", f"{said}; but torch is built for the processor only", "Install torch with CUDA.")
    if filled := [gpu for gpu in found if gpu.is_filled]:
        who = ", ".join(gpu.users[0] if gpu.users else f"GPU {gpu.index} by something unknown" for gpu in filled)
        return Check("GPU", "warn", said, f"No run is put on one that is filled: {who}.")
    return Check("GPU", "ok", said)


def _logout() -> Check:
    found, user = look_at_logout(), getpass.getuser()
    if found.takes_runs:
        said = "logind kills what you leave running when you log out, training too"
        return Check("logout", "fail", said, f"`loginctl enable-linger {user}` spares you.")
    if not found.systemd:
        return Check("logout", "ok", "no systemd here: nobody kills what goes on after logout")
    return Check("logout", "ok", "you linger" if found.lingers else "logind leaves running what you leave running")


def _sound() -> Check:
    from ravetui.app.sound.playback import Playback

    async def look() -> Check:
        playback = Playback(lambda _report: None, 0.0)
        try:
            await playback.start()
            route = playback.route
            why = f" ({route.reason})" if route.reason else ""
            return Check("sound", "ok" if route.audible else "warn", f"goes {_to(route.label)}{why}", route.remedy)
        finally:
            await playback.close()

    return asyncio.run(look())


def _to(label: str) -> str:
    return label if label.startswith("nowhere") else f"to {label}"


def _py_spy() -> Check:
    there = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if there:
        return Check("py-spy", "ok", "py-spy can show where a run hangs")
    return Check("py-spy", "warn", "py-spy is not installed: it shows where a run hangs", "`pip install py-spy`")


def _config(workspace: Workspace) -> Check:
    launch = workspace.config.launch
    limit = launch.max_running or "one a GPU"
    return Check("config", "ok", f"{workspace.root}: at most {limit} at once, GPUs {launch.gpus}")


def _disk(workspace: Workspace) -> Check:
    free = shutil.disk_usage(workspace.root).free
    level: Literal["ok", "warn", "fail"] = "fail" if free < _TOO_LITTLE else "warn" if free < _LITTLE else "ok"
    remedy = "" if level == "ok" else "`ravetui run trash --empty` frees what was deleted."
    return Check("disk", level, f"{bytes_(free)} free", remedy)


def _locks(workspace: Workspace) -> Check:
    """Whether a lock that another process holds is seen here, and is gone with that process."""
    with tempfile.TemporaryDirectory(dir=workspace.root, prefix=".doctor-") as folder:
        path = Path(folder) / "lock"
        code = (
            "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()
            seen = is_held(path) and acquire(path, patience=0) is None
            other.kill()
        works = seen and not is_held(path)
    if works:
        return Check("locks", "ok", "the file system keeps locks between processes")
    said = "the file system keeps no locks: two programs could train one run, and a dead run would look alive"
    return Check("locks", "fail", said, "Put the workspace on a local disk, or mount it with locks.")


def _clock(workspace: Workspace) -> Check:
    with tempfile.NamedTemporaryFile(dir=workspace.root, prefix=".doctor-") as file:
        skew = Path(file.name).stat().st_mtime - time.time()
    if abs(skew) > _SKEW:
        said = f"the clock of the disk differs from ours by {skew:+.0f} s: times of runs will be wrong"
        return Check("clock", "warn", said, "Let both hosts follow one time server.")
    return Check("clock", "ok", "the disk has our time")


def _boot(workspace: Workspace) -> Check:
    logout = look_at_logout()
    if not logout.systemd:
        line = f"@reboot {sys.executable} -m ravetui run start --lost -w '{workspace.root}'"
        return Check("boot", "warn", "runs are not resumed by themselves after a restart", f"In `crontab -e`: {line}")
    units = Path.home() / ".config" / "systemd" / "user"
    installed = any(
        "--lost" in text and str(workspace.root) in text
        for text in (path.read_text("utf-8", "replace") for path in units.glob("*.service"))
    )
    if installed and logout.lingers:
        return Check("boot", "ok", "a systemd unit resumes runs after a restart")
    install = (
        f"mkdir -p {units} && ravetui doctor --unit -w '{workspace.root}' > {units / UNIT} && "
        f"systemctl --user enable {UNIT} && loginctl enable-linger {getpass.getuser()}"
    )
    return Check("boot", "warn", "runs are not resumed by themselves after a restart", f"`{install}`")


def _lost(workspace: Workspace) -> Check:
    names = [run.name for run in lost_runs(workspace)]
    if names:
        return Check("lost runs", "warn", f"{', '.join(names)} went down", "`ravetui run start --lost` resumes them.")
    return Check("lost runs", "ok", "none")


def _queue(workspace: Workspace) -> Check:
    queue = QueueFolder(workspace.queue).read()
    live = [run.name for run in workspace.run_folders() if run_status(run).state.is_live]
    said = f"{len(live)} training, {len(queue.entries)} waiting"
    if queue.held:
        return Check("queue", "warn", f"{said}; held: {queue.held}", "`ravetui run queue --release` lets it move.")
    if queue.entries and not live:
        return Check("queue", "warn", f"{said}, and nobody moves it on", "`ravetui run queue` does.")
    return Check("queue", "ok", said)
