"""The form for a new run: a dataset, a preset and a schedule."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input, Select

from ravetui.app import deeds
from ravetui.app.messages import Wanted
from ravetui.app.screens.run_form import STOP_FIELDS, RunForm, field, stop_fields
from ravetui.errors import RavetuiError
from ravetui.runs.workspace import Workspace


class NewRun(RunForm):
    """A run from step 0 on.

    Args:
        workspace: Where it will lie.
        datasets: Names of the prepared datasets, at least one.
    """

    HEADING = "new run"
    KEYS = "enter starts or queues it · space opens a list · ctrl+t times it · esc"

    def __init__(self, workspace: Workspace, datasets: Sequence[str]) -> None:
        super().__init__(workspace)
        self._datasets = tuple(datasets)
        self._indexes: dict[str, Any] = {}

    def fields(self) -> ComposeResult:
        """Two lists to choose from, and what can be typed."""
        settings = self._workspace.config.run
        data = self._latest_dataset()
        names, preset = _presets(settings.preset)
        yield from field("name", Input(self.free_name(data), id="name", compact=True, select_on_focus=False))
        choices = [(name, name) for name in self._datasets]
        yield from field("dataset", Select(choices, value=data, id="data", allow_blank=False, compact=True))
        presets = [(name, name) for name in names]
        yield from field("preset", Select(presets, value=preset, id="preset", allow_blank=False, compact=True))
        yield from field("phase 2 after", Input(settings.phase_1, id="phase_1", compact=True))
        yield from field("end after", Input(settings.total, id="total", compact=True))
        yield from field("batch size", Input(id="batch_size", compact=True, type="integer"))
        yield from stop_fields(plateau=True)

    def plan(self) -> Any:
        """See :func:`ravetui.engine.plan.make_plan`."""
        from ravetui.engine.data.index import read_index
        from ravetui.engine.plan import make_plan

        data = self._choice("data")
        if data not in self._indexes:
            self._indexes[data] = read_index(self._workspace.dataset_path(data))
        return make_plan(self._indexes[data], self._workspace.config.run, self._changes())

    def measured(self) -> tuple[str, dict[str, str]]:
        """The chosen dataset and what was typed."""
        return self._choice("data"), self._changes()

    def wanted(self) -> Wanted:
        """Make it and start it."""
        name = self.text("name")
        return Wanted(partial(deeds.create, self._workspace, name, self._choice("data"), self._changes()), name)

    def _changes(self) -> dict[str, str]:
        return {"preset": self._choice("preset"), **self.typed("phase_1", "total", "batch_size", *STOP_FIELDS)}

    def _choice(self, name: str) -> str:
        return str(self.query_one(f"#{name}", Select).value)

    def _latest_dataset(self) -> str:
        """The one that was prepared last."""
        return max(self._datasets, key=lambda name: _prepared(self._workspace.data / name / "index.json"))


def _presets(configured: str) -> tuple[list[str], str]:
    """The presets to choose from and the chosen one: the configured one, modifiers and all, if it exists."""
    from ravetui.engine.presets import PRESETS, find_preset

    names = list(PRESETS)
    try:
        find_preset(configured)
    except RavetuiError:
        return names, names[0]
    return (names if configured in PRESETS else [configured, *names]), configured


def _prepared(index: Path) -> float:
    """When a dataset was prepared, Unix time, seconds; 0 if it has gone meanwhile."""
    try:
        return index.stat().st_mtime
    except OSError:
        return 0.0
