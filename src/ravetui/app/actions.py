"""Every action of the screen, once: bindings, footer, help, palette and ``docs/keys.md`` are made from this list."""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

from ravetui.runs.ratings import WORDS

Where = Literal["everywhere", "runs", "curves", "checkpoints", "samples"]
"""What an action is about; help shows those of the focused pane first."""

_SHOWN = {
    "question_mark": "?",
    "slash": "/",
    "asterisk": "*",
    "ctrl+p": "^p",
    "left": "←",
    "right": "→",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "comma": ",",
    "full_stop": ".",
    "shift+up": "shift+↑",
    "shift+down": "shift+↓",
    "shift+left": "shift+←",
    "shift+right": "shift+→",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


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
    Action("new", "n", "new", "Make a new run from a dataset and a preset, and start or queue it.", True),
    Action(
        "start",
        "s",
        "start",
        "Start or resume the run; without a free slot it waits. Again: now.",
        True,
        "runs",
    ),
    Action(
        "stop",
        "x",
        "stop",
        "Stop the run: it saves and exits. Again: now, without saving.",
        True,
        "runs",
    ),
    Action(
        "phase",
        "p",
        "phase 2",
        "Go adversarial from here on: phase 2. Again: not yet.",
        True,
        "runs",
    ),
    Action("play", "space", "play", "Play the selected sample, or stop it.", True, "samples"),
    Action(
        "score",
        "e",
        "score",
        "Score the marked checkpoints, or the selected one. Again: cancel.",
        True,
        "checkpoints",
    ),
    Action(
        "scores",
        "y",
        "scores",
        "Show its scores: intervals, verdict, history, clips to hear.",
        True,
        "checkpoints",
    ),
    Action(
        "mark",
        "asterisk",
        "mark",
        "Mark the selected checkpoint, to score or compare it. Again: not.",
        False,
        "checkpoints",
    ),
    Action("fork", "f", "fork", "Fork: make a run that goes on from the selected checkpoint.", True, "checkpoints"),
    Action(
        "pin", "k", "keep", "Keep the selected checkpoint for good: pin it. Again: no longer.", False, "checkpoints"
    ),
    Action("original", "o", "original", "Switch between original and reconstruction, mid-sound too.", True, "samples"),
    Action("seek_back", "shift+left", "back 1 s", "Go back a second in what sounds.", False, "samples"),
    Action("seek_on", "shift+right", "on 1 s", "Go on a second in what sounds.", False, "samples"),
    Action("loop", "r", "loop", "Repeat the sample at its end, or do not.", False, "samples"),
    Action(
        "true_level",
        "t",
        "true level",
        "Hear clips at their true level. Again: all equally loud.",
        False,
        "samples",
    ),
    Action("automatic", "a", "auto-play", "Play the newest sample of each validation when it comes.", False, "samples"),
    Action("older", "less_than_sign", "older", "Go to the checkpoint before; the sound goes along.", False, "samples"),
    Action(
        "newer", "greater_than_sign", "newer", "Go to the checkpoint after; the sound goes along.", False, "samples"
    ),
    *(
        Action(
            f"rate_{stars}", str(stars), f"rate {stars}", f"Rate the selected sample {word}; go on.", False, "samples"
        )
        for stars, word in WORDS.items()
    ),
    Action("blind", "b", "blind", "Rate the marked checkpoints blind, their original among them.", True, "samples"),
    Action("picture", "v", "picture", "Look at the sample: waveforms, spectrograms, what differs.", True, "samples"),
    Action("page", "u", "browser", "Hear it in the laptop's browser: show how to open the page.", False, "samples"),
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
    Action("zoom_in", "plus", "closer", "Look closer at the cursor, or at the newest steps.", False, "curves"),
    Action("zoom_out", "minus", "further", "Look at more of the curves again.", False, "curves"),
    Action("pan_back", "left_square_bracket", "earlier", "Go to earlier steps of a zoomed curve.", False, "curves"),
    Action("pan_on", "right_square_bracket", "later", "Go to later steps of a zoomed curve.", False, "curves"),
    Action("whole_curves", "0", "whole", "Show the whole curves, without a cursor.", False, "curves"),
    Action("cursor_back", "comma", "cursor", "Read the curves: move the cursor to earlier steps.", False, "curves"),
    Action("cursor_on", "full_stop", "cursor", "Read the curves: move the cursor to later steps.", False, "curves"),
    Action("turn_axis", "h", "axis", "Put steps, epochs or hours along the bottom of the curves.", False, "curves"),
    Action("one_phase", "j", "phase", "Look at one phase of the curves alone, at the next, at all.", False, "curves"),
    Action("all_curves", "g", "all curves", "Show every curve as a small chart; choose, order, pin.", True, "curves"),
    Action("compare", "c", "compare", "Lay runs over one another: curves, numbers, what differs.", True, "runs"),
    Action(
        "filter", "slash", "filter", "Show only the runs that fit words: a name, state:live, note:word.", True, "runs"
    ),
    Action("earlier", "shift+up", "earlier", "Let the run come earlier in the queue.", False, "runs"),
    Action("later", "shift+down", "later", "Let the run come later in the queue.", False, "runs"),
    Action("delete", "d", "delete", "Move the run to the trash.", False, "runs"),
    Action("restore", "z", "undo", "Take the run that was deleted last out of the trash.", False, "runs"),
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
