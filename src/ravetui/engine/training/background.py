"""Work beside the training loop, in a thread of its own."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

LOW = 10
"""The niceness of work that has many sums to do: training keeps its cores, idle ones are used."""


def background(name: str, *, niceness: int = 0) -> ThreadPoolExecutor:
    """A thread that does one thing after another.

    How many threads torch's operations use is one number for the whole process, and training's bits hang on it: so it
    is not the number that is lowered here but the thread's priority, which its helpers inherit. What mostly waits for a
    disk needs no lower one, and is done with the interpreter's lock sooner without.
    """
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_step_back, initargs=(niceness,))


def _step_back(niceness: int) -> None:
    # On Linux a priority is a thread's, though the call speaks of processes; it cannot be raised by everybody.
    if niceness:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
