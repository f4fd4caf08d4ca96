"""What the forms for a new run and for a fork share: what the run will be is said before it exists."""

from abc import abstractmethod
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Select, Static

from ravetui.app.messages import Wanted
from ravetui.app.screens.plan_words import plan_words
from ravetui.engine.launch.measurement import Measurement
from ravetui.errors import RavetuiError
from ravetui.runs.estimate import all_summaries
from ravetui.runs.format import steps
from ravetui.runs.workspace import Workspace

STOP_FIELDS = ("plateau", "stop_after", "patience")
"""What can be typed beside the lengths."""


class RunForm(ModalScreen[Wanted | None]):
    """Every field has a good value already: enter starts the run.

    Args:
        workspace: Where it will lie.
    """

    HEADING: ClassVar[str]
    KEYS: ClassVar[str] = "enter starts or queues it · ctrl+t times it · esc cancels"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-normal")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "make", "start", priority=True),
        Binding("escape", "leave", "cancel"),
        Binding("ctrl+t", "measure", "time a few steps", priority=True),
    ]
    DEFAULT_CSS = """
    RunForm {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 100%; height: auto; max-height: 100%; border: solid $line-focus; background: $surface;
            border-title-color: $phase-1; border-subtitle-color: $quiet; padding: 0 2;
        }
        Horizontal { height: 1; margin: 0 0 1 0; }
        &.-short Horizontal { margin: 0; }
        &.-short #plan { margin: 1 0 0 0; }
        Label { width: 14; color: $quiet; }
        Input, SelectCurrent { width: 1fr; background: $bar; }
        Input:focus, Select:focus > SelectCurrent { background: $row; }
        Select { width: 1fr; }
        #plan { height: auto; min-height: 4; }
        SelectOverlay { max-height: 8; }
    }
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._expectations: Any = None
        self._measurement: Measurement | None = None
        self._measuring = ""
        self.before: dict[str, int] = {}
        """Boundaries of the run that a fork goes on from, in steps."""
        self.begins_after = 0
        """The step of the checkpoint that a fork begins with."""

    def compose(self) -> ComposeResult:
        """The fields and the plan."""
        with Vertical() as box:
            box.border_title, box.border_subtitle = self.HEADING, self.KEYS
            yield from self.fields()
            yield Static(id="plan", markup=False)

    @abstractmethod
    def fields(self) -> ComposeResult:
        """Every field, each made by :func:`field`; one is ``name``."""

    @abstractmethod
    def plan(self) -> Any:
        """What the fields ask for, a :class:`ravetui.engine.plan.Plan`.

        Raises:
            RavetuiError: It cannot be.
        """

    @abstractmethod
    def measured(self) -> tuple[str, dict[str, str]]:
        """The dataset and the changes whose steps are timed, see :class:`Measurement`.

        Raises:
            RavetuiError: There is no such dataset in the workspace.
        """

    @abstractmethod
    def wanted(self) -> Wanted:
        """What makes the run."""

    def on_mount(self) -> None:
        """Say what the run will be; a toast of before would cover it."""
        self.app.clear_notifications()
        self._plan()
        self._expect()

    def on_unmount(self) -> None:
        """Nobody waits for a measurement any more."""
        if self._measurement is not None:
            self._measurement.cancel()

    @work(thread=True, exclusive=True, group="expect", description="looking what runs took", exit_on_error=False)
    def _expect(self) -> None:
        """Look at the runs, the timings and the machine; a key press waits for none of it."""
        from ravetui.engine.expectation import Expectations

        summaries = all_summaries(self._workspace, lambda _folder, _error: None)
        self.app.call_from_thread(self._expected, Expectations(self._workspace, summaries))

    def _expected(self, expectations: object) -> None:
        if self.is_mounted:
            self._expectations = expectations
            self._plan()

    def action_measure(self) -> None:
        """Time a few real steps of what the fields ask for; esc ends it."""
        if self._measurement is not None or not self._plan():
            return
        try:
            self._measurement = Measurement(self._workspace, *self.measured())
        except RavetuiError as error:
            self._measured(str(error))
            return
        self._progress(0.0, "starting")
        self._wait_for(self._measurement)

    @work(thread=True, group="measure", description="timing steps", exit_on_error=False)
    def _wait_for(self, measurement: Measurement) -> None:
        try:
            found = measurement.wait(lambda *said: self.app.call_from_thread(self._progress, *said))
            note = "" if found else "not timed: cancelled"
        except RavetuiError as error:
            note = str(error)
        self.app.call_from_thread(self._measured, note)

    def _progress(self, fraction: float, note: str) -> None:
        if self.is_mounted:
            self._measuring = f"timing: {int(100 * fraction)} %, {note} · esc ends it"
            self._plan()

    def _measured(self, note: str) -> None:
        self._measurement, self._measuring = None, note
        if self.is_mounted:
            self._plan()
            self._expect()

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self) -> None:
        self._plan()

    def action_make(self) -> None:
        """Start the run, if it can be."""
        if self._plan():
            self.dismiss(self.wanted())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In an open list, enter chooses."""
        return action != "make" or not any(choice.expanded for choice in self.query(Select))

    def action_leave(self) -> None:
        """Nothing was made; a measurement that is under way is ended first."""
        if self._measurement is not None:
            self._measurement.cancel()
        else:
            self.dismiss(None)

    def text(self, name: str) -> str:
        """What was typed into a field."""
        return self.query_one(f"#{name}", Input).value.strip()

    def typed(self, *names: str) -> dict[str, str]:
        """Those of the fields that there are and into which something was typed."""
        found = ((name, self.query(f"#{name}").results(Input)) for name in names)
        return {name: text for name, fields in found for item in fields if (text := item.value.strip())}

    def free_name(self, stem: str) -> str:
        """``graz-001``, or the first number that is free."""
        number = 1
        while (self._workspace.runs / f"{stem}-{number:03d}").exists():
            number += 1
        return f"{stem}-{number:03d}"

    def _plan(self) -> bool:
        """Show the plan, or why it is refused; True if the run can be made."""
        try:
            made = self.plan()
            self._workspace.new_run_path(self.text("name"))
        except RavetuiError as error:
            self._say(Content.assemble((error.message, "$run-failed"), " ", (error.remedy, "$quiet")))
            return False
        plan = {**made.as_dict(), "before": self.before}
        hints = {key: plan[key]["typed"] or f"{steps(plan[key]['steps'])} steps" for key in ("phase_1", "total")}
        hints |= {name: plan[name] or "never" for name in ("stop_after", "patience", "plateau")}
        for name, hint in {**hints, "batch_size": str(plan["batch_size"])}.items():
            for shown in self.query(f"#{name}").results(Input):
                shown.placeholder = hint
        expected = self._expectations.of(made, after=self.begins_after) if self._expectations is not None else None
        self._say(plan_words(plan, expected, self._measuring))
        return True

    def _say(self, text: Content) -> None:
        self.query_one("#plan", Static).update(text)


def stop_fields(*, plateau: bool) -> ComposeResult:
    """When to go adversarial and when to stop before the planned steps.

    Args:
        plateau: Whether phase 2 is still to begin.
    """
    if plateau:
        yield from field("or plateau of", Input(id="plateau", compact=True))
    yield from field("stop after", Input(id="stop_after", compact=True))
    yield from field("patience", Input(id="patience", compact=True))


def field(label: str, widget: Input | Select[str] | Static) -> ComposeResult:
    """One line of a form."""
    with Horizontal():
        yield Label(label)
        yield widget
