"""Starting the scoring of a checkpoint in the background."""

import sys

from ravetui.engine.launch.installed import require_engine
from ravetui.engine.launch.start import start_job
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import JobFolder, score_job


def start_score(run: RunFolder, step: int, embedder: str, reference: str, seconds: float) -> JobFolder:
    """Score a checkpoint in a process of its own and return the job to watch.

    Args:
        step: The checkpoint.
        embedder: What turns audio into embeddings, such as ``mel``.
        reference: What the checkpoint is compared with, ``validation`` or ``train``.
        seconds: At most this much audio is rendered and compared, seconds.

    Raises:
        RunError: The same scoring is at work already, cannot be started, or torch is not installed.
    """
    require_engine()
    job = score_job(run, step, embedder)
    words = ["--step", str(step), "--embedder", embedder, "--reference", reference, "--seconds", str(seconds)]
    argv = [sys.executable, "-m", "ravetui.jobs.score", str(run.path.resolve()), *words]
    start_job(job, [*argv, "--job", str(job.path.resolve())])
    return job
