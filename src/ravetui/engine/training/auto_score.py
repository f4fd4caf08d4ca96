"""Scoring by itself: every so many validations the trainer starts a scoring beside it, in a process of its own."""

import re
from collections.abc import Callable

import torch

from ravetui.engine.launch.gpus import gpu_use
from ravetui.engine.launch.score import start_score
from ravetui.errors import RavetuiError
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import job_status, score_job
from ravetui.runs.workspace import workspace_above

ROOM_BYTES = 3e9
"""Memory that must be free on the GPU: rendering, CLAP and a context of its own take less."""
EMBEDDER = "auto"
"""The job finds out which there is: training knows nothing of embedders."""
_EVERY = re.compile(r"every (\d+) validations?")

Tell = Callable[..., None]


class AutoScore:
    """Listens to what a run tells, and scores checkpoints that are due.

    Nothing of it touches training: the scoring has the lowest priority and waits for others, and what keeps it from
    starting is told as an event and no more.

    Args:
        run: Its folder.
        tell: Appends an event.
        device: That trains.
    """

    def __init__(self, run: RunFolder, tell: Tell, device: torch.device) -> None:
        self._run, self._tell, self._device = run, tell, device
        workspace = workspace_above(run.path)
        self._reference = workspace.reference if workspace else "validation"
        self._seconds = workspace.config.score.seconds if workspace else 0.0
        self._every = self._interval(workspace.config.score.auto_score) if workspace else 0
        self._validations = sum(event.kind == "validated" for event in read_events(run.events)) if self._every else 0
        self._due: int | None = None
        self._last: int | None = None

    def validated(self, step: int) -> None:
        """Count a validation; the checkpoint of this step is scored if it is due."""
        self._validations += 1
        if self._every and self._validations % self._every == 0:
            self._due = step

    def told(self, kind: str, **fields: object) -> None:
        """Append an event; a checkpoint that has just been saved is scored if it is due."""
        self._tell(kind, **fields)
        if kind == "saved" and self._due is not None and fields.get("step") == self._due:
            step, self._due = self._due, None
            self._score(step)

    def _score(self, step: int) -> None:
        try:
            why = self._why_not()
            if not why:
                start_score(self._run, step, EMBEDDER, self._reference, self._seconds, idle=True)
                self._last = step
        except (RavetuiError, OSError) as error:
            why = str(error)
        if why:
            self._tell("warned", step=step, reason=f"not scored by itself: {why}")

    def _why_not(self) -> str:
        """What speaks against a scoring just now."""
        if self._last is not None and job_status(score_job(self._run, self._last, EMBEDDER)).state.is_live:
            return f"the scoring of step {self._last} is still at work"
        if self._device.type != "cuda":
            return ""
        use = gpu_use([f"GPU-{torch.cuda.get_device_properties(self._device).uuid}"])
        if use is None:
            return "nvidia-smi does not say how much of the GPU is free"
        free = use.total - use.used
        return "" if free > ROOM_BYTES else f"only {free / 1e9:.1f} GB of the GPU are free"

    def _interval(self, setting: str) -> int:
        """Validations from one scoring to the next; 0: none scores."""
        found = _EVERY.fullmatch(setting.strip())
        if found is None and setting != "off":
            reason = f"score.auto_score is {setting!r}: it is off or such as 'every 10 validations'"
            self._tell("warned", reason=reason)
        return int(found[1]) if found else 0
