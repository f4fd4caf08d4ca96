"""Makes workspaces on disk with the real writers, so that screens are tested against real folders."""

import dataclasses
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from ravetui.engine.data.index import AUDIO, SPLITS, DatasetIndex, Segment, SourceFile, write_index
from ravetui.engine.presets import find_preset
from ravetui.metrics.catalogue import EMBEDDERS
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import report_progress, score_job
from ravetui.runs.journal import JournalWriter
from ravetui.runs.lock import acquire
from ravetui.runs.process import identify
from ravetui.runs.publishing import publish
from ravetui.runs.record import ExitRecord, ProcRecord, write_exit, write_proc
from ravetui.runs.samples import ORIGINALS, RenderedClip, write_manifest
from ravetui.runs.scores import write_score
from ravetui.runs.spec import DataRef, RunSpec, write_spec
from ravetui.runs.tables import TABLES
from ravetui.runs.workspace import Workspace, make_workspace

RATE = 44100
STEPS_PER_EPOCH = 50
STEP_SECONDS = 0.4
RECONSTRUCTION, ORIGINAL = 440.0, 880.0
"""Tones of the samples, Hz."""


def workspace_in(folder: Path, *, refresh_seconds: float = 0.05, dataset: bool = True) -> Workspace:
    """A workspace whose screen looks often."""
    workspace = make_workspace(folder)
    config = workspace.root / "config.toml"
    text = config.read_text().replace("refresh_seconds = 0.5", f"refresh_seconds = {refresh_seconds}")
    config.write_text(text)
    if dataset:
        make_dataset(workspace, "graz")
    return Workspace(workspace.root)


