"""What a planned run will take here: time of each phase, memory, disk. Free of torch."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravetui.engine.footprint import footprint
from ravetui.engine.launch.gpus import allowed, find_gpus
from ravetui.engine.plan import Plan
from ravetui.errors import ConfigError
from ravetui.runs.estimate import shape_of
from ravetui.runs.format import bytes_
from ravetui.runs.spec import DataRef, RunSpec
from ravetui.runs.summary import RunSummary
from ravetui.runs.timing import Timings
from ravetui.runs.workspace import Workspace

_VALIDATION_STEP = 0.4
"""A validation batch takes about this share of a step of phase 1."""
_ROOM = 0.9
"""More than this share of the memory there is will not do."""
_BEST, _LAST = 2, 1
"""Checkpoints that stay beside the newest: the best of each phase, the last of phase 1."""
_DAY = 86400.0


@dataclass(frozen=True)
class StepTime:
    """What a step takes here."""

    phase_1_s: float
    phase_2_s: float | None
    source: str
    """``as in graz-001``, or ``measured``."""
    memory_1_bytes: int | None = None
    memory_2_bytes: int | None = None


@dataclass(frozen=True)
class Machine:
    """What of this machine a run can have; None: not known."""

    memory_bytes: int | None
    """Of the GPU with the most, or of the machine where it trains on a CPU."""
    where: str
    """``GPU`` or ``memory``."""
    disk_bytes: int | None


class Expectations:
    """Says of one plan after the other what it will take; looks at runs and machine once, so keep it in a thread.

    Args:
        summaries: Of the workspace's runs.
    """

    def __init__(self, workspace: Workspace, summaries: Sequence[RunSummary]) -> None:
        self._workspace = workspace
        self._timings = Timings(workspace.timings)
        self._runs = sorted(summaries, key=lambda item: item.spec.created)
        self.machine = look_at_machine(workspace)

    def of(self, plan: Plan, *, after: int = 0) -> dict[str, Any]:
        """``expected`` of ``ravetui plan --json``.

        Args:
            after: The step after which a fork begins: what its parent has done takes no time and no disk.
        """
        training = plan.training
        time = self.step_time(plan)
        sizes = footprint(plan.model, plan.loss, training)
        boundary = min(max(training.phase_1_steps, after), training.total_steps)
        first, second = max(boundary - after, 0), training.total_steps - boundary
        phase_1 = phase_2 = None
        if time is not None:
            pause = _VALIDATION_STEP * -(-training.validation_crops // training.batch_size) * time.phase_1_s
            cycle = training.validate_every
            phase_1 = first * time.phase_1_s + (boundary // cycle - after // cycle if first else 0) * pause
            if time.phase_2_s is not None or not second:
                validations = training.total_steps // cycle - boundary // cycle
                phase_2 = second * (time.phase_2_s or 0.0) + validations * pause
        total = None if phase_1 is None or phase_2 is None else phase_1 + phase_2
        kept = self._kept((training.total_steps - after) // training.validate_every + 1, total, has_phase_2=second > 0)
        measured = time is not None and time.memory_1_bytes is not None
        memory_1 = time.memory_1_bytes if time and measured else sizes.memory_1_bytes
        memory_2 = (time.memory_2_bytes if time and measured else None) or sizes.memory_2_bytes
        found: dict[str, Any] = {
            "source": time.source if time else None,
            "step_1_s": time.phase_1_s if time else None,
            "step_2_s": time.phase_2_s if time else None,
            "epoch_1_s": time.phase_1_s * plan.steps_per_epoch if time else None,
            "phase_1_s": phase_1,
            "phase_2_s": phase_2,
            "total_s": total,
            "memory_1_bytes": memory_1,
            "memory_2_bytes": memory_2 if second else None,
            "memory_source": "measured" if measured else "estimated",
            "memory_there_bytes": self.machine.memory_bytes,
            "parameters": sizes.parameters,
            "discriminator_parameters": sizes.discriminator_parameters,
            "checkpoint_bytes": sizes.checkpoint_bytes,
            "checkpoints_kept": kept,
            "disk_bytes": sizes.checkpoint_bytes * (kept + 1),
            "disk_free_bytes": self.machine.disk_bytes,
        }
        return {**found, "warnings": self._warnings(found)}

    def step_time(self, plan: Plan) -> StepTime | None:
        """As in the newest run of the same shape, else as measured; None where neither is known."""
        shape = shape_of(_spec(plan))
        for item in reversed(self._runs):
            first, second = item.progress.step_s
            if shape_of(item.spec) == shape and first is not None:
                second = second or (item.phase_2_ratio * first if item.phase_2_ratio else None)
                return StepTime(first, second, f"as in {item.name}")
        found = self._timings.newest(shape)
        if found is None:
            return None
        # Where fewer crops were timed, on a CPU, time is proportional to the batch.
        share = plan.training.batch_size / max(found.crops, 1)
        memory = (found.memory_1_bytes, found.memory_2_bytes) if share == 1 else (None, None)
        return StepTime(share * found.phase_1_s, share * found.phase_2_s, "measured", *memory)

    def _kept(self, validations: int, total: float | None, *, has_phase_2: bool) -> int:
        """Checkpoints at the end of the run, pins apart; there are no more than validations."""
        keep = self._workspace.config.run
        hours = keep.keep_every_hours
        by_time = int((total or 0.0) / (3600 * hours)) + 1 if hours > 0 else 0
        beside = _BEST + _LAST if has_phase_2 else 1
        return min(max(keep.keep_checkpoints, 1) + beside + by_time, max(validations, 1))

    def _warnings(self, found: dict[str, Any]) -> list[str]:
        said = []
        there, needed = self.machine.memory_bytes, max(found["memory_1_bytes"], found["memory_2_bytes"] or 0)
        if there is not None and needed > _ROOM * there:
            phase = "phase 2" if (found["memory_2_bytes"] or 0) > found["memory_1_bytes"] else "a step"
            what = "the GPU has" if self.machine.where == "GPU" else "this machine has"
            about = "" if found["memory_source"] == "measured" else "about "
            said.append(
                f"{phase} needs {about}{bytes_(needed)} of memory and {what} {bytes_(there)}: use a smaller batch_size"
            )
        disk = self.machine.disk_bytes
        if disk is not None and found["disk_bytes"] > disk:
            said.append(
                f"{found['checkpoints_kept']} checkpoints need {bytes_(found['disk_bytes'])} and the disk has "
                f"{bytes_(disk)} free: free some, or set keep_every_hours in config.toml"
            )
        return said


def look_at_machine(workspace: Workspace) -> Machine:
    """What a run of this workspace can have."""
    try:
        gpus = allowed(find_gpus(), workspace.config.launch.gpus) if workspace.config.engine.device != "cpu" else ()
    except ConfigError:
        gpus = ()
    memory = max((gpu.total << 20 for gpu in gpus), default=None)
    try:
        disk = shutil.disk_usage(workspace.runs).free
    except OSError:
        disk = None
    return Machine(memory or _own_memory(), "GPU" if memory else "memory", disk)


def _own_memory() -> int | None:
    """All that processes of this machine, or of this container, can have; bytes."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        found = min(found, int(text)) if text.isdigit() else found
    return found


def _spec(plan: Plan) -> RunSpec:
    data = DataRef("", "", "", plan.steps_per_epoch)
    return RunSpec("", "", "", plan.preset, plan.model, plan.loss, plan.training, data)
