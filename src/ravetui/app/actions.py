"""Every action of the screen, once: bindings, footer, help, palette and ``docs/keys.md`` are made from this list."""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Where = Literal["everywhere", "runs", "curves", "checkpoints", "samples"]
"""What an action is about; help shows those of the focused pane first."""

_SHOWN = {"question_mark": "?", "ctrl+p": "^p", "left": "←", "right": "→", "shift+tab": "shift+tab"}


@dataclass(frozen=True)
class Action:
    """Something a person can ask for with a key."""

    id: str
    """The method ``action_<id>`` of the main screen, or ``app.<name>``."""
    key: str
    """Textual's name of the key."""
    label: str
    """One or two words for the footer."""
    description: str
    """A sentence for help, palette and ``docs/keys.md``."""
    footer: bool
    """Whether the footer names it while it can be done."""
    where: Where = "everywhere"

    @property
    def key_shown(self) -> str:
        """The key as a person reads it."""
        return _SHOWN.get(self.key, self.key)

    @property
    def name(self) -> str:
        """The id without its namespace."""
        return self.id.removeprefix("app.")


ACTIONS: tuple[Action, ...] = (
    Action("new", "n", "new", "Make a new run from a dataset and a preset, and start it.", True),
    Action("start", "s", "start", "Start the run, or resume it exactly where its newest checkpoint is.", True, "runs"),
    Action("stop", "x", "stop", "Stop the run: it saves and exits. Again: now, without saving.", True, "runs"),
    Action(
        "phase",
        "p",
        "phase 2",
        "Go adversarial from here on: phase 2. Again: not yet.",
        True,
        "runs",
    ),
    Action("play", "space", "play", "Play the selected sample, or stop it.", True, "samples"),
    Action("score", "e", "score", "Score the selected checkpoint in the background.", True, "checkpoints"),
    Action("fork", "f", "fork", "Fork: make a run that goes on from the selected checkpoint.", True, "checkpoints"),
    Action(
        "pin", "k", "keep", "Keep the selected checkpoint for good: pin it. Again: no longer.", False, "checkpoints"
    ),
    Action("original", "o", "original", "Switch between original and reconstruction, mid-sound too.", True, "samples"),
    Action(
        "log_axis",
        "l",
        "log axis",
        "Make the vertical axis of the curves logarithmic, or linear again.",
        True,
        "curves",
    ),
    Action("smoothing", "w", "smooth", "Smooth the curves more: 0, 0.6, 0.9, 0.99 and round again.", False, "curves"),
    Action("previous_curves", "left", "curves", "Show the previous curves.", False, "curves"),
    Action(
        "next_curves",
        "right",
        "curves",
        "Show the next curves: losses, regularization, adversarial, pace.",
        True,
        "curves",
    ),
    Action("note", "m", "note", "Write the run's notes.md.", True, "runs"),
    Action("next_pane", "tab", "pane", "Go to the next pane.", False),
    Action("previous_pane", "shift+tab", "pane", "Go to the previous pane.", False),
    Action("help", "question_mark", "help", "Explain the focused pane and every key.", True),
    Action("app.command_palette", "ctrl+p", "palette", "Find an action by its name.", True),
    Action("app.quit", "q", "quit", "Leave the screen. Runs go on training.", True),
)


def bindings() -> list[Binding]:
    """The keys as Textual binds them."""
    return [
        Binding(item.key, item.id, item.label, show=False, id=item.name, tooltip=item.description) for item in ACTIONS
    ]


def action_of_key(key: str) -> Action | None:
    """The action that a key asks for."""
    return next((item for item in ACTIONS if item.key == key), None)
