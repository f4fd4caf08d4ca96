"""A loader worker as its trainer sees it."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection
from multiprocessing.connection import Connection, Pipe

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data import slots
from ravetui.engine.data.crops import CropSampler
from ravetui.errors import RunError

_DEAF_TO = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
"""Signals for the whole group mean the trainer, which needs its workers until it has saved."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_GRACE = 2.0
"""A worker that was let go has this long to finish its batch, s."""


class WorkerProcess:
    """Starts at once and makes the batches that it is asked for, in order.

    Args:
        number: Its name in errors.
        sampler: Gives the batch of a window.
        kept: Descriptors that it inherits: locks that are to be held as long as it lives.
    """

    def __init__(self, number: int, sampler: CropSampler, kept: Collection[int]) -> None:
        self._number = number
        self._connection, theirs = Pipe()
        memory = slots.allocate(sampler.shape)
        self.process = _start(theirs, memory, kept)
        theirs.close()
        self._slots = slots.attach(memory, sampler.shape)
        self._asked = self._answered = 0
        self._ready = False
        self._tell(sampler)

    @property
    def is_ready(self) -> bool:
        """Whether it has started, seen without waiting.

        Raises:
            RunError: It has died or failed.
        """
        if not self._ready and self._connection.poll():
            self._hear()
            self._ready = True
        return self._ready

    def ask(self, window: int) -> None:
        """Order the batch of a window; at most two may be ordered and not yet received."""
        self._tell((window, self._asked % slots.COUNT))
        self._asked += 1

    def receive(self) -> NDArray[np.float32]:
        """Wait for the oldest batch that was ordered, (batch, channels, crop); the third one after it overwrites it.

        Raises:
            RunError: The worker has died or failed.
        """
        self._hear()
        self._answered += 1
        batch: NDArray[np.float32] = self._slots[(self._answered - 1) % slots.COUNT]
        return batch

    def let_go(self) -> None:
        """Let it end; :meth:`join` waits for it."""
        self._connection.close()

    def join(self) -> None:
        """Wait until it is gone."""
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _tell(self, what: object) -> None:
        try:
            self._connection.send(what)
        except ConnectionError:
            raise self._died() from None

    def _hear(self) -> None:
        try:
            answer = self._connection.recv()
        except (EOFError, ConnectionError):
            raise self._died() from None
        if answer:
            raise RunError("Loader failed", f"Loader worker {self._number} failed: {answer}.", "See the log.")

    def _died(self) -> RunError:
        self.join()
        code = self.process.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        hint = {
            -signal.SIGKILL: "Memory may have run out: fewer engine.workers need less.",
            -signal.SIGBUS: "The dataset's file may have been cut, or its disk may have failed.",
        }
        return RunError("Loader died", f"Loader worker {self._number} {how}.", hint.get(code, "See the log."))


def _start(theirs: Connection, memory: int, kept: Collection[int]) -> "subprocess.Popen[bytes]":
    """Start the process; it is born with the signals blocked, so that there is no moment in which one could end it."""
    own, passed = theirs.fileno(), memory
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _DEAF_TO)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "ravetui.engine.data.worker", str(own), str(passed)],
            stdin=subprocess.DEVNULL,
            pass_fds=(own, passed, *kept),
            env={**os.environ, **_ONE_THREAD},
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
