"""The form for a new run: what it will be is said before it exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Select, Static

from ravetui.errors import RavetuiError
from ravetui.runs.format import steps
from ravetui.runs.workspace import Workspace


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    name: str
    data: str
    changes: dict[str, str]
    """See :func:`ravetui.engine.plan.make_plan`."""


class NewRun(ModalScreen[Wish | None]):
    """Every field has a good value already: enter starts the run.

    Args:
        workspace: Where it will lie.
        datasets: Names of the prepared datasets, at least one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "make", "start", priority=True),
        Binding("escape", "leave", "cancel"),
    ]
    DEFAULT_CSS = """
    NewRun {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 100%; height: auto; max-height: 100%; border: solid $line-focus; background: $surface;
            border-title-color: $phase-1; border-subtitle-color: $quiet; padding: 0 2;
        }
        Horizontal { height: 1; margin: 0 0 1 0; }
        Label { width: 14; color: $quiet; }
        Input, SelectCurrent { width: 1fr; background: $bar; }
        Input:focus, Select:focus > SelectCurrent { background: $row; }
        Select { width: 1fr; }
        #plan { height: 4; }
        SelectOverlay { max-height: 8; }
    }
    """

    def __init__(self, workspace: Workspace, datasets: Sequence[str]) -> None:
        super().__init__()
        self._workspace = workspace
        self._datasets = tuple(datasets)
        self._indexes: dict[str, Any] = {}

    def compose(self) -> ComposeResult:
        """The fields and the plan."""
        settings = self._workspace.config.run
        data = self._latest_dataset()
        names, preset = _presets(settings.preset)
        with Vertical() as box:
            box.border_title, box.border_subtitle = "new run", "enter starts it · space opens a list · esc cancels"
            yield from _field("name", Input(self._free_name(data), id="name", compact=True, select_on_focus=False))
            choices = [(name, name) for name in self._datasets]
            yield from _field("dataset", Select(choices, value=data, id="data", allow_blank=False, compact=True))
            presets = [(name, name) for name in names]
            yield from _field("preset", Select(presets, value=preset, id="preset", allow_blank=False, compact=True))
            yield from _field("phase 2 after", Input(settings.phase_1, id="phase_1", compact=True))
            yield from _field("end after", Input(settings.total, id="total", compact=True))
            yield from _field("batch size", Input(id="batch_size", compact=True, type="integer"))
            yield Static(id="plan", markup=False)

    def on_mount(self) -> None:
        """Say what the run will be."""
        self._plan()

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self) -> None:
        self._plan()

    def action_make(self) -> None:
        """Start the run, if it can be."""
        if self._plan():
            self.dismiss(Wish(self._text("name"), self._choice("data"), self._changes()))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In an open list, enter chooses."""
        return action != "make" or not any(choice.expanded for choice in self.query(Select))

    def action_leave(self) -> None:
        """Nothing was made."""
        self.dismiss(None)

    def _plan(self) -> bool:
        """Show the plan, or why it is refused; True if the run can be made."""
        from ravetui.engine.data.index import read_index
        from ravetui.engine.plan import make_plan

        name, data = self._text("name"), self._choice("data")
        try:
            if data not in self._indexes:
                self._indexes[data] = read_index(self._workspace.dataset_path(data))
            plan = make_plan(self._indexes[data], self._workspace.config.run, self._changes()).as_dict()
            self._workspace.new_run_path(name)
        except RavetuiError as error:
            self._say(Content.assemble((error.message, "$run-failed"), " ", (error.remedy, "$quiet")))
            return False
        self._hint("phase_1", plan["phase_1"])
        self._hint("total", plan["total"])
        self.query_one("#batch_size", Input).placeholder = str(plan["batch_size"])
        self._say(_plan_words(plan))
        return True

    def _hint(self, field: str, length: dict[str, Any]) -> None:
        self.query_one(f"#{field}", Input).placeholder = f"{steps(length['steps'])} steps"

    def _say(self, text: Content) -> None:
        self.query_one("#plan", Static).update(text, layout=False)

    def _changes(self) -> dict[str, str]:
        typed = {field: self._text(field) for field in ("phase_1", "total", "batch_size")}
        return {"preset": self._choice("preset"), **{field: text for field, text in typed.items() if text}}

    def _text(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    def _choice(self, field: str) -> str:
        return str(self.query_one(f"#{field}", Select).value)

    def _latest_dataset(self) -> str:
        """The one that was prepared last."""
        return max(self._datasets, key=lambda name: _prepared(self._workspace.data / name / "index.json"))

    def _free_name(self, data: str) -> str:
        """``graz-001``, or the first number that is free."""
        number = 1
        while (self._workspace.runs / f"{data}-{number:03d}").exists():
            number += 1
        return f"{data}-{number:03d}"


def _presets(configured: str) -> tuple[list[str], str]:
    """The presets to choose from and the chosen one: the configured one, modifiers and all, if it exists."""
    from ravetui.engine.presets import PRESETS, find_preset

    names = list(PRESETS)
    try:
        find_preset(configured)
    except RavetuiError:
        return names, names[0]
    return (names if configured in PRESETS else [configured, *names]), configured


def _field(label: str, field: Input | Select[str]) -> ComposeResult:
    with Horizontal():
        yield Label(label)
        yield field


def _plan_words(plan: dict[str, Any]) -> Content:
    first, total = plan["phase_1"], plan["total"]
    lines = (
        (
            f"{steps(plan['steps_per_epoch'])} steps an epoch",
            f" ({steps(plan['training_crops'])} crops of {plan['crop_s']:.2f} s, {plan['batch_size']} a step)",
        ),
        (f"phase 2 after step {steps(first['steps'])}", f" ({_epochs(first['epochs'])})"),
        (f"end after step {steps(total['steps'])}", f" ({_epochs(total['epochs'])})"),
        (f"validation every {steps(plan['validate_every'])} steps", ""),
    )
    return Content("\n").join([Content.assemble((main, "$number"), (rest, "$quiet")) for main, rest in lines])


def _epochs(number: float) -> str:
    return f"epoch {number:.1f}" if number < 1000 else f"epoch {steps(round(number))}"


def _prepared(index: Path) -> float:
    """When a dataset was prepared, Unix time, seconds; 0 if it has gone meanwhile."""
    try:
        return index.stat().st_mtime
    except OSError:
        return 0.0
