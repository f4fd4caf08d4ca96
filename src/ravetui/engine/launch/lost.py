"""Resuming what a crash took down: the machine was restarted, or everything of a run was killed at once."""

from dataclasses import dataclass

from ravetui.engine.launch.queueing import enqueue
from ravetui.errors import RavetuiError
from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import QueueFolder
from ravetui.runs.record import read_exit, read_proc
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace


@dataclass(frozen=True)
class Resumed:
    """What became of one lost run."""

    run: str
    said: str
    failed: bool


def lost_runs(workspace: Workspace) -> list[RunFolder]:
    """Runs that went down with everything, in the order in which they had begun.

    Those are gone without a word, or were stopped by the system itself, as at a shutdown. One that a person stopped is
    not lost, nor is one that was queued since.
    """
    return sorted(filter(_is_lost, workspace.run_folders()), key=_began)


def start_lost(workspace: Workspace) -> list[Resumed]:
    """Let every lost run go on, before those that were waiting: at once as far as there are slots, else in turn.

    Raises:
        RavetuiError: The configuration is wrong, or torch is not installed.
    """
    answers = []
    # The first comes first: each next one is put before those that waited, which is behind the ones before it.
    waited = next((entry.run for entry in QueueFolder(workspace.queue).read().entries), None)
    for run in lost_runs(workspace):
        try:
            answers.append(Resumed(run.name, enqueue(workspace, run, before=_still(workspace, waited)), False))
        except RavetuiError as error:
            answers.append(Resumed(run.name, f"{run.name} was not resumed: {error}", True))
    return answers


def _still(workspace: Workspace, run: str | None) -> str | None:
    """The run, as long as it waits."""
    waiting = QueueFolder(workspace.queue).read()
    return run if run is not None and waiting.place(run) is not None else None


def _is_lost(run: RunFolder) -> bool:
    status = run_status(run)
    if status.state is not RunState.STOPPED or not status.attempt:
        return status.state is RunState.LOST
    ended = read_exit(run.attempt(status.attempt))
    return ended is not None and ended.by_system


def _began(run: RunFolder) -> float:
    attempts = run.attempt_folders()
    proc = read_proc(attempts[-1]) if attempts else None
    return proc.started if proc else 0.0
