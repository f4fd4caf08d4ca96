"""Asks before something that cannot be taken back: one key answers."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class Confirm(ModalScreen[bool]):
    """A question with one sentence about what follows.

    Args:
        question: What is asked.
        sentence: What happens then.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no"),
    ]
    DEFAULT_CSS = """
    Confirm {
        align: center middle;
        & > Vertical {
            width: 70; max-width: 90%; height: auto; border: solid $line-focus; background: $surface; padding: 1 2;
        }
        Static { height: auto; margin: 0 0 1 0; }
        #answers { margin: 0; }
    }
    """

    def __init__(self, question: str, sentence: str) -> None:
        super().__init__()
        self._question = question
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        """Question, sentence, keys."""
        with Vertical():
            yield Static(Content.styled(self._question, "$number bold"))
            yield Static(Content(self._sentence))
            keys = Content.assemble(("y", "$key bold"), " or ", ("enter", "$key bold"), "  yes     ")
            yield Static(Content.assemble(keys, ("n", "$key bold"), " or ", ("esc", "$key bold"), "  no"), id="answers")

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)
