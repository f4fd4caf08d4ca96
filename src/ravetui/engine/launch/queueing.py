"""Queueing runs, and starting those whose turn it is: whoever queues does it, and every supervisor at its end."""

from dataclasses import replace

from ravetui.engine.launch.slots import look_at_slots, ranks_of
from ravetui.engine.launch.start import begin, require_startable, start_run
from ravetui.errors import RunError
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import Queue, QueueFolder, new_entry, place_words, queue_of
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace, workspace_above


def enqueue(workspace: Workspace, run: RunFolder, *, before: str | None = None) -> str:
    """Let a run start by itself, after those that wait already; at once if a slot is free.

    Args:
        before: The run that is to come right after it; empty: it is to be the first; None: the last.

    Returns:
        What happens next, in one sentence.

    Raises:
        RunError: It waits or trains already, is finished, can never have the GPUs it needs, ``before`` does not wait,
            or torch is not installed.
    """
    require_startable(run)
    if workspace.config.launch.launcher == "slurm":  # Which has a queue of its own.
        start_run(run)
        return f"{run.name} is submitted to SLURM."
    folder = QueueFolder(workspace.queue)
    with folder.change():
        require_startable(run)
        queue = folder.read()
        if (place := queue.place(run.name)) is not None:
            raise RunError("Queued already", f"{run.name} is {place_words(queue, place)}.")
        slots, ranks = look_at_slots(workspace), ranks_of(run)
        if slots.gpus and ranks > len(slots.gpus):
            raise RunError("Too few GPUs", f"{run.name} can never start here: {slots.why_no_gpu(ranks)}.")
        place = _place(queue, before) if before else 0 if before is not None else None
        folder.write(queue.with_entry(new_entry(run), place))
        if run.name in _advance(workspace, folder):
            return f"{run.name} starts."
        return _waits(workspace, folder.read(), run)


def start_or_queue(workspace: Workspace, run: RunFolder) -> str:
    """Start a run if a slot is free, else let it wait for one; one that waits is started now, beside the others.

    Raises:
        RunError: It trains already or cannot be started.
    """
    if queue_of(run).read().place(run.name) is None:
        return enqueue(workspace, run)
    start_run(run)
    return f"{run.name} starts, before its turn."


def take_out(run: RunFolder) -> bool:
    """Take a run out of the queue; False if it did not wait, or somebody else has just done so.

    Raises:
        RunError: The queue is busy.
    """
    folder = queue_of(run)
    if folder.read().place(run.name) is None:
        return False
    with folder.change():
        queue = folder.read()
        if queue.place(run.name) is None:
            return False
        folder.write(queue.without([run.name]))
    return True


def move(run: RunFolder, *, before: str | None = None, by: int = 0) -> str:
    """Let a run that waits come earlier or later.

    Args:
        before: The run that is to come right after it; empty: it is to be the first.
        by: How many places later it is to come, when ``before`` is not given; earlier if negative.

    Returns:
        Its new place.

    Raises:
        RunError: It does not wait, or the other one does not.
    """
    folder = queue_of(run)
    with folder.change():
        queue = folder.read()
        place = _place(queue, run.name)
        rest = queue.without([run.name])
        if before:
            place = _place(rest, before)
        else:
            place = 0 if before is not None else max(place + by, 0)
        entry = queue.entries[_place(queue, run.name)]
        queue = queue.with_entry(entry, place)
        folder.write(queue)
    return f"{run.name} is {place_words(queue, _place(queue, run.name))}."


def hold(workspace: Workspace, why: str) -> None:
    """Start nothing from the queue until :func:`release`."""
    folder = QueueFolder(workspace.queue)
    with folder.change():
        folder.write(replace(folder.read(), held=why))


def release(workspace: Workspace) -> list[str]:
    """Let the queue move, and move it on; returns the runs that were started."""
    folder = QueueFolder(workspace.queue)
    with folder.change():
        folder.write(replace(folder.read(), held=""))
        return _advance(workspace, folder)


def move_on(workspace: Workspace) -> list[str]:
    """Start what waits as long as there are slots; returns the runs that were started.

    Raises:
        RavetuiError: The queue is busy, or the configuration is wrong.
    """
    folder = QueueFolder(workspace.queue)
    if not folder.read().entries:
        return []
    with folder.change():
        return _advance(workspace, folder)


def after_end(run: RunFolder, *, failed: bool, ended: float) -> None:
    """What a supervisor does when its process has ended: the next one begins, unless a failure is to hold the queue.

    What was queued after that end, by somebody who could see it, is not held for it.

    Args:
        failed: Whether it ended by a failure.
        ended: When, Unix time, seconds.

    Raises:
        RavetuiError: The queue is busy, or the configuration is wrong.
    """
    workspace = workspace_above(run.path)
    waiting = QueueFolder(workspace.queue).read().entries if workspace else ()
    if workspace is None or not waiting:
        return
    waited = any(entry.queued <= ended for entry in waiting)
    if failed and waited and workspace.config.launch.stop_queue_on_failure:
        hold(workspace, f"{run.name} failed")
    else:
        move_on(workspace)


def _advance(workspace: Workspace, folder: QueueFolder) -> list[str]:
    """Start what waits; the queue's lock must be held."""
    started = []
    while (queue := folder.read()).entries and not queue.held:
        run = RunFolder(workspace.runs / queue.entries[0].run)
        try:
            slots, ranks = look_at_slots(workspace), ranks_of(run)
            if slots.why_full(ranks):
                break
            begin(run, slots.choose(ranks))
            started.append(run.name)
        except RunError as error:
            if not run_status(run).state.is_live:
                append_event(run.events, "warned", reason=f"not started from the queue: {error}")
        folder.write(queue.without([run.name]))
    return started


def _waits(workspace: Workspace, queue: Queue, run: RunFolder) -> str:
    place = queue.place(run.name)
    if place is None:
        raise RunError("Not started", f"{run.name} could not be started; its events say why.")
    why = look_at_slots(workspace).why_full(ranks_of(run)) if not queue.held else ""
    return f"{run.name} is {place_words(queue, place)}" + (f": {why}." if why else ".")


def _place(queue: Queue, run: str) -> int:
    place = queue.place(run)
    if place is None:
        raise RunError("Not queued", f"{run} does not wait in the queue.", f"`ravetui run queue {run}` queues it.")
    return place
