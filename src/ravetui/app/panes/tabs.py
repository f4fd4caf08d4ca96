"""On a small screen: which of the panes is seen."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static


class PaneTabs(Static):
    """One line that names the panes, the visible one marked."""

    DEFAULT_CSS = """
    PaneTabs { height: 1; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, names: Sequence[str], *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, markup=False)
        self._names = tuple(names)

    def show(self, visible: str) -> None:
        """Mark a pane."""
        parts = [(f"▸{name}", "$number bold") if name == visible else (f" {name}", "$quiet") for name in self._names]
        self.update(Content.assemble(("tab ", "$faint"), Content("  ").join(Content.styled(*part) for part in parts)))
