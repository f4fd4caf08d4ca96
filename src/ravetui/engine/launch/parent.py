"""Living no longer than whoever started us."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(pid: int) -> None:
    """Have the kernel kill this process when the one that started it is gone, however that ends (prctl(2)).

    Args:
        pid: Of the parent; if it is gone already, so is this process.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != pid:
        sys.exit("whoever started this process is gone")
