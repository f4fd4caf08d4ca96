"""The bottom line: the keys that do something now."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from ravetui.app.actions import Action


class KeyBar(Static):
    """Names the actions that can be done; as many as there is room for."""

    DEFAULT_CSS = """
    KeyBar {
        height: 1; background: $bar; padding: 0 1; text-wrap: nowrap;
        link-color: $quiet; link-style: none;
        link-background-hover: $row; link-color-hover: $number; link-style-hover: none;
    }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, markup=False)
        self._shown: tuple[Action, ...] = ()

    def show(self, actions: Sequence[Action], pane: str) -> None:
        """Show these actions, as many as fit.

        Help, palette and quit are always there; of the others, those of the focused pane go last.
        """
        width = max(self.scrollable_content_region.width, 20)
        always = [item for item in actions if item.name in ("help", "command_palette", "quit")]
        shown = [item for item in actions if item not in always]
        while shown and sum(_width(item) for item in (*shown, *always)) - 2 > width:
            others = [item for item in shown if item.where != pane]
            shown.remove((others or shown)[-1])
        chosen = (*shown, *always)
        if chosen != self._shown:
            self._shown = chosen
            self.update(Content("  ").join([_words(item) for item in chosen]), layout=False)


def _words(item: Action) -> Content:
    link = f"@click=screen.run_named('{item.name}')"
    return Content.from_markup(f"[$key bold]$key[/] [{link}]$label[/]", key=item.key_shown, label=item.label)


def _width(item: Action) -> int:
    return len(item.key_shown) + len(item.label) + 3
