"""A framed part of the screen that focus can go to."""

from textual.containers import Vertical
from textual.widget import Widget


class Pane(Vertical):
    """A frame with a title; one widget inside takes the focus."""

    DEFAULT_CSS = """
    Pane {
        border: solid $line; border-title-color: $phase-1; border-subtitle-color: $quiet;
        padding: 0 1; height: 1fr;
        &:focus-within { border: heavy $line-focus; border-title-style: bold; }
    }
    """

    HELP = ""
    """What the pane shows and how to read it, for the help screen."""

    @property
    def target(self) -> Widget:
        """What gets the focus when the person goes to this pane."""
        raise NotImplementedError
