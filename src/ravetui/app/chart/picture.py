"""A grid of coloured characters: a chart before it meets a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len


class Ink(NamedTuple):
    """A colour by its role."""

    role: str
    dim: bool = False
    """Nearer to the background: for what lies behind."""


class Picture:
    """Characters and their inks, written cell by cell."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self._characters = np.full((rows, columns), " ", dtype="<U1")
        self._inks = np.zeros((rows, columns), dtype=np.intp)
        self._palette: list[Ink] = [Ink("axis")]

    def ink(self, ink: Ink) -> int:
        """The ink's number in this picture."""
        if ink not in self._palette:
            self._palette.append(ink)
        return self._palette.index(ink)

    def write(self, row: int, column: int, text: str, ink: Ink) -> int:
        """Write text from a cell on, cut at the right edge; returns the column after it.

        A wide character takes two cells; what takes none, or is no printable character, is left out.
        """
        number = self.ink(ink)
        for character in unicodedata.normalize("NFC", text):
            width = cell_len(character) if character.isprintable() else 0
            if column + width > self.columns:
                break
            if width:
                # The second cell of a wide character holds nothing, so that a joined row has its width.
                self._characters[row, column : column + width] = [character, ""][:width]
                self._inks[row, column : column + width] = number
                column += width
        return column

    def paste(self, row: int, column: int, characters: NDArray[np.str_], inks: NDArray[np.intp]) -> None:
        """Put a block of characters, shape (rows, columns), where the inks' numbers are not negative."""
        height, width = characters.shape
        place = (slice(row, row + height), slice(column, column + width))
        there = inks >= 0
        self._characters[place][there] = characters[there]
        self._inks[place][there] = inks[there]

    def blank(self, row: int, start: int, end: int) -> bool:
        """Whether the cells from start up to, not including, end lie inside the picture and are all empty."""
        return start >= 0 and end <= self.columns and bool((self._characters[row, start:end] == " ").all())

    def runs(self, row: int) -> Iterator[tuple[str, Ink]]:
        """The row as stretches of text in one ink, their widths adding up to the picture's columns."""
        inks, characters = self._inks[row], self._characters[row].tolist()
        ends = [*(np.flatnonzero(np.diff(inks)) + 1).tolist(), self.columns]
        start = 0
        for end in ends:
            yield "".join(characters[start:end]), self._palette[inks[start]]
            start = end

    def changed_rows(self, before: Picture) -> list[int]:
        """The rows that look different in a picture of the same size."""
        if self._palette != before._palette:
            return list(range(self.rows))
        different = (self._characters != before._characters) | (self._inks != before._inks)
        return np.flatnonzero(different.any(axis=1)).tolist()

    def text(self, row: int) -> str:
        """The row without its colours."""
        return "".join(self._characters[row].tolist())
