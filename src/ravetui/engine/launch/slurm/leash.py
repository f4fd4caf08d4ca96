"""A command that dies with its supervisor: ``python -P -m ravetui.engine.launch.slurm.leash PID COMMAND…``.

Where SLURM tracks a job by its process group (proctrack/pgid), killing the job reaches the supervisor and not the
trainer, which has a session of its own. Nothing of a job may live on after it: the next attempt begins elsewhere.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, argv: list[str]) -> None:
    """Have the kernel kill this process when the parent is gone (prctl(2)), and become the command."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("whoever started this process is gone")
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
