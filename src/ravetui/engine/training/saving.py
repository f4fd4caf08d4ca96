"""Checkpoints of a run that goes on training: copied between two steps, written by a thread."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any

from ravetui.config import RunSettings
from ravetui.engine.checkpoint import tensors_of, writers
from ravetui.engine.training.background import background
from ravetui.engine.training.finite import NotFiniteError, check_copy
from ravetui.engine.training.host_copy import HostCopy, Tensors
from ravetui.engine.training.state import TrainingState
from ravetui.errors import CheckpointError
from ravetui.runs import ballast
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.publishing import publish
from ravetui.runs.retention import prune, superfluous

FIRST_PAUSE, LONGEST_PAUSE = 15.0, 600.0
"""Seconds until a write that failed is tried again; each failure doubles it."""

Tell = Callable[..., None]
"""Appends an event: its kind, then its fields."""


class Saver:
    """Publishes checkpoints of one attempt.

    :meth:`begin` stalls the loop for the copy, and for a write before it that is not done: the buffers are the same.
    Everything after the copy is done by a thread: it is looked at for NaN, written, read back, named, and then
    superfluous checkpoints go. What went wrong there is told as an event, and to the loop at its next look.

    Args:
        attempt: Number of the attempt.
        keep: How many checkpoints stay.
        tell: Appends an event; called from the thread.
        sync: Makes what was journaled survive a power cut; called from the thread before a checkpoint gets its name.
        step: The step that the attempt begins with; 0: none is saved.
    """

    def __init__(
        self, run: RunFolder, attempt: int, keep: RunSettings, tell: Tell, sync: Callable[[], None], step: int
    ) -> None:
        self._run, self._attempt, self._keep, self._tell, self._sync = run, attempt, keep, tell, sync
        self._thread = background("checkpoint")
        self._copy = HostCopy()
        self._writing: Future[None] | None = None
        self._saved_at = time.monotonic()
        self._pause = 0.0
        self.step = step or None
        """The newest step that is saved or being saved; None: none is."""

    def begin(self, state: TrainingState, validation: float | None) -> None:
        """Copy the state as it is now and let it be published; nothing happens if its step is saved already.

        Raises:
            NotFiniteError: The copy before this one holds NaN or infinity.
        """
        self.wait()
        if self.step == state.step:
            return
        copy = self._copy.take(tensors_of(state))
        trainer = {"phase_2_step": state.phase_2_step, "run_id": state.spec.id}
        self.step, self._saved_at = state.step, time.monotonic()
        self._writing = self._thread.submit(
            self._write, copy, step=state.step, phase=state.phase, validation=validation, trainer=trainer
        )

    def wait(self) -> OSError | CheckpointError | None:
        """Wait for the write that is under way, if one is; what kept it from being published has been told.

        Raises:
            NotFiniteError: The copy holds NaN or infinity: that is never saved.
        """
        writing, self._writing = self._writing, None
        if writing is None:
            return None
        try:
            writing.result()
        except (OSError, CheckpointError) as error:
            self.step, self._saved_at = None, time.monotonic()
            self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
            return error
        except NotFiniteError:
            self.step = None
            raise
        self._pause = 0.0
        return None

    def found_not_finite(self) -> NotFiniteError | None:
        """Wait for the write that is under way, and hear whether NaN or infinity kept it from being published.

        It is asked when a step was not finite: the copy is older, so what it holds was first, be it found later.
        """
        try:
            self.wait()
        except NotFiniteError as found:
            return found
        return None

    def look(self) -> None:
        """Hear of a write that has ended meanwhile, without waiting for one that has not.

        Raises:
            NotFiniteError: The copy holds NaN or infinity: that is never saved.
        """
        if self._writing is not None and self._writing.done():
            self.wait()

    def save(self, state: TrainingState, validation: float | None) -> None:
        """Publish and wait for it; on a full disk, until there is room: nothing but this step is left to be saved.

        Raises:
            NotFiniteError: The state holds NaN or infinity.
            OSError: It cannot be written, and more room would not help.
            CheckpointError: The disk does not keep what it is given.
        """
        while True:
            self.begin(state, validation)
            error = self.wait()
            if error is None:
                return
            if not ballast.is_full(error):
                raise error
            Event().wait(min(self._pause, FIRST_PAUSE))

    def is_due(self, seconds: float) -> bool:
        """Whether the newest checkpoint is older than ``seconds``, or one that failed is to be tried again.

        Not while one is being written: it is the newest then.
        """
        return self._writing is None and time.monotonic() - self._saved_at > (self._pause or seconds)

    def rolled_back(self, step: int) -> None:
        """Take note that training goes on from ``step``."""
        self.step = step or None

    def close(self) -> None:
        """End the thread when it has done what it does."""
        self._thread.shutdown()

    def _write(self, copy: Tensors, *, step: int, **about: Any) -> None:
        check_copy(copy, step)
        try:
            self._sync()
            made = publish(self._run, step, writers(copy), attempt=self._attempt, **about)
        except (OSError, CheckpointError) as error:
            known = list_checkpoints(self._run)
            newest, full = known[0].step if known else 0, ballast.is_full(error)
            self._tell("unsaved", step=step, newest=newest, full=full, reason=str(error))
            raise
        self._tell("saved", step=made.step, bytes=made.bytes)
        ballast.lay_in(self._run)
        known = list_checkpoints(self._run)
        for old in superfluous(known, newest=self._keep.keep_checkpoints, every_hours=self._keep.keep_every_hours):
            prune(old)
