"""Writes a run's ``notes.md``."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import TextArea


class Note(ModalScreen[str | None]):
    """A text area; closing it saves, unless nothing was changed.

    Args:
        run: Whose note.
        before: What it says.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "save", "save and close", priority=True),
        Binding("ctrl+d", "discard", "close without saving", priority=True),
    ]
    DEFAULT_CSS = """
    Note {
        align: center middle;
        & > TextArea {
            width: 90; max-width: 94%; height: 24; max-height: 90%; border: solid $line-focus;
            border-title-color: $phase-1; border-subtitle-color: $quiet;
        }
    }
    """

    def __init__(self, run: str, before: str) -> None:
        super().__init__()
        self._run = run
        self._before = before

    def compose(self) -> ComposeResult:
        """The text, as it is on disk."""
        area = TextArea(self._before, soft_wrap=True, show_line_numbers=False)
        area.border_title = f"note of {self._run}"
        area.border_subtitle = "esc saves and closes · ctrl+d discards"
        yield area

    def action_save(self) -> None:
        """Close, handing over the text if it was changed."""
        text = self.query_one(TextArea).text
        self.dismiss(text if text != self._before else None)

    def action_discard(self) -> None:
        """Close; the note stays as it was."""
        self.dismiss(None)
