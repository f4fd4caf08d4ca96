"""Starting a run or a job: a shim that outlives us, and the process it supervises."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from ravetui.engine.launch.installed import require_engine
from ravetui.engine.launch.slots import look_at_slots, ranks_of
from ravetui.engine.launch.slurm.submit import submit
from ravetui.engine.launch.trainer_command import LAUNCHERS as ON_THIS_MACHINE
from ravetui.engine.launch.trainer_command import trainer_command
from ravetui.errors import RunError
from ravetui.runs.folder import GPUS_VARIABLE, RunFolder
from ravetui.runs.format import moment, steps
from ravetui.runs.jobs import JobFolder, job_status
from ravetui.runs.queue import QueueFolder
from ravetui.runs.state import RunState, Status, run_status
from ravetui.runs.summary import summarise
from ravetui.runs.workspace import Workspace, config_above, workspace_above

ANSWER_SECONDS = 60.0
"""A shim answers in a tenth of a second; a machine that needs longer than this is not going to train."""
LAUNCHERS = (*ON_THIS_MACHINE, "slurm")
"""What ``launch.launcher`` may be."""


def start_run(run: RunFolder, *, launcher: str = "", share: bool = False) -> int:
    """Start or resume a run now, in a process that needs neither us nor our terminal.

    It waits for no slot, but where there are GPUs it is given one that nobody has.

    Args:
        launcher: One of :data:`LAUNCHERS`; empty: the workspace's.
        share: Do not look for a GPU that is free: the trainer takes what it sees.

    Returns:
        The number of the attempt; 0 when SLURM is to begin it.

    Raises:
        RunError: It trains already, has done all its steps, cannot be read, submitted or started as the workspace says,
            no GPU is free, or torch is not installed.
        ConfigError: The workspace's ``config.toml`` cannot be read, or there is no such launcher.
    """
    require_startable(run)
    launcher = launcher or config_above(run.path).launch.launcher
    workspace = workspace_above(run.path)
    if launcher == "slurm" or workspace is None:
        return begin(run, launcher=launcher)
    with QueueFolder(workspace.queue).change():
        _refuse_if_live(run)
        return begin(run, () if share else _own_gpus(workspace, run), launcher=launcher)


def require_startable(run: RunFolder) -> None:
    """See that a run can be started or queued.

    Raises:
        RunError: It trains already, has done all its steps, cannot be read, or torch is not installed.
    """
    require_engine()
    _refuse_if_live(run)
    summary = summarise(run)
    if summary.status.state is RunState.FINISHED and summary.progress.step >= summary.progress.total_steps:
        raise RunError(
            "Run is finished",
            f"{run.name} is finished at step {steps(summary.progress.step)}.",
            "To train longer, make a new run with a larger total.",
        )


def begin(run: RunFolder, gpus: Sequence[str] = (), *, launcher: str = "") -> int:
    """Start a run's next attempt; whoever chose its GPUs holds the queue's lock.

    Args:
        gpus: UUIDs of those it may see; none given: whatever it finds.
        launcher: One of :data:`LAUNCHERS`; empty: the workspace's.

    Returns:
        The number of the attempt; 0 when SLURM is to begin it.

    Raises:
        RunError: It trains already or cannot be started or submitted.
        ConfigError: The workspace's ``config.toml`` cannot be read, or there is no such launcher.
    """
    config = config_above(run.path)
    launcher = launcher or config.launch.launcher
    if launcher == "slurm":
        submit(run, config, lambda: _refuse_if_live(run))
        return 0
    return launch(run, trainer_command(run, launcher), {GPUS_VARIABLE: ",".join(gpus)})


def _own_gpus(workspace: Workspace, run: RunFolder) -> tuple[str, ...]:
    slots, ranks = look_at_slots(workspace), ranks_of(run)
    if full := slots.why_no_gpu(ranks):
        raise RunError(
            "No free GPU",
            f"{run.name} gets no GPU of its own: {full}.",
            f"`ravetui run queue {run.name}` starts it when one is free; `run start --share` starts it all the same.",
        )
    return slots.choose(ranks)


def start_job(job: JobFolder, argv: Sequence[str]) -> None:
    """Start a background job in a process that needs neither us nor our terminal.

    Raises:
        RunError: The same job is at work already, or cannot be started.
    """
    job.path.mkdir(parents=True, exist_ok=True)
    launch(job, argv)


def launch(folder: RunFolder | JobFolder, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Start any command under a shim; returns as soon as it runs.

    Returns:
        The number of the attempt; 0 for a job.

    Raises:
        RunError: A process of this run or job lives already, or the command cannot be started.
    """
    _refuse_if_live(folder)
    kind = "run" if isinstance(folder, RunFolder) else "job"
    shim = [sys.executable, "-P", "-m", "ravetui.engine.launch.shim", kind, str(folder.path.resolve())]
    try:
        done = subprocess.run(
            [*shim, *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            timeout=ANSWER_SECONDS,
            env={**os.environ, GPUS_VARIABLE: "", **(environment or {})},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RunError("Not started", f"The supervisor of {folder.path.name} gave no answer.", "Try again.") from None
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
    answer = _answer(lines)
    if "started" in answer:
        return int(answer["started"])
    if "refused" in answer:
        _refuse_if_live(folder)
        raise RunError("Not started", f"{answer['refused']}.")
    raise RunError("Not started", f"The supervisor of {folder.path.name} failed: {lines[-1]}.")


def _refuse_if_live(folder: RunFolder | JobFolder) -> None:
    """The shim's locks decide; this only says it sooner and with more words."""
    if isinstance(folder, RunFolder):
        status, doing = run_status(folder), "training"
    else:
        status, doing = job_status(folder), "at work"
    if status.waits_in_slurm:
        raise RunError("Queued already", f"{folder.path.name} waits in SLURM already ({status.reason}).")
    if status.state.is_live:
        raise RunError("Running already", f"{folder.path.name} is {doing} already{_details(status)}.")


def _details(status: Status) -> str:
    known = [f"attempt {status.attempt}"] if status.attempt else []
    known += [f"since {moment(status.since)}"] if status.since else []
    return f" ({', '.join(known)})" if known else ""


def _answer(lines: list[str]) -> dict[str, str]:
    """The shim's line among what the interpreter may have said before it; empty when it did not answer."""
    for line in lines:
        if line.startswith("{"):
            found: dict[str, str] = json.loads(line)
            return found
    return {}
