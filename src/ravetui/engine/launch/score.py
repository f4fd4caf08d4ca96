"""Starting the scoring of a checkpoint in the background, and stopping one."""

import signal
import sys
import time

from ravetui.engine.launch.installed import require_engine
from ravetui.engine.launch.start import start_job
from ravetui.errors import RunError
from ravetui.runs.asker import asker
from ravetui.runs.atomic import write_json
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.jobs import JobFolder, job_status, score_job
from ravetui.runs.process import send_signal
from ravetui.runs.record import read_proc


def start_score(
    run: RunFolder,
    step: int,
    embedder: str,
    reference: str,
    seconds: float,
    *,
    compat: bool = False,
    idle: bool = False,
) -> JobFolder:
    """Score a checkpoint in a process of its own and return the job to watch.

    It waits there for its turn: one scoring of a workspace renders at a time.

    Args:
        step: The checkpoint.
        embedder: What turns audio into embeddings, such as ``mel``.
        reference: What the checkpoint is compared with: ``validation``, ``train``, a folder, or ``run:NAME``.
        seconds: At most this much audio is rendered and compared, seconds.
        compat: Whether the numbers that other tools print are computed too.
        idle: Let everything else on the machine go first.

    Raises:
        RunError: The same scoring is at work already, cannot be started, or torch is not installed.
    """
    require_engine()
    job = score_job(run, step, embedder)
    words = ["--step", str(step), "--embedder", embedder, "--reference", reference, "--seconds", str(seconds)]
    words += [*(["--compat"] if compat else []), *(["--idle"] if idle else [])]
    argv = [sys.executable, "-m", "ravetui.jobs.score", str(run.path.resolve()), *words]
    start_job(job, [*argv, "--job", str(job.path.resolve())])
    return job


def cancel_score(run: RunFolder, step: int, embedder: str, *, via: str) -> str:
    """End a scoring, whether it is at work or waits for its turn; what was embedded stays in the cache.

    Args:
        via: How it is asked for: ``screen`` or ``command line``.

    Returns:
        What happened, in one sentence.

    Raises:
        RunError: It is not at work, or its process cannot be signalled from here.
    """
    job = score_job(run, step, embedder)
    status = job_status(job)
    if not status.state.is_live:
        raise RunError("Not at work", f"Step {steps(step)} of {run.name} is not being scored.")
    proc = read_proc(job.attempt)
    if proc is None:
        raise RunError("Just starting", f"The scoring of step {steps(step)} is just starting.", "Try again.")
    # The intent comes first, so that whoever looks knows that the kill was wanted.
    write_json(job.attempt.stop_now, {"time": time.time(), **asker(via)})
    try:
        there = send_signal(proc.identity, signal.SIGKILL)
    except PermissionError:
        job.attempt.stop_now.unlink(missing_ok=True)
        raise RunError("Not yours", f"Process {proc.pid} belongs to another user.") from None
    if not there:
        raise RunError("Not there", f"Process {proc.pid} is not on this machine, or has just ended.")
    return f"The scoring of step {steps(step)} is cancelled; what was embedded is kept."
