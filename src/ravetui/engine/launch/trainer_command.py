"""Which command trains a run."""

import sys

from ravetui.errors import ConfigError, RunError
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import read_spec

LAUNCHERS = ("auto", "local", "torchrun")
"""What ``launch.launcher`` may be."""


def trainer_command(run: RunFolder, launcher: str = "auto") -> list[str]:
    """The command that trains a run on this machine, under a shim: the trainer itself, or torchrun for several ranks.

    Args:
        launcher: What the workspace says. Inside a batch system's job, which has chosen the machine, ``auto``.

    Raises:
        RunError: The run needs several ranks and the launcher starts one, or the run cannot be read.
        ConfigError: There is no such launcher.
    """
    if launcher not in LAUNCHERS:
        raise ConfigError("Unknown launcher", f"launch.launcher = {launcher!r}.", f"Known: {', '.join(LAUNCHERS)}.")
    ranks = read_spec(run.spec_path).training.ranks
    if launcher == "local" and ranks > 1:
        raise RunError(
            "Too few processes",
            f"{run.name} trains on {ranks} ranks, and launch.launcher = 'local' starts one.",
            "Set it to auto or torchrun in config.toml.",
        )
    by_torchrun = launcher == "torchrun" or ranks > 1
    module = "ravetui.engine.launch.torchrun" if by_torchrun else "ravetui.engine.train"
    return [sys.executable, "-m", module, str(run.path.resolve())]
