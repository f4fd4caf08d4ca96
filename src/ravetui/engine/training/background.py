"""Work beside the training loop, in a thread of its own that training goes before."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

NICENESS = 10
"""Of the thread and of whatever threads torch starts for it: training keeps its cores, idle ones are used."""


def background(name: str) -> ThreadPoolExecutor:
    """A thread that does one thing after another.

    How many threads torch's operations use is one number for the whole process, and training's bits hang on it: so it
    is not the number that is lowered here but the thread's priority, which its helpers inherit.
    """
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_step_back)


def _step_back() -> None:
    # On Linux a priority is a thread's, though the call speaks of processes.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
