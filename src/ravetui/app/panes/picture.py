"""The picture of a clip, and the ruler under it on which the playhead moves."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from ravetui.app.picture.cells import half_blocks, levels, scale, shades, wave
from ravetui.app.picture.clip_picture import BANDS, ClipPicture, decibel, fitted
from ravetui.app.theme import difference_roles, loudness_roles

View = Literal["both", "difference", "average"]

GUTTER = 8
"""Cells at the left for frequencies."""
RANGE_DB = 80.0
"""From the loudest to what is drawn as nothing."""
DIFFERENCE_DB = 30.0
"""As much and more is drawn in the strongest colour."""
_WAVE = 2
_WAVE_LEVEL = 10
"""Its colour is that of something rather loud."""
_LEVEL_ROOM = 10

Line = list[Segment]


class PicturePane(Widget):
    """Original over reconstruction, their difference, or the difference of their average spectra."""

    DEFAULT_CSS = "PicturePane { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._picture: ClipPicture | None = None
        self._view: View = "both"
        self._band = 0
        self._drawn: tuple[object, list[Strip]] = (None, [])

    def show(self, picture: ClipPicture | None, view: View, band: int) -> None:
        """Show a picture with the frequency cursor on a band; painted, half a megabyte, only when it is another one."""
        wanted = (picture, view, band)
        if wanted != (self._picture, self._view, self._band):
            self._picture, self._view, self._band = wanted
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row; all of them are drawn at once and kept until something differs."""
        key = (id(self._picture), self._view, self._band, self.size, self.app.theme)
        if key != self._drawn[0]:
            rows = self._rows(self.size) if self._picture is not None else []
            self._drawn = (
                key,
                [Strip(row).adjust_cell_length(self.size.width).apply_style(self.rich_style) for row in rows],
            )
        rows_drawn = self._drawn[1]
        return rows_drawn[y] if y < len(rows_drawn) else Strip.blank(self.size.width, self.rich_style)

    @property
    def _plain(self) -> bool:
        """Whether the terminal has too few colours for an image."""
        return self.app.no_color or self.app.console.color_system in (None, "standard")

    def _colours(self, roles: Callable[..., tuple[str, ...]]) -> tuple[Color, ...]:
        """A colour for each level, in the theme of now."""
        variables = self.app.theme_variables
        return scale(tuple(variables[role] for role in roles(dark=self.app.current_theme.dark)))

    def _rows(self, size: Size) -> list[Line]:
        picture = self._picture
        assert picture is not None
        width = max(size.width - GUTTER, 1)
        if self._view == "average":
            return self._average(picture, size.height, width)
        if self._view == "difference":
            image = decibel(picture.reconstruction.mel) - decibel(picture.original.mel)
            title = "reconstruction − original: red (░▒▓█) it has more, blue (-=≡) less"
            return [_title(title), *self._image(image, size.height - 1, width, DIFFERENCE_DB)]
        top = float(decibel(np.maximum(picture.original.mel.max(), picture.reconstruction.mel.max())))
        upper = size.height - size.height // 2
        rows: list[Line] = []
        for name, version, height in (
            ("original", picture.original, upper),
            ("reconstruction", picture.reconstruction, size.height - upper),
        ):
            drawn = wave(version.peaks, width, _WAVE, Style(color=self._colours(loudness_roles)[_WAVE_LEVEL]))
            rows += [_title(name), *([Segment(" " * GUTTER), *line] for line in drawn)]
            rows += self._image(decibel(version.mel) - top, height - 1 - _WAVE, width, None)
        return rows

    def _image(self, image: np.ndarray, height: int, width: int, both_sides: float | None) -> list[Line]:
        """An image with frequencies at its left; highest band at the top."""
        if height < 1:
            return []
        bands = height if self._plain else 2 * height
        low, high = (-RANGE_DB, 0.0) if both_sides is None else (-both_sides, both_sides)
        if both_sides is None:
            shown = fitted(image, bands, width)
        else:
            # Of a band's parts the one counts that differs most, to either side.
            more, less = fitted(image, bands, width), -fitted(-image, bands, width)
            shown = np.where(np.abs(more) >= np.abs(less), more, less)
        found = levels(shown[::-1], low, high)
        drawn = (
            shades(found, two_sided=both_sides is not None)
            if self._plain
            else half_blocks(found, self._colours(loudness_roles if both_sides is None else difference_roles))
        )
        return [[self._label(place, height), *line] for place, line in enumerate(drawn)]

    def _average(self, picture: ClipPicture, height: int, width: int) -> list[Line]:
        """A bar for each row's bands: to the right what the reconstruction has more, to the left what it has less."""
        difference = picture.average_difference
        middle = (width - _LEVEL_ROOM) // 2
        rows: list[Line] = [_title("average spectrum, reconstruction − original, dB")]
        for place in range(height - 1):
            bands = _bands_of(place, height - 1)
            value = float(max(difference[bands], key=abs))
            size = min(round(abs(value) / DIFFERENCE_DB * middle), middle)
            bar = "█" * size
            text = f"{' ' * middle}│{bar:<{middle}}" if value >= 0 else f"{bar:>{middle}}│{' ' * middle}"
            colour = self._colours(difference_roles)[-1 if value >= 0 else 0]
            rows.append([self._label(place, height - 1), Segment(text, Style(color=colour)), Segment(f" {value:+.1f}")])
        return rows

    def _label(self, place: int, height: int) -> Segment:
        """The frequency at a row: where the cursor is, and of every third."""
        bands = _bands_of(place, height)
        picture = self._picture
        assert picture is not None
        here = bands.start <= self._band < bands.stop
        if not here and place % 3:
            return Segment(" " * GUTTER)
        hertz = picture.hertz(self._band if here else bands.start)
        text = f"{hertz:.0f}" if hertz < 1000 else f"{hertz / 1000:.1f}k"
        return Segment(f"{text:>{GUTTER - 2}}{'▸' if here else ' '} ", Style(bold=here))


