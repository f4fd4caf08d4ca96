"""One attempt at training a run: what it opens, writes and says."""

import shutil
import time
from pathlib import Path
from threading import Event
from typing import Any

import torch
from torch import Tensor

from ravetui.config import Config
from ravetui.engine.data.clips import validation_clips
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.same import check_same
from ravetui.engine.resources.watch import ResourceWatch
from ravetui.engine.training.ahead import look_ahead
from ravetui.engine.training.auto_score import AutoScore
from ravetui.engine.training.batches import Batches
from ravetui.engine.training.board import Board
from ravetui.engine.training.boundary import find_boundary, owes_validation
from ravetui.engine.training.device import choose_device
from ravetui.engine.training.epoch_clock import EpochClock
from ravetui.engine.training.finite import NotFiniteError, check_step
from ravetui.engine.training.journal import TrainingJournal
from ravetui.engine.training.precision import WAYS, compute_with, prepare_device
from ravetui.engine.training.ranks import ALONE, Ranks, Word
from ravetui.engine.training.recovery import load_newest, skipped_windows
from ravetui.engine.training.rendering import Renderer
from ravetui.engine.training.saving import Saver
from ravetui.engine.training.source import open_source
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.stopping import StopWatch
from ravetui.engine.training.tuning import Tuning
from ravetui.engine.training.update import update
from ravetui.engine.training.validation import validate
from ravetui.errors import CheckpointError, RunError
from ravetui.runs import ballast, checkpoints, control
from ravetui.runs.event_log import EventLog
from ravetui.runs.events import read_events
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.format import steps
from ravetui.runs.lock import held
from ravetui.runs.publishing import clear_unpublished
from ravetui.runs.spec import RunSpec, read_spec
from ravetui.runs.tables import TABLES


