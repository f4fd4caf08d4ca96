"""The trainer's TensorBoard files: one an attempt, beside the journals, which stay what everything else reads.

Written where ``run.tensorboard`` is set in ``config.toml`` when an attempt begins. The numbers of every tenth step are
enough: TensorBoard shows a thousand points of a curve. What attempts and rollbacks take back it takes back too, by the
marks it has for that (``SessionLog.START``).
"""

import io
import os
import socket
import time
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import soundfile

from ravetui.errors import RavetuiError
from ravetui.runs.ballast import is_full
from ravetui.runs.event_record import ScalarRow, sound_record, start_record, text_record, version_record
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.format import steps
from ravetui.runs.samples import Sample, list_samples
from ravetui.runs.tables import TABLES

FOLDER = "tensorboard"
EVERY = 10
"""Of so many steps a table's first row is written."""
FLUSH_SECONDS, FLUSH_BYTES = 2.0, 1 << 16
MOST_OWED = 1 << 25
"""What a full disk takes no more is kept up to so many bytes; what comes then is left out."""
_PREFIX = "events.out.tfevents."


class Board:
    """Writes what one attempt measures and renders; whatever goes wrong is told once and stops nothing.

    Any thread may call it.

    Args:
        from_step: The step the attempt resumed from.
        tell: Appends an event to the run's.
    """

    def __init__(self, run: RunFolder, attempt: AttemptFolder, from_step: int, tell: Callable[..., None]) -> None:
        self._run, self._tell = run, tell
        self._rows = {table: ScalarRow(columns) for table, columns in TABLES.items()}
        self._last: dict[str, int] = {}
        self._owed = bytearray()
        self._lock = Lock()
        self._flushed = time.monotonic()
        self._handle: int | None = None
        self._complained = self._known_originals = False
        now = time.time()
        try:
            self._handle = _open_next(run.path / FOLDER, attempt.number, now)
            spec = run.spec_path.read_text("utf-8")
        except OSError as error:
            self._give_up(error)
            return
        self._put(version_record(now))
        if attempt.number > 1:
            self._put(start_record(from_step + 1, now))
        self._put(text_record("spec", f"```toml\n{spec}\n```", from_step, now))
        self.flush()

    def write(self, step: int, when: float, values: Mapping[str, Mapping[str, float]]) -> None:
        """Take a step's rows; see :meth:`~ravetui.engine.training.journal.TrainingJournal.write`."""
        for table, row in values.items():
            if step // EVERY != self._last.get(table):
                self._last[table] = step // EVERY
                self._put(self._rows[table].record(step, when, [row[column] for column in TABLES[table]]))
        if len(self._owed) >= FLUSH_BYTES or time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def rewind(self, step: int) -> None:
        """Take back what was written after ``step``."""
        self._put(start_record(step + 1, time.time()))
        self._last.clear()

    def told(self, kind: str, **fields: Any) -> None:
        """Append an event of the renderer's, and write the sounds that it speaks of."""
        self._tell(kind, **fields)
        if kind == "sampled":
            self.sounds(int(fields["step"]))

    def sounds(self, step: int) -> None:
        """Write the samples of a step that has been rendered; originals once an attempt."""
        for sample in list_samples(self._run, step):
            try:
                self._put(_sound(sample, sample.reconstruction, "reconstruction"))
                if not self._known_originals:
                    self._put(_sound(sample, sample.original, "original"))
            except (OSError, RuntimeError, RavetuiError) as error:  # soundfile's own error is a RuntimeError
                self._complain(f"sounds of step {steps(step)} are not in it: {error}")
                return
        self._known_originals = True
        self.flush()

    def flush(self) -> None:
        """Give what is in memory to the system; on a full disk it stays, and is given later."""
        with self._lock:
            self._flushed = time.monotonic()
            try:
                while self._owed and self._handle is not None:
                    del self._owed[: os.write(self._handle, self._owed)]
            except OSError as error:
                if not is_full(error):
                    self._give_up(error)

    def close(self) -> None:
        """Write what there is room for, and close."""
        self.flush()
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
            self._handle = None

    def _put(self, record: bytes) -> None:
        with self._lock:
            if self._handle is None:
                return
            if len(self._owed) + len(record) <= MOST_OWED:
                self._owed += record
                return
        self._complain("the disk has been full for so long that numbers are left out")

    def _give_up(self, error: OSError) -> None:
        """Write no more."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None
        self._complain(f"it cannot be written: {error.strerror or error}")

    def _complain(self, sentence: str) -> None:
        if not self._complained:
            self._complained = True
            self._tell("warned", reason=f"TensorBoard's file of this attempt is not whole: {sentence}")


def _open_next(folder: Path, attempt: int, now: float) -> int:
    """A new event file whose name comes after those of earlier attempts."""
    folder.mkdir(exist_ok=True)
    known = [path.name.removeprefix(_PREFIX).partition(".")[0] for path in folder.glob(f"{_PREFIX}*")]
    number = max([int(now), *(int(text) + 1 for text in known if text.isdecimal())])
    path = folder / f"{_PREFIX}{number:010d}.{socket.gethostname()}.{os.getpid()}.{attempt}"
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)


def _sound(sample: Sample, path: Path, which: str) -> bytes:
    audio, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(audio.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(audio.tobytes())
    tag = f"samples/{sample.name}/{which}"
    frames, channels = audio.shape
    return sound_record(tag, made.getvalue(), sample.step, time.time(), rate=rate, channels=channels, frames=frames)