def make_dataset(workspace: Workspace, name: str, seconds: float = 600.0) -> None:
    """A dataset of silence."""
    folder = workspace.dataset_path(name)
    folder.mkdir(parents=True)
    frames = int(seconds * RATE)
    lengths = (frames, frames // 5)
    segments = tuple(
        Segment(offset, length, split, (SourceFile(f"/{split}.wav", "0", 0, length, RATE, 1, 0),))
        for split, offset, length in zip(SPLITS, (0, frames), lengths, strict=True)
    )
    index = DatasetIndex(RATE, 1, "2026-01-01T00:00:00+00:00", "f" * 32, "file", segments)
    with (folder / AUDIO).open("wb") as file:
        file.truncate(index.audio_bytes)
    write_index(folder, index)


class MadeRun:
    """A run that a test writes, step by step, as a trainer would.

    Args:
        workspace: Where it lies.
        name: Its name.
        created: When, ISO 8601: newer runs are listed first.
        phase_1_steps: Step at which phase 1 is to end.
        total_steps: Step at which the run is to end.
        fingerprint: Of its dataset.
    """

    def __init__(
        self,
        workspace: Workspace,
        name: str,
        created: str = "2026-01-01T00:00:00+00:00",
        *,
        phase_1_steps: int = 1000,
        total_steps: int = 2000,
        fingerprint: str = "f" * 32,
    ) -> None:
        preset = find_preset("tiny")
        self.workspace = workspace
        self.folder = RunFolder(workspace.runs / name)
        self.spec = RunSpec(
            name=name,
            id=name,
            created=created,
            preset="tiny",
            model=preset.model,
            loss=preset.loss,
            training=dataclasses.replace(preset.training, phase_1_steps=phase_1_steps, total_steps=total_steps),
            data=DataRef("graz", str(workspace.data / "graz"), fingerprint, STEPS_PER_EPOCH),
        )
        self.folder.path.mkdir(parents=True)
        for path in ("attempts", "control", "checkpoints", "samples", "scores", "jobs"):
            (self.folder.path / path).mkdir()
        write_spec(self.folder.spec_path, self.spec)
        append_event(self.folder.events, "created", preset="tiny", data="graz")
        self.attempt = 0
        self.step = 0
        self.phase = 1
        self.raised = 0.0
        """How much more the sum of the losses is than the spectral distance and 0.1."""
        self._writers: dict[str, JournalWriter] = {}
        self._locks: list[int] = []

    def begin(self, *, live: bool = False, pid: int | None = None) -> "MadeRun":
        """Begin an attempt.

        Args:
            live: Hold the run's locks until :meth:`end` or :meth:`release`.
            pid: The process that is said to train; this one if not given.
        """
        self.attempt += 1
        attempt = self.folder.attempt(self.attempt)
        attempt.metrics.mkdir(parents=True)
        for table, columns in TABLES.items():
            path = attempt.metrics / f"{table}.bin"
            self._writers[table] = JournalWriter(path, columns, from_step=self.step, attempt=self.attempt)
        write_proc(attempt, proc_record(pid or os.getpid()))
        if live:
            self._lock(self.folder.live_lock, self.folder.supervisor_lock)
        append_event(self.folder.events, "started", attempt=self.attempt, step=self.step)
        return self

    def train(self, count: int) -> "MadeRun":
        """Some steps, the last one now."""
        start = time.time() - count * STEP_SECONDS
        noise = np.random.default_rng(self.step).normal(0, 0.15, count)
        for number in range(count):
            self.step += 1
            when = start + (number + 1) * STEP_SECONDS
            loss = 3.9 + 3.4 * np.exp(-self.step / 250) + float(noise[number])
            self._writers["steps"].append(self.step, when, (self.phase, STEP_SECONDS, 0.002))
            self._writers["reconstruction"].append(
                self.step, when, (loss + 0.1 + self.raised, loss, loss / 2, 0.3, 0.1, 1e-3)
            )
            if self.phase == 2:
                self._writers["adversarial"].append(self.step, when, (8.0, -0.4))
                self._writers["discriminator"].append(self.step, when, (1.7, 0.6, -0.5))
        return self

    def validate(self, *, samples: int = 3, save: bool = True) -> float:
        """Validation, samples and a checkpoint at the present step."""
        value = 4.0 + 3.4 * float(np.exp(-self.step / 260))
        self._writers["validation"].append(self.step, time.time(), (value, value / 2, 1.0))
        append_event(self.folder.events, "validated", attempt=self.attempt, step=self.step, validation=value)
        if samples:
            self.render(samples)
        if save:
            self.save(value)
        return value

    def use(self, *, ago: float = 0.0, **columns: float) -> "MadeRun":
        """What the run's processes use at the present step; what is not given was not measured."""
        row = [columns.get(name, math.nan) for name in TABLES["resources"]]
        self._writers["resources"].append(self.step, time.time() - ago, row)
        return self

    def count_codes(self, usage: float, perplexity: float) -> "MadeRun":
        """What a validation finds of a discrete latent's worst codebook."""
        self._writers["codebooks"].append(self.step, time.time(), [1.0, usage, 512.0, perplexity])
        return self

    def save(self, validation: float | None = None) -> None:
        """A checkpoint at the present step."""
        weights = {"model.safetensors": _write_weights}
        publish(
            self.folder,
            self.step,
            weights,
            phase=self.phase,
            attempt=self.attempt,
            validation=validation,
            trainer={},
        )
        append_event(self.folder.events, "saved", attempt=self.attempt, step=self.step)

    def render(
        self, count: int, seconds: float = 1.0, *, reconstruction: float = RECONSTRUCTION, original: float = ORIGINAL
    ) -> None:
        """Samples of the present step: tones of these pitches, Hz."""
        folder = self.folder.step_folder(self.folder.samples, self.step)
        originals = self.folder.samples / ORIGINALS
        originals.mkdir(exist_ok=True)
        folder.mkdir()
        time_axis = np.arange(int(seconds * RATE)) / RATE
        made, given = (0.3 * np.sin(2 * np.pi * hertz * time_axis) for hertz in (reconstruction, original))
        clips = []
        for number, name in zip(range(count), ("nocturne", "étude", "scale", "chords"), strict=False):
            soundfile.write(folder / f"{name}.flac", made, RATE)
            soundfile.write(originals / f"{name}.flac", given, RATE)
            clips.append(RenderedClip(name, seconds, f"{name}.flac", f"../{ORIGINALS}/{name}.flac", 3.9 + number / 10))
        write_manifest(folder, step=self.step, phase=self.phase, sampling_rate=RATE, clips=clips)
        append_event(self.folder.events, "sampled", attempt=self.attempt, step=self.step)

    def go_adversarial(self) -> None:
        """Phase 2 from the present step on."""
        self.phase = 2
        append_event(self.folder.events, "phase", attempt=self.attempt, phase=2, step=self.step)

    def say(self, *lines: str) -> None:
        """Print to the log."""
        with self.folder.attempt(self.attempt).log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def end(self, outcome: str, reason: str) -> None:
        """The attempt is over."""
        self.release()
        write_exit(self.folder.attempt(self.attempt), ExitRecord(outcome, reason, 0, None, time.time(), []))
        append_event(self.folder.events, outcome, attempt=self.attempt, step=self.step, reason=reason)

    def score(self, step: int, fad: float = 0.21) -> None:
        """A score of a checkpoint."""
        write_score(self.folder, step, "mel", score_document(self.folder.name, step, self.phase, fad))

    def scoring(self, step: int, fraction: float) -> None:
        """A scoring that is at work until :meth:`release`."""
        job = score_job(self.folder, step, "mel")
        job.path.mkdir()
        self._lock(job.live_lock, job.supervisor_lock)
        write_proc(job.attempt, proc_record(os.getpid()))
        report_progress(job, fraction, "embedding clip 3 of 8")

    def release(self) -> None:
        """Close every file and let every lock go."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}
        for lock in self._locks:
            os.close(lock)
        self._locks = []

    def _lock(self, *paths: Path) -> None:
        for path in paths:
            lock = acquire(path)
            assert lock is not None
            self._locks.append(lock)


@contextmanager
def sampled_run(folder: Path, clips: int, seconds: float) -> Iterator[MadeRun]:
    """The live run ``graz`` in a workspace of its own, with so many clips, so long, of step 50."""
    made = MadeRun(workspace_in(folder), "graz").begin(live=True).train(50)
    made.validate(samples=0)
    made.render(clips, seconds=seconds)
    yield made
    made.release()


def _write_weights(path: Path) -> None:
    path.write_bytes(b"weights")


def proc_record(pid: int) -> ProcRecord:
    """What a shim writes about a process."""
    process = identify(pid)
    assert process is not None
    return ProcRecord(pid, process.boot_id, process.start_ticks, os.getpid(), "here", time.time(), ["python"])


def score_document(run: str, step: int, phase: int, fad: float) -> dict[str, object]:
    """What ``score --json`` prints."""

    def metric(value: float, half: float) -> dict[str, float]:
        return {"value": value, "low": value - half, "high": value + half}

    return {
        "run": run,
        "checkpoint": step,
        "phase": phase,
        "embedder": "mel",
        "embedder_label": EMBEDDERS["mel"].label,
        "reference": "validation",
        "n": 120,
        "metrics": {
            "fad": metric(fad, 0.02),
            "fad_corrected": metric(0.8 * fad, 0.02),
            "kid": metric(4.1, 0.3),
            "vendi": metric(7.4, 0.2),
        },
    }
