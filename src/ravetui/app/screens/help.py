"""What the focused pane shows, and what every key does."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ravetui.app.actions import ACTIONS, Action


class Help(ModalScreen[None]):
    """Made from the registry of actions, so it cannot say anything that is not so.

    Args:
        pane: Name of the pane that has the focus.
        text: What that pane shows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "close", "close")]
    DEFAULT_CSS = """
    Help {
        align: center middle;
        & > VerticalScroll {
            width: 96; max-width: 96%; height: auto; max-height: 96%; border: solid $line-focus;
            border-title-color: $phase-1; border-subtitle-color: $quiet; background: $surface; padding: 0 2;
            scrollbar-size-vertical: 1;
        }
        Static { height: auto; }
        Horizontal { height: auto; }
        .key { width: 11; color: $key; text-style: bold; }
        .label { width: 11; color: $number; }
        .description { width: 1fr; }
        .text { margin: 0 0 1 0; }
        .more { margin: 1 0 0 0; color: $quiet; }
    }
    """

    def __init__(self, pane: str, text: str) -> None:
        super().__init__()
        self._pane = pane
        self._text = text

    def compose(self) -> ComposeResult:
        """The pane's text, its keys, then all others."""
        own = [item for item in ACTIONS if item.where == self._pane]
        with VerticalScroll() as box:
            box.border_title = f"help · {self._pane}"
            box.border_subtitle = "esc closes"
            yield Static(Content(self._text), classes="text")
            for item in [*own, *(item for item in ACTIONS if item not in own)]:
                yield from _row(item)
            more = "↑ ↓ home end pgup pgdn move inside a pane; each command: ravetui --help"
            yield Static(Content(more), classes="more")

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()


def _row(item: Action) -> ComposeResult:
    with Horizontal():
        yield Static(Content(item.key_shown), classes="key")
        yield Static(Content(item.label), classes="label")
        yield Static(Content(item.description), classes="description")
