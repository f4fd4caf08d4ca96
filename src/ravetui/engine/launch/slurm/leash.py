"""A command that dies with its supervisor: ``python -P -m ravetui.engine.launch.slurm.leash PID COMMAND…``.

Where SLURM tracks a job by its process group (proctrack/pgid), killing the job reaches the supervisor and not the
trainer, which has a session of its own. Nothing of a job may live on after it: the next attempt begins elsewhere.
"""

import os
import sys

from ravetui.engine.launch.parent import die_with_parent


def main(parent: int, argv: list[str]) -> None:
    """Tie this process to the supervisor and become the command, which stays tied."""
    die_with_parent(parent)
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