class Session:
    """A run being trained by this process.

    Args:
        run: Its folder; the process must hold the run's ``live.lock``, so nobody else writes here.
        config: The workspace's: how to compute and what to keep.
        told_to_stop: Set by a signal; a request in ``control/`` stops the run as well.
        ranks: Who trains it together; all but the first write nothing (:mod:`ravetui.engine.training.following`).

    Raises:
        RunError: No shim made an attempt for this process, or it needs other ranks or GPUs than there are.
        DataError: The dataset is gone or is not the one the run was made for.
        CheckpointError: The run has checkpoints and all are damaged.
    """

    def __init__(self, run: RunFolder, config: Config, told_to_stop: Event, ranks: Ranks = ALONE) -> None:
        self.run = run
        self.ranks = ranks
        self._told_to_stop = told_to_stop
        self.config = config
        self.spec: RunSpec = read_spec(run.spec_path)
        self.attempt = _newest_attempt(run)
        self._events = EventLog(run, self.attempt.number)
        if ranks.first:
            ballast.lay_in(run)
        self.device = choose_device(config.engine.device, self.spec.training.ranks, ranks)
        threads = config.engine.threads
        torch.set_num_threads(max(1, threads // ranks.size) if threads else torch.get_num_threads())
        prepare_device(self.device)
        self.dataset = Dataset(Path(self.spec.data.path))
        check_same(self.spec, self.dataset.index)
        training = self.spec.training
        self.sampler = CropSampler.of(self.dataset, self.spec, ranks=ranks.size, rank=ranks.rank)
        # Early: its workers start while the networks are built.
        source = open_source(self.sampler, config.engine, self.device, held(run.live_lock))
        self.clips = validation_clips(self.dataset, training.sample_clips, training.sample_seconds)
        self.state: TrainingState = build_state(self.spec, self.device, ranks)
        self._resume()
        self.batches = Batches(source, skipped_windows(run))
        self._rollbacks = 0
        wanted = ranks.first and config.run.tensorboard
        board = Board(run, self.attempt, self.state.step, self.event) if wanted else None
        self.journal = TrainingJournal(self.attempt, self.state.step, TABLES if ranks.first else {}, board)
        self.epochs = EpochClock(run, self.spec, self.state.step)
        self._boundary = find_boundary(run, training, self.state.step)
        self.owes_validation = owes_validation(run, self.spec, self.state.step, self.state.phase)
        """Whether a validation of the step it begins with is to be made up for."""
        self._validation: float | None = None
        keep, step = config.run, self.state.step
        self._auto_score = AutoScore(run, self.event, self.device)
        self._saver = Saver(run, self.attempt.number, keep, self._auto_score.told, self.journal.sync, step)
        self._renderer = Renderer(run, self.state, self.dataset, self.clips, board.told if board else self.event)
        self._watch = StopWatch(run, self.spec, self.state.step, self.state.phase_2_step or 0)
        self._choose_computing()
        self._resources = ResourceWatch(run, self.state, self.journal, self.event, ranks)

    def event(self, kind: str, **fields: Any) -> None:
        """Append an event of this attempt; rank 0 speaks for all."""
        if self.ranks.first:
            self._events.append(kind, **fields)

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
        self._saver.wait()
        still_asked = control.withdraw(self.run, "phase")
        if asked and not still_asked:
            return
        self.ranks.say(Word.ADVERSARIAL)
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
        self.ranks.say(Word.STEP)
        values = self.ranks.mean(update(self.state, batch.to(self.device)))
        spent = time.perf_counter() - began
        phase = float(self.state.phase)
        values["steps"] = {"phase": phase, "step_seconds": spent, "data_seconds": data_seconds}
        if epoch := self.epochs.made(self.state.step, spent + data_seconds, data_seconds):
            values["epochs"] = epoch
        self.journal.write(self.state.step, values)
        self._resources.count_step(data_seconds, spent)
        self._validation = None
        check_step(self.state, batch, values)

    def roll_back(self, found: NotFiniteError) -> None:
        """Go back to the newest good checkpoint and leave out the data with which numbers were lost.

        The event makes it permanent: an attempt that resumes from before this step leaves out the same.

        Raises:
            RunError: It was done as often as the spec allows.
        """
        found = self._saver.found_not_finite() or found
        step, limit = found.step, self.spec.training.max_rollbacks
        if self._rollbacks >= limit:
            raise RunError(
                "Not finite",
                f"{found.tensor} became NaN or infinite at step {step}, after {limit} rollbacks in this attempt.",
                "A lower learning_rate may help: fork a checkpoint with one.",
            )
        self._rollbacks += 1
        window, reason = self.batches.window(step - 1), f"{found.tensor} became NaN or infinite; its data is left out"
        self.event("skipped", step=step, window=window, tensor=found.tensor, reason=reason)
        self.ranks.say(Word.ROLL_BACK)
        load_newest(self.run, self.state, self._rejected)
        self.journal.rewind(self.state.step)
        self.epochs.begin_with(self.state.step)
        self.batches.leave_out(window)
        self._boundary = find_boundary(self.run, self.spec.training, self.state.step)
        self._validation = None
        self._saver.rolled_back(self.state.step)

    def validate(self) -> None:
        """Judge the network on validation crops, and let samples be rendered; given up when a stop is asked for."""
        self.ranks.say(Word.VALIDATE)
        rows = validate(self.state, self.dataset, lambda: self.stop_wanted)
        if rows is None:
            return
        self.journal.write(self.state.step, rows)
        self._validation = rows["validation"]["validation"]
        self.owes_validation = False
        self.event("validated", step=self.state.step, validation=round(self._validation, 6))
        self._auto_score.validated(self.state.step)
        self._renderer.begin(self.state)
        control.withdraw(self.run, "validate")

    def save(self) -> None:
        """Publish a checkpoint of this step and wait for it; on a full disk, until there is room.

        Raises:
            OSError: It cannot be written, and more room would not help.
            NotFiniteError: The state holds NaN or infinity: that is never saved.
        """
        control.withdraw(self.run, "save")
        self._saver.save(self.state, self._validation)

    def save_or_warn(self) -> None:
        """Let a checkpoint of this step be published while training goes on; what prevents it is told as an event."""
        control.withdraw(self.run, "save")
        self._saver.begin(self.state, self._validation)

    def look_at_rules(self) -> None:
        """See whether phase 1 is over or a stop rule has come true with this step, and what became of a checkpoint.

        Raises:
            NotFiniteError: The checkpoint that is being written holds NaN or infinity.
        """
        self._saver.look()
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
        return self._saver.is_due(60 * self.spec.training.checkpoint_minutes)

    def close(self) -> None:
        """Wait for what is being written, and close the journals."""
        self._resources.close()
        self._renderer.close()
        self._saver.close()
        self.journal.close()

    def end(self, outcome: str) -> None:
        """Close, and write down how the attempt ended: ``finished`` or ``stopped``.

        Samples that are being rendered are given up when a person wants the run to stop.

        Raises:
            LostRankError: A rank is gone: that is how it ended then.
        """
        if outcome == "stopped" and self._watch.met is None:
            self._renderer.give_up()
        self.close()
        self.ranks.dismiss()
        met, where = self._watch.met, f"{outcome} at step {self.state.step}"
        if outcome == "stopped" and met is not None:
            self.event(outcome, step=self.state.step, rule=met.rule, reason=f"{where}, saved: {met.reason}")
        else:
            asked = f": asked by {who}" if (who := control.asked_by(self.run, "stop")) else ""
            reason = where if outcome == "finished" else f"{where}, saved{asked}"
            self.event(outcome, step=self.state.step, reason=reason)
        control.withdraw(self.run, "stop")

    def _resume(self) -> None:
        """Go on from the newest good checkpoint, if there is any; damaged ones are named in the events."""
        if self.ranks.first:
            clear_unpublished(self.run)
            for leftover in self.run.samples.glob(".tmp-*"):
                shutil.rmtree(leftover)
        found = load_newest(self.run, self.state, self._rejected)
        self.event("started", step=self.state.step, checkpoint=found.path.name if found else None)
        saved = [int(event.fields["step"]) for event in read_events(self.run.events) if event.kind == "saved"]
        if found is None and saved:
            reason = f"a checkpoint of step {steps(saved[-1])} was saved, and none is there any more: it begins anew"
            self.event("warned", step=0, passed_over=True, reason=reason)

    def _choose_computing(self) -> None:
        """Compute as the settings say, or as the run did before, or as proves fastest on rank 0."""
        chosen = WAYS[0]
        if self.ranks.first:
            tuning = Tuning(self.spec, self.config.engine, self.device, lambda: self.stop_wanted)
            events = read_events(self.run.events)
            choice = tuning.choose(events)
            chosen = choice.computing
            if choice.is_new:
                self.event("computing", step=self.state.step, **choice.fields)
            look_ahead(self.run, self.state, chosen, events, self.event, lambda: self.stop_wanted)
        compute_with(self.state, WAYS[self.ranks.say(WAYS.index(chosen))])

    def _rejected(self, checkpoint: checkpoints.Checkpoint, error: CheckpointError) -> None:
        self.event("warned", step=checkpoint.step, passed_over=True, reason=f"checkpoint passed over: {error.message}")


def _newest_attempt(run: RunFolder) -> AttemptFolder:
    attempts = run.attempt_folders()
    if not attempts:
        raise RunError("Not started", f"Run {run.name} has no attempt folder.", "Use `ravetui run start`.")
    return attempts[-1]
