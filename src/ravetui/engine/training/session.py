"""One attempt at training a run: what it opens, writes and says."""

import shutil
import time
from pathlib import Path
from threading import Event
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor

from ravetui.config import Config
from ravetui.engine.checkpoint import writers
from ravetui.engine.data.clips import validation_clips
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.same import check_same
from ravetui.engine.render import render_samples
from ravetui.engine.training.batches import Batches
from ravetui.engine.training.boundary import find_boundary, owes_validation
from ravetui.engine.training.finite import NotFiniteError, check_state, check_step
from ravetui.engine.training.journal import TrainingJournal
from ravetui.engine.training.latent import LatentStatistics
from ravetui.engine.training.recovery import load_newest, skipped_windows
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.stopping import StopWatch
from ravetui.engine.training.update import update
from ravetui.engine.training.validation import validate
from ravetui.errors import CheckpointError, RunError
from ravetui.runs import checkpoints, control
from ravetui.runs.events import append_event
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.retention import prune, superfluous
from ravetui.runs.spec import RunSpec, read_spec


class Session:
    """A run being trained by this process.

    Args:
        run: Its folder; the process must hold the run's ``live.lock``, so nobody else writes here.
        config: The workspace's: how to compute and what to keep.
        told_to_stop: Set by a signal; a request in ``control/`` stops the run as well.

    Raises:
        RunError: No shim made an attempt for this process.
        DataError: The dataset is gone or is not the one the run was made for.
        CheckpointError: The run has checkpoints and all are damaged.
    """

    def __init__(self, run: RunFolder, config: Config, told_to_stop: Event) -> None:
        self.run = run
        self._told_to_stop = told_to_stop
        self.config = config
        self.spec: RunSpec = read_spec(run.spec_path)
        self.attempt = _newest_attempt(run)
        self.device = _device(config.engine.device)
        torch.set_num_threads(config.engine.threads or torch.get_num_threads())
        self.dataset = Dataset(Path(self.spec.data.path))
        check_same(self.spec, self.dataset.index)
        training = self.spec.training
        self.sampler = CropSampler(
            self.dataset, training.crop, training.batch_size, training.seed, self.spec.augment.phase_mangle
        )
        self.clips = validation_clips(self.dataset, training.sample_clips, training.sample_seconds)
        self.state: TrainingState = build_state(self.spec, self.device)
        self._resume()
        self.batches = Batches(self.sampler, skipped_windows(run))
        self._rollbacks = 0
        self.journal = TrainingJournal(self.attempt, self.state.step)
        self._boundary = find_boundary(run, training, self.state.step)
        self.owes_validation = self.state.phase == 1 and owes_validation(run, self.spec, self.state.step)
        """Whether a validation of the step it begins with is to be made up for."""
        self._validation: float | None = None
        self._saved_step = self.state.step if self.state.step else -1
        self._saved_time = time.monotonic()
        self._watch = StopWatch(run, self.spec, self.state.step)

    def event(self, kind: str, **fields: Any) -> None:
        """Append an event of this attempt."""
        append_event(self.run.events, kind, attempt=self.attempt.number, **fields)

    @property
    def phase_2_at(self) -> int:
        """The step after which phase 2 begins unless somebody asks for it earlier."""
        return self._boundary.step

    def begin_adversarial(self, *, asked: bool) -> None:
        """Enter phase 2 after the present step, which is kept as the last checkpoint of phase 1.

        The event makes it permanent: an attempt that resumes from before this step switches at the same one.

        Args:
            asked: Whether a person asked for it; then nothing happens if the request was taken back meanwhile.
        """
        self.save_or_warn()
        still_asked = control.withdraw(self.run, "phase")
        if asked and not still_asked:
            return
        self.state.begin_adversarial()
        reason = "asked for" if asked else self._boundary.reason
        self.event("phase", phase=2, step=self.state.step, asked=asked, reason=reason)

    def step(self, batch: Tensor, data_seconds: float) -> None:
        """Update once and journal it.

        Args:
            batch: Crops (batch, channels, samples).
            data_seconds: How long the update waited for them, seconds.

        Raises:
            NotFiniteError: A loss or a gradient is NaN or infinite: the weights are lost, the checkpoints are not.
        """
        began = time.perf_counter()
        values = update(self.state, batch.to(self.device))
        spent = time.perf_counter() - began
        phase = float(self.state.phase)
        values["steps"] = {"phase": phase, "step_seconds": spent, "data_seconds": data_seconds}
        self.journal.write(self.state.step, values)
        self._validation = None
        check_step(self.state, batch, values)

    def roll_back(self, found: NotFiniteError) -> None:
        """Go back to the newest good checkpoint and leave out the data with which numbers were lost.

        The event makes it permanent: an attempt that resumes from before this step leaves out the same.

        Raises:
            RunError: It was done as often as the spec allows.
        """
        step, limit = self.state.step, self.spec.training.max_rollbacks
        if self._rollbacks >= limit:
            raise RunError(
                "Not finite",
                f"{found.tensor} became NaN or infinite at step {step}, after {limit} rollbacks in this attempt.",
                "A lower learning_rate may help: fork a checkpoint with one.",
            )
        self._rollbacks += 1
        window, reason = self.batches.window(step - 1), f"{found.tensor} became NaN or infinite; its data is left out"
        self.event("skipped", step=step, window=window, tensor=found.tensor, reason=reason)
        load_newest(self.run, self.state, self._rejected)
        self.journal.rewind(self.state.step)
        self.batches.leave_out(window)
        self._boundary = find_boundary(self.run, self.spec.training, self.state.step)
        self._validation = None
        self._saved_step = self.state.step if self.state.step else -1

    def validate(self) -> None:
        """Judge the network on validation crops and render samples; given up at once when a stop is asked for."""
        # The latent of a frozen encoder has been analysed.
        latent = LatentStatistics(self.spec.model.latent_size) if self.state.encoder_learns else None
        found = validate(self.state, self.dataset, latent, lambda: self.stop_wanted)
        if found is None:
            return
        rows = {"validation": found}
        if latent is not None and latent.is_enough:
            rows["latent"] = latent.row()
        self.journal.write(self.state.step, rows)
        self.event("validated", step=self.state.step, validation=round(found["validation"], 6))
        self._validation = found["validation"]
        self.owes_validation = False
        render_samples(
            self.run,
            self.spec,
            self.state.judged.eval(),
            self.dataset,
            self.clips,
            step=self.state.step,
            phase=self.state.phase,
            device=self.device,
        )
        self.state.enter_training()
        self.event("sampled", step=self.state.step, clips=len(self.clips))
        control.withdraw(self.run, "validate")

    def save(self) -> None:
        """Publish a checkpoint of this step, then let superfluous ones go.

        Raises:
            OSError: The disk is full; older checkpoints are untouched.
            NotFiniteError: The state holds NaN or infinity: that is never saved.
        """
        if self.state.step == self._saved_step:
            control.withdraw(self.run, "save")
            return
        check_state(self.state)
        self.journal.sync()
        made = checkpoints.publish(
            self.run,
            self.state.step,
            writers(self.state),
            phase=self.state.phase,
            attempt=self.attempt.number,
            validation=self._validation,
            trainer={"phase_2_step": self.state.phase_2_step, "run_id": self.spec.id},
        )
        self._saved_step, self._saved_time = self.state.step, time.monotonic()
        self.event("saved", step=made.step, bytes=made.bytes)
        control.withdraw(self.run, "save")
        known = checkpoints.list_checkpoints(self.run)
        keep = self.config.run
        for old in superfluous(known, newest=keep.keep_checkpoints, every_hours=keep.keep_every_hours):
            prune(old)

    def save_or_warn(self) -> None:
        """Publish a checkpoint if the disk allows; if not, say so and train on."""
        try:
            self.save()
        except (OSError, SafetensorError) as error:
            self._saved_time = time.monotonic()
            self.event("warned", step=self.state.step, reason=f"no checkpoint could be written: {error}")

    def look_at_rules(self) -> None:
        """See whether phase 1 is over or one of the run's stop rules has come true with the present step."""
        began, validated = self.state.phase_2_step or 0, self._validation is not None
        if validated and self.state.phase == 1:
            self._boundary = find_boundary(self.run, self.spec.training, self.state.step)
        self._watch.look(self.state.step, phase_began=began, validated=validated)

    @property
    def stop_wanted(self) -> bool:
        """Whether a person, a signal or a stop rule wants the run to save and exit."""
        return self._watch.met is not None or self._told_to_stop.is_set() or "stop" in control.pending(self.run)

    @property
    def save_is_due(self) -> bool:
        """Whether the newest checkpoint is older than the spec allows."""
        return time.monotonic() - self._saved_time > 60 * self.spec.training.checkpoint_minutes

    def close(self) -> None:
        """Close the journals."""
        self.journal.close()

    def end(self, outcome: str) -> None:
        """Close the journals and write down how the attempt ended: ``finished`` or ``stopped``."""
        self.close()
        met, where = self._watch.met, f"{outcome} at step {self.state.step}"
        if outcome == "stopped" and met is not None:
            self.event(outcome, step=self.state.step, rule=met.rule, reason=f"{where}, saved: {met.reason}")
        else:
            self.event(outcome, step=self.state.step, reason=where if outcome == "finished" else f"{where}, saved")
        control.withdraw(self.run, "stop")

    def _resume(self) -> None:
        """Go on from the newest good checkpoint, if there is any; damaged ones are named in the events."""
        checkpoints.clear_unpublished(self.run)
        for leftover in self.run.samples.glob(".tmp-*"):
            shutil.rmtree(leftover)
        found = load_newest(self.run, self.state, self._rejected)
        self.event("started", step=self.state.step, checkpoint=found.path.name if found else None)

    def _rejected(self, checkpoint: checkpoints.Checkpoint, error: CheckpointError) -> None:
        self.event("warned", step=checkpoint.step, reason=f"checkpoint passed over: {error.message}")


def _newest_attempt(run: RunFolder) -> AttemptFolder:
    attempts = run.attempt_folders()
    if not attempts:
        raise RunError("Not started", f"Run {run.name} has no attempt folder.", "Use `ravetui run start`.")
    return attempts[-1]


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise RunError(
            "No GPU", "engine.device is cuda, but torch sees no GPU.", "Set it to auto or cpu in config.toml."
        )
    return torch.device(name)
