"""A pane whose heart is a list."""

from textual.widget import Widget

from ravetui.app.panes.pane import Pane
from ravetui.app.panes.rows import Rows


class Listing(Pane):
    """A pane with one :class:`Rows` in it, which takes the focus."""

    @property
    def rows(self) -> Rows:
        """The list."""
        return self.query_one(Rows)

    @property
    def target(self) -> Widget:
        """The list."""
        return self.rows
