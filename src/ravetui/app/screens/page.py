"""How to open the page that sounds in the laptop's browser."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class Page(ModalScreen[None]):
    """Two lines to type on the laptop.

    Args:
        tunnel: The ssh command that makes the page's port reachable.
        url: What to open then.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,u,q,enter", "close", "close"),
        Binding("y", "copy", "copy"),
    ]
    DEFAULT_CSS = """
    Page {
        align: center middle;
        & > Vertical {
            width: 92; max-width: 96%; height: auto; border: solid $line-focus; border-title-color: $phase-1;
            border-subtitle-color: $quiet; background: $surface; padding: 1 2;
        }
        Static { height: auto; margin: 0 0 1 0; }
        .typed { color: $number; margin: 0 0 1 2; }
        .last { color: $quiet; margin: 0; }
    }
    """

    def __init__(self, tunnel: str, url: str) -> None:
        super().__init__()
        self._tunnel = tunnel
        self._url = url

    def compose(self) -> ComposeResult:
        """What to type, what to open, what follows."""
        with Vertical() as box:
            box.border_title = "hear it in the laptop's browser"
            box.border_subtitle = "y copies the command · esc closes"
            yield Static(Content("1  In a terminal of your laptop, and leave it open:"))
            yield Static(Content(self._tunnel), classes="typed")
            yield Static(Content("2  In its browser, then click once into the page so that it may sound:"))
            yield Static(Content(self._url), classes="typed")
            more = (
                "It plays what you play here, as long as no `ravetui listen` is attached. The address holds a secret; "
                "nobody else on this machine can hear it."
            )
            yield Static(Content(more), classes="last")

    def action_copy(self) -> None:
        """Put the command on the clipboard, where the terminal can."""
        self.app.copy_to_clipboard(self._tunnel)
        self.notify("The ssh command was copied, if your terminal allows that.", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()
