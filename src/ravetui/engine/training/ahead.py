"""Phase 2 timed before it has begun, so that a run can say from its start when it will end."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import torch

from ravetui.engine.training.precision import Computing, device_kind
from ravetui.engine.training.state import TrainingState
from ravetui.engine.training.trial import time_steps
from ravetui.runs.estimate import shape_of
from ravetui.runs.events import Event
from ravetui.runs.folder import RunFolder
from ravetui.runs.timing import Timings, timed_at_start
from ravetui.runs.workspace import workspace_above

Say = Callable[..., None]
"""Appends an event: its kind, then its fields."""


def look_ahead(
    run: RunFolder,
    state: TrainingState,
    computing: Computing,
    events: Sequence[Event],
    say: Say,
    interrupted: Callable[[], bool],
) -> None:
    """Time a few steps of both phases on networks that are thrown away, and say so as an event ``timed``.

    Once a run: not in phase 2, nor where the run knows already, nor where the workspace knows it of a run of the same
    shape on the same kind of device. Whatever fails here is told and costs no more than an estimate. The networks
    that are trained, and what they draw, stay as they are.

    Args:
        run: In whose workspace timings are kept.
        computing: How the run computes.
        events: Of the run, oldest first.
        interrupted: Asked between steps; True ends it, to be done at the next start.
    """
    training, kind = state.spec.training, device_kind(state.device)
    if state.phase == 2 or training.phase_1_steps >= training.total_steps or timed_at_start(events)[1] is not None:
        return
    workspace = workspace_above(run.path)
    timings, shape = Timings(workspace.timings) if workspace else None, shape_of(state.spec)
    found = timings.find(shape, kind) if timings else None
    if found is None:
        # Compiling takes minutes; without it the ratio of the phases is much the same.
        plain = Computing(computing.precision, compiled=False)
        try:
            found = time_steps(state.spec, state.device, kind, plain, interrupted)
        except Exception as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            say("warned", step=state.step, reason=f"a step of phase 2 was tried and failed: {first}")
            return
        finally:
            if state.device.type == "cuda":
                torch.cuda.empty_cache()
        if found is not None and timings is not None:
            with contextlib.suppress(OSError):
                timings.keep(shape, found)
    if found is not None:
        fields: dict[str, Any] = asdict(found)
        say("timed", step=state.step, **fields)
