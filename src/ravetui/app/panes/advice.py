"""The line above the keys: what the curves of the selected run suggest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from ravetui.runs.advice import Advice


class AdviceLine(Static):
    """The most urgent advice in at most two lines, and how much more there is; gone while there is none."""

    DEFAULT_CSS = """
    AdviceLine { height: auto; max-height: 2; padding: 0 1; color: $advice; display: none; }
    AdviceLine.-urgent { color: $run-failed; }
    AdviceLine.-some { display: block; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, markup=False)
        self._shown: tuple[Advice, ...] = ()

    def show(self, advice: Sequence[Advice]) -> None:
        """Show the first; nothing moves on the screen while it stays the same."""
        if tuple(advice) == self._shown:
            return
        self._shown = tuple(advice)
        self.set_class(bool(advice), "-some")
        self.set_class(bool(advice) and advice[0].urgent, "-urgent")
        if advice:
            more = f"  (and {len(advice) - 1} more: ravetui run show)" if len(advice) > 1 else ""
            self.update(Content.assemble("▸ ", advice[0].text, (more, "$quiet")))
