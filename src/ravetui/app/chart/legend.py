"""The row above a chart: its title, what the colours are, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from ravetui.app.chart.picture import Ink, Picture

_GAP = 2
_SHORTEST_TITLE = 6
"""A title that would keep fewer cells than this is left out."""


@dataclass(frozen=True)
class Key:
    """A sign and what it stands for."""

    sign: str
    label: str
    ink: Ink

    @property
    def text(self) -> str:
        """The sign and its meaning."""
        return f"{self.sign} {self.label}"


def write_legend(picture: Picture, row: int, *, title: str, keys: Sequence[Key], mode: str) -> None:
    """Fill a row of the picture: title and keys from the left, the mode at the right end.

    Where not all fits, the mode goes first, then the title is shortened, then the last keys go.
    """
    room = picture.columns
    keys_width = sum(cell_len(key.text) + _GAP for key in keys) - _GAP if keys else 0
    title_width = cell_len(title) + _GAP if title else 0
    if mode and title_width + keys_width + _GAP + cell_len(mode) <= room:
        picture.write(row, room - cell_len(mode), mode, Ink("axis"))
    column = 0
    if title:
        left = room - keys_width - _GAP if keys else room
        if cell_len(title) > left:
            title = f"{set_cell_size(title, left - 1).rstrip()}…" if left >= _SHORTEST_TITLE else ""
        column = picture.write(row, 0, title, Ink("title"))
        column += _GAP if title else 0
    for key in keys:
        if column and column + cell_len(key.text) > room:
            break
        column = picture.write(row, column, key.text, key.ink) + _GAP
