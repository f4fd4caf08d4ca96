"""A list that is walked with the arrow keys and keeps its cursor on the same thing while rows come and go."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option


@dataclass(frozen=True)
class Row:
    """One entry, of one line or more."""

    key: str
    """Stays the same while the text changes."""
    text: Content


class Rows(OptionList):
    """Rows by key, the one under the cursor marked by a glyph, so that no colour is needed to see it."""

    DEFAULT_CSS = """
    Rows {
        height: 1fr; border: none; padding: 0; background: transparent;
        text-wrap: nowrap; text-overflow: ellipsis;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        &:focus { border: none; background-tint: transparent; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-highlighted { background: $row; color: $foreground; text-style: none; }
        & > .option-list--option-hover { background: $bar; }
        &:focus > .option-list--option-highlighted { background: $row; color: $number; text-style: bold; }
    }
    """

    class Moved(Message):
        """The person put the cursor on another row."""

        def __init__(self, rows: "Rows") -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> "Rows":
            """The list."""
            return self.rows

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, markup=False)
        self._rows: tuple[Row, ...] = ()
        self._marked: int | None = None

    @property
    def selected(self) -> str | None:
        """Key of the row under the cursor."""
        return self._rows[self.highlighted].key if self.highlighted is not None and self._rows else None

    @property
    def at_top(self) -> bool:
        """Whether the cursor is on the first row."""
        return self.highlighted == 0

    @property
    def room(self) -> int:
        """Cells that a row's text may take, at least one."""
        return max(self.scrollable_content_region.width - 1, 1)

    def show(self, rows: Sequence[Row], *, select: str | None = None, anew: bool = False) -> None:
        """Show these rows; only what differs is painted.

        The cursor stays on its row. When that is gone it stays where it was, or goes to the first if ``anew``.

        Args:
            select: Put the cursor on this key instead.
            anew: These rows have nothing to do with the ones before.
        """
        keys = [row.key for row in rows]
        wanted = select if select in keys else self.selected
        if keys == [row.key for row in self._rows]:
            for index, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
                if not _same(old.text, new.text):
                    self.replace_option_prompt_at_index(index, self._prompt(new, index == self._marked))
            self._rows = tuple(rows)
        else:
            place = 0 if anew or self.highlighted is None else self.highlighted
            top = 0 if anew else self.scroll_offset.y
            self._rebuild(tuple(rows), keys.index(wanted) if wanted in keys else place, top)
            return
        if wanted is not None and wanted != self.selected:
            with self.prevent(OptionList.OptionHighlighted):
                self.highlighted = keys.index(wanted)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the glyph along with the cursor."""
        for index in {self._marked, highlighted} - {None}:
            if index is not None and index < len(self._rows):
                self.replace_option_prompt_at_index(index, self._prompt(self._rows[index], index == highlighted))
        self._marked = highlighted
        super().watch_highlighted(highlighted)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say it in our own words."""
        event.stop()
        self.post_message(self.Moved(self))

    def _rebuild(self, rows: tuple[Row, ...], place: int, top: int) -> None:
        with self.prevent(OptionList.OptionHighlighted):
            self._rows, self._marked = (), None
            self.set_options([])
            self._rows = rows
            self.set_options([Option(self._prompt(row, marked=False)) for row in rows])
            if rows:
                self.scroll_to(y=top, animate=False, force=True)
                self.highlighted = min(place, len(rows) - 1)

    @staticmethod
    def _prompt(row: Row, marked: bool) -> Content:
        return Content.assemble(("▸", "$cursor") if marked else " ", row.text)


def _same(first: Content, second: Content) -> bool:
    """Whether two contents look the same; Textual compares their letters only."""
    return first is second or (first.plain == second.plain and first.spans == second.spans)
