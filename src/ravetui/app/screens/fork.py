"""The form for a fork: what is to be different from the run it goes on from."""

import re
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input, Static

from ravetui.app import deeds
from ravetui.app.messages import Wanted
from ravetui.app.screens.run_form import STOP_FIELDS, RunForm, field, stop_fields
from ravetui.errors import ConfigError
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps, typed
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace


class Fork(RunForm):
    """A run that goes on from a checkpoint of another one.

    Args:
        workspace: Where it will lie.
        parent: The run whose weights it begins with.
        step: Step of the checkpoint.
        phase: Phase of the checkpoint.
    """

    HEADING = "fork"

    def __init__(self, workspace: Workspace, parent: RunFolder, step: int, phase: int) -> None:
        super().__init__(workspace)
        self._origin = parent
        self._step = self.begins_after = step
        self._phase = phase
        self._index: Any = None

    def fields(self) -> ComposeResult:
        """What can be typed; where phase 2 begins only while it has not begun."""
        # The list is narrow: graz-002 can be told from graz-001 there, a longer name could not.
        stem = re.sub(r"-\d+$", "", self._origin.name)
        yield from field("name", Input(self.free_name(stem), id="name", compact=True, select_on_focus=False))
        begins = f"{self._origin.name} at step {steps(self._step)}, phase {self._phase}"
        yield from field("goes on from", Static(begins, id="from", markup=False))
        if self._phase == 1:
            yield from field("phase 2 after", Input(id="phase_1", compact=True))
        yield from field("end after", Input(id="total", compact=True))
        yield from field("batch size", Input(id="batch_size", compact=True, type="integer"))
        yield from stop_fields(plateau=self._phase == 1)
        knobs = Input(id="knobs", compact=True, placeholder="learning_rate = 0.0005; beta = 0.2")
        yield from field("settings", knobs)

    def plan(self) -> Any:
        """See :func:`ravetui.engine.fork.plan_fork`."""
        from ravetui.engine.data.index import read_index
        from ravetui.engine.fork import plan_fork

        if self._index is None:
            self._index = read_index(Path(read_spec(self._origin.spec_path).data.path))
        fork = plan_fork(self._origin, str(self._step), self._changes(), index=self._index)
        was = fork.spec.training
        self.before = {"phase_1": was.phase_1_steps, "total": was.total_steps, "validation": was.validate_every}
        return fork.plan

    def measured(self) -> tuple[str, dict[str, str]]:
        """The parent's dataset, and its settings with what was typed."""
        from ravetui.engine.departures import departures

        spec = read_spec(self._origin.spec_path)
        differs = departures(spec.preset, spec.model, spec.loss, spec.training, spec.augment)
        own = {name: typed(value) for name, (_, value) in differs.items()}
        return spec.data.name, {"preset": spec.preset, **own, **self._changes()}

    def wanted(self) -> Wanted:
        """Make it and start it."""
        name = self.text("name")
        return Wanted(partial(deeds.fork, self._workspace, self._origin, self._step, name, self._changes()), name)

    def _changes(self) -> dict[str, str]:
        return {**self.typed("phase_1", "total", "batch_size", *STOP_FIELDS), **_settings(self.text("knobs"))}


def _settings(text: str) -> dict[str, str]:
    """``a = 1; b = 2`` as what is to be changed.

    Raises:
        ConfigError: A part is not of that kind.
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, mark, value = (word.strip() for word in part.partition("="))
        if not (mark and key and value):
            raise ConfigError("Not a setting", f"{part!r} is not a setting.", "Write name = value; name = value.")
        found[key] = value
    return found
