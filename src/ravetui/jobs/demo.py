"""The demo: a workspace with generated audio and a tiny run, and what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from ravetui.config import FILE
from ravetui.engine.create import create_run
from ravetui.engine.data.prepare import prepare
from ravetui.engine.launch.installed import require_engine
from ravetui.engine.launch.start import start_run
from ravetui.errors import ConfigError, RunError
from ravetui.jobs.demo_audio import write_demo_audio
from ravetui.metrics.choice import chosen_embedder
from ravetui.runs.atomic import write_bytes
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.history import read_series
from ravetui.runs.record import read_proc
from ravetui.runs.samples import list_samples
from ravetui.runs.state import RunState, run_status
from ravetui.runs.summary import RunSummary, RunWatcher
from ravetui.runs.workspace import Workspace, make_workspace

DATASET = "demo"
LOOK_SECONDS = 0.25
"""Between two looks at the run folder."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class DemoResult:
    """What a headless demo did and where everything lies."""

    summary: RunSummary
    run: RunFolder
    seconds: float
    """From the start of training to the end of scoring, seconds."""
    score: dict[str, Any]
    """The document of ``score --json``."""

    def as_dict(self) -> dict[str, Any]:
        """The document of ``demo --json``."""
        checkpoints = list_checkpoints(self.run)
        validation = read_series(self.run, "validation")
        return {
            **self.summary.as_dict(),
            "seconds": round(self.seconds, 1),
            "path": str(self.run.path),
            "workspace": str(self.run.path.parent.parent),
            "transitions": [{"phase": t.phase, "step": t.step} for t in self.summary.progress.transitions],
            "validation": {"first": float(validation.value[0]), "last": float(validation.value[-1])},
            "checkpoints": [item.step for item in checkpoints],
            "samples": [str(item.reconstruction) for item in list_samples(self.run, checkpoints[0].step)],
            "score": self.score,
        }


def make_demo(root: Path, progress: Progress) -> RunFolder:
    """Make ``root`` the demo's workspace, as far as it is not yet, and start a tiny run in the background.

    A run that trains is left to train, an unfinished one goes on, and beside finished ones a new one begins.

    Raises:
        ConfigError: ``root`` holds something else.
        DataError: The audio could not be prepared.
        RunError: The run could not be started, or torch is not installed.
    """
    require_engine()
    workspace = _workspace(root)
    if not workspace.dataset_path(DATASET).exists():
        audio = workspace.root / "audio"
        write_demo_audio(audio, progress=lambda done, note: progress(done / 2, note))
        prepare(
            workspace.dataset_path(DATASET),
            [audio],
            workspace.config.data,
            lambda done, note: progress(0.5 + done / 2, note),
        )
    run = _unfinished(workspace) or create_run(workspace, _free_name(workspace), DATASET, {})
    if not run_status(run).state.is_live:
        start_run(run)
    return run


def follow(run: RunFolder, progress: Progress) -> RunSummary:
    """Wait until the run has ended.

    Raises:
        RunError: It did not finish; the message says why.
    """
    watcher = RunWatcher(run)
    while True:
        summary = watcher.summary()
        where = summary.progress
        progress(where.fraction, f"phase {where.phase}, step {steps(where.step)} of {steps(where.total_steps)}")
        if not summary.status.state.is_live:
            break
        time.sleep(LOOK_SECONDS)
    if summary.status.state is not RunState.FINISHED:
        raise RunError(
            "Demo not finished",
            f"{run.name} is {summary.status.state}: {summary.status.reason}.",
            f"Its log: {run.attempt_folders()[-1].log}",
        )
    return summary


def judge(run: RunFolder, summary: RunSummary, progress: Progress) -> DemoResult:
    """Score the newest checkpoint of a finished run."""
    # Here, so that the demo's screen does not carry torch.
    from ravetui.jobs.score import score
    from ravetui.jobs.scoring.request import ScoreRequest

    workspace = Workspace(run.path.parent.parent)
    settings = workspace.config.score
    step = list_checkpoints(run)[0].step
    embedder = chosen_embedder(settings.embedder)
    document = score(ScoreRequest(run, step, embedder, workspace.reference, settings.seconds), progress)
    began = read_proc(run.attempt(1))
    return DemoResult(summary, run, time.time() - (began.started if began else time.time()), document)


def _workspace(root: Path) -> Workspace:
    """The demo's workspace, whose new runs are tiny; a folder with other things in it is left alone."""
    if (root / FILE).is_file():
        return Workspace(root.resolve())
    if root.exists() and any(root.iterdir()):
        raise ConfigError("Folder in use", f"{root} holds other files.", "Name an empty or new folder for the demo.")
    workspace = make_workspace(root)
    path = workspace.root / FILE
    document = tomlkit.parse(path.read_text("utf-8"))
    document["run"]["preset"] = "tiny"
    # With a dozen short pieces, a tenth could be a single one.
    document["data"]["validation_fraction"] = 0.2
    write_bytes(path, tomlkit.dumps(document).encode())
    return workspace


def _unfinished(workspace: Workspace) -> RunFolder | None:
    for run in workspace.run_folders():
        if run.name.startswith("tiny-") and run_status(run).state is not RunState.FINISHED:
            return run
    return None


def _free_name(workspace: Workspace) -> str:
    number = 1
    while (workspace.runs / f"tiny-{number}").exists():
        number += 1
    return f"tiny-{number}"