class Ruler(Widget):
    """Time from the beginning to the end of the clip; the playhead is where the player really is.

    It is a widget of one row because Textual repaints from the left edge: over a picture that would be all of it.
    """

    DEFAULT_CSS = "Ruler { height: 1; width: 1fr; color: $quiet; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._seconds = 0.0
        self._position: float | None = None
        self._shown: object = None

    def show(self, seconds: float, position: float | None) -> None:
        """Show where the sound is, s; None: it is silent. Painted only when the head or its time looks different."""
        self._seconds, self._position = seconds, position
        look = (seconds, self._cell, self._time)
        if look != self._shown:
            self._shown = look
            self.refresh()

    @property
    def _cell(self) -> int | None:
        width = max(self.size.width - GUTTER, 1)
        if self._position is None or self._seconds <= 0:
            return None
        return min(int(self._position / self._seconds * width), width - 1)

    @property
    def _time(self) -> str:
        """Where the head is, to a tenth of a second: a cell of a long clip is more."""
        return "" if self._position is None else f"{self._position:.1f} s "

    def render_line(self, y: int) -> Strip:
        """The row."""
        width = max(self.size.width - GUTTER, 1)
        marks = ["─"] * width
        for part in range(0, 4):
            text = f"┬{self._seconds * part / 4:.1f} s"
            place = width * part // 4
            marks[place : place + len(text)] = text
        if (cell := self._cell) is not None:
            marks[cell] = "▲"
        line = Strip([Segment(f"{self._time:>{GUTTER}}{''.join(marks[:width])}")])
        return line.apply_style(self.rich_style)


def _bands_of(place: int, height: int) -> slice:
    """The bands of a row, counted from the top: the same cut as that of the image."""
    row = height - 1 - place
    begin = row * BANDS // height
    return slice(begin, max((row + 1) * BANDS // height, begin + 1))


def _title(text: str) -> Line:
    return [Segment(" " * GUTTER), Segment(text, Style(bold=True))]
