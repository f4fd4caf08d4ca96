"""What the screen's actions do to the workspace: each runs in a thread and answers with a sentence for a toast.

Whatever is not needed to show a run is imported when it is first asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ravetui.app.arrangement import Arrangement, ArrangementFile
from ravetui.errors import RunError
from ravetui.runs import ratings
from ravetui.runs.atomic import write_bytes
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.described import described_model
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.gin import read_config
from ravetui.runs.foreign.given import given_audio
from ravetui.runs.format import steps

if TYPE_CHECKING:
    from ravetui.runs.workspace import Workspace

Change = Callable[[Arrangement], Arrangement]


def create(workspace: Workspace, name: str, data: str, changes: dict[str, str]) -> str:
    """Make a run and start it, or queue it if no slot is free.

    Raises:
        RavetuiError: The name, the data or a setting is refused, or the trainer cannot be started.
    """
    from ravetui.engine.create import create_run
    from ravetui.engine.launch.queueing import enqueue

    return enqueue(workspace, create_run(workspace, name, data, changes))


def fork(workspace: Workspace, parent: RunFolder, step: int, name: str, changes: dict[str, str]) -> str:
    """Make a run that begins with a checkpoint of another one, and start it, or queue it if no slot is free.

    Raises:
        RavetuiError: The name, the checkpoint or a setting is refused, or the trainer cannot be started.
    """
    from ravetui.engine.fork import fork_run, plan_fork
    from ravetui.engine.launch.queueing import enqueue

    return enqueue(workspace, fork_run(workspace, name, plan_fork(parent, str(step), changes)))


def start(workspace: Workspace, run: RunFolder) -> str:
    """Start a run, or resume it from its newest checkpoint; queue it if no slot is free, and start one that waits.

    Raises:
        RunError: It trains already or cannot be started.
    """
    from ravetui.engine.launch.queueing import start_or_queue

    return start_or_queue(workspace, run)


def move(run: RunFolder, by: int) -> str:
    """Let a run come later in the queue by so many places; earlier if negative.

    Raises:
        RunError: It does not wait.
    """
    from ravetui.engine.launch import queueing

    queueing.move(run, by=by)
    return ""


def delete(workspace: Workspace, run: RunFolder) -> str:
    """Move a run to the trash.

    Raises:
        RunError: It trains, waits, is worked on or is gone already.
    """
    from ravetui.runs.trash import delete_run

    delete_run(workspace, run.name)
    return f"{run.name} is in the trash; z brings it back."


def restore(workspace: Workspace, name: str) -> str:
    """Take a run out of the trash.

    Raises:
        RunError: Somebody else has just done so.
    """
    from ravetui.runs.trash import restore_run

    back = restore_run(workspace, name)
    return f"{name} is back." if back.name == name else f"{name} is back as {back.name}: its name is taken."


def stop(run: RunFolder, *, now: bool) -> str:
    """Ask a run to save and exit, or end it now.

    Raises:
        RunError: It does not train.
    """
    from ravetui.engine.launch.stop import stop_run

    return stop_run(run, now=now, via="screen")


def go_adversarial(run: RunFolder) -> str:
    """Ask for phase 2 from here on.

    Raises:
        RunError: It is in phase 2 already or finished.
    """
    from ravetui.engine.launch import phase

    return phase.go_adversarial(run, via="screen")


def stay_in_reconstruction(run: RunFolder) -> str:
    """Take that request back.

    Raises:
        RunError: It has been obeyed already.
    """
    from ravetui.engine.launch import phase

    return phase.stay_in_reconstruction(run)


def pin(run: RunFolder, step: int) -> str:
    """Keep a checkpoint for good.

    Raises:
        CheckpointError: It has been deleted meanwhile.
    """
    from ravetui.runs import retention

    found = retention.pin(run, str(step))
    return f"Step {steps(found.step)} of {run.name} is kept for good."


def unpin(run: RunFolder, step: int) -> str:
    """Let a pinned checkpoint go when its turn comes.

    Raises:
        CheckpointError: It is not pinned any more, or has been deleted.
    """
    from ravetui.runs import retention

    found = retention.unpin(run, str(step))
    return f"Step {steps(found.step)} of {run.name} is kept no longer than others."


def score(workspace: Workspace, run: RunFolder, chosen: Sequence[int]) -> str:
    """Start a scoring of each checkpoint in the background; they take turns.

    Raises:
        CheckpointError: It is of another program, and its network is none of ours.
        RunError: One cannot be started, or what goes through those of another program was never said.
    """
    from ravetui.engine.launch.score import start_score
    from ravetui.metrics.choice import chosen_embedder

    if isinstance(run, ForeignFolder):
        described_model(read_config(run.config_path))
        given_audio(run)

    settings = workspace.config.score
    embedder = chosen_embedder(settings.embedder)
    for step in chosen:
        start_score(run, step, embedder, workspace.reference, settings.seconds)
    return f"{len(chosen)} checkpoints are scored, one after another." if len(chosen) > 1 else ""


def cancel_scores(run: RunFolder, chosen: Sequence[tuple[int, str]]) -> str:
    """End scorings, each of a step and an embedder.

    Raises:
        RunError: One has just ended by itself.
    """
    from ravetui.engine.launch.score import cancel_score

    said = [cancel_score(run, step, embedder, via="screen") for step, embedder in chosen]
    return said[0] if len(said) == 1 else f"{len(said)} scorings are cancelled; what was embedded is kept."


def rate(run: RunFolder, clip: str, step: int, stars: int) -> str:
    """Keep what somebody heard.

    Raises:
        RunError: It cannot be written.
    """
    ratings.rate(run, clip, step, stars)
    return f"{clip} at step {steps(step)}: {stars} of 5, {ratings.WORDS[stars]}."


def read_note(run: RunFolder) -> str:
    """``notes.md``; empty when there is none.

    Raises:
        RunError: It is there and cannot be read.
    """
    try:
        return run.notes.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise RunError("Note not readable", f"{run.notes} cannot be read: {error}.", "Open it in an editor.") from None


def write_note(run: RunFolder, text: str, before: str) -> str:
    """Replace ``notes.md``.

    What somebody else wrote into it meanwhile is kept beside it.

    Args:
        before: What it said when the editing began.

    Raises:
        RunError: It cannot be written; what was there is still there.
    """
    meanwhile = read_note(run)
    try:
        run.path.mkdir(parents=True, exist_ok=True)  # of a run of another program nothing is kept before
        if meanwhile != before:
            beside = run.notes.with_name(f"notes-{time.strftime('%Y%m%d-%H%M%S')}.md")
            write_bytes(beside, meanwhile.encode())
            write_bytes(run.notes, text.encode())
            return f"Note of {run.name} saved. It had changed meanwhile: that version is {beside.name}."
        write_bytes(run.notes, text.encode())
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError("Note not saved", f"{run.notes} cannot be written: {reason}.", "Free some space.") from None
    return f"Note of {run.name} saved."


def arrange(file: ArrangementFile, change: Change) -> str:
    """Change which charts are shown, or their order.

    Raises:
        ConfigError: It cannot be remembered.
    """
    file.change(change)
    return ""
