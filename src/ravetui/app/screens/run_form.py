"""What the forms for a new run and for a fork share: what the run will be is said before it exists."""

from abc import abstractmethod
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Select, Static

from ravetui.app.messages import Wanted
from ravetui.errors import RavetuiError
from ravetui.runs.format import steps
from ravetui.runs.stop_rule import NEVER
from ravetui.runs.workspace import Workspace

STOP_FIELDS = ("plateau", "stop_after", "patience")
"""What can be typed beside the lengths."""


class RunForm(ModalScreen[Wanted | None]):
    """Every field has a good value already: enter starts the run.

    Args:
        workspace: Where it will lie.
    """

    HEADING: ClassVar[str]
    KEYS: ClassVar[str] = "enter starts or queues it · esc cancels"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-normal")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "make", "start", priority=True),
        Binding("escape", "leave", "cancel"),
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
    def plan(self) -> dict[str, Any]:
        """What the fields ask for, as :meth:`ravetui.engine.plan.Plan.as_dict` says it.

        Raises:
            RavetuiError: It cannot be.
        """

    @abstractmethod
    def wanted(self) -> Wanted:
        """What makes the run."""

    def on_mount(self) -> None:
        """Say what the run will be; a toast of before would cover it."""
        self.app.clear_notifications()
        self._plan()

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
        """Nothing was made."""
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
            plan = self.plan()
            self._workspace.new_run_path(self.text("name"))
        except RavetuiError as error:
            self._say(Content.assemble((error.message, "$run-failed"), " ", (error.remedy, "$quiet")))
            return False
        hints = {key: plan[key]["typed"] or f"{steps(plan[key]['steps'])} steps" for key in ("phase_1", "total")}
        hints |= {name: plan[name] or "never" for name in ("stop_after", "patience", "plateau")}
        for name, hint in {**hints, "batch_size": str(plan["batch_size"])}.items():
            for shown in self.query(f"#{name}").results(Input):
                shown.placeholder = hint
        self._say(_plan_words(plan))
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


def _plan_words(plan: dict[str, Any]) -> Content:
    first, total = plan["phase_1"], plan["total"]
    crops = plan["batch_size"] * plan["ranks"]
    plateau = f"; phase 2 by plateau of {plan['plateau']}" if plan["plateau"] not in NEVER else ""
    lines = (
        (
            f"{steps(plan['steps_per_epoch'])} steps an epoch",
            f" ({steps(plan['training_crops'])} crops of {plan['crop_s']:.2f} s, {crops} a step)",
        ),
        (f"phase 2 after step {steps(first['steps'])}", f" ({_length(first)}{_was(plan, 'phase_1')})"),
        (f"end after step {steps(total['steps'])}", f" ({_length(total)}{_was(plan, 'total')})"),
        (f"validation every {steps(plan['validate_every'])} steps", f"{_was(plan, 'validation')}{plateau}"),
    )
    said = [Content.assemble((main, "$number"), (rest, "$quiet")) for main, rest in lines]
    said += [Content.styled(sentence, "$warning") for sentence in plan["warnings"]]
    return Content("\n").join(said)


def _was(plan: dict[str, Any], name: str) -> str:
    """Where a boundary of a fork was in the run that it goes on from."""
    before = plan.get("before", {}).get(name)
    return f"; was {steps(before)}" if before not in (None, plan[name]["steps"]) else ""


def _length(length: dict[str, float]) -> str:
    """Epochs and hours of audio that have been heard by then."""
    return f"{_epochs(length['epochs'])}, {_hours(length['audio_h'])} of audio"


def _epochs(number: float) -> str:
    return f"epoch {number:.1f}" if number < 1000 else f"epoch {steps(round(number))}"


def _hours(number: float) -> str:
    return f"{number:.1f} h" if number < 10 else f"{steps(round(number))} h"
