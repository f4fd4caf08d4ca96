"""The chart on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from ravetui.app.chart.axis import x_window
from ravetui.app.chart.layout import Curve
from ravetui.app.chart.picture import Ink, Picture
from ravetui.app.chart.plot import Caption, Frame, draw
from ravetui.app.chart.reading import Reading, read_at
from ravetui.app.chart.series import STEPS, ChartSeries, HorizontalAxis, PhaseLine
from ravetui.app.chart.view import View, Window, panned, seen, zoomed

_DIM = 0.62
"""How far a dim ink is mixed into the background."""


class Chart(Widget):
    """Curves over steps, in braille: every one-step extreme of ten million points is on it.

    A theme gives a series its colour by the component class `chart--<role>`; a role without one has the colour of text.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--axis",
        "chart--cursor",
        "chart--invalid",
        "chart--loss-train",
        "chart--loss-validation",
        "chart--phase",
        "chart--title",
    } | {f"chart--run-{number}" for number in range(1, 9)}

    DEFAULT_CSS = """
    Chart {
        width: 1fr;
        height: 1fr;
    }
    Chart > .chart--axis { color: $text-muted; }
    Chart > .chart--cursor { color: $text; }
    Chart > .chart--invalid { color: $error; }
    Chart > .chart--loss-train { color: $primary; }
    Chart > .chart--loss-validation { color: $warning; }
    Chart > .chart--phase { color: $secondary; }
    Chart > .chart--title { color: $text; }
    Chart > .chart--run-1 { color: $primary; }
    Chart > .chart--run-2 { color: $warning; }
    Chart > .chart--run-3 { color: $success; }
    Chart > .chart--run-4 { color: $secondary; }
    Chart > .chart--run-5 { color: $error; }
    Chart > .chart--run-6 { color: $accent; }
    Chart > .chart--run-7 { color: $text; }
    Chart > .chart--run-8 { color: $text-muted; }
    """

    log_scale: reactive[bool] = reactive(False, repaint=False)
    """Whether the vertical axis is logarithmic. (`log` is Textual's own name for its logger.)"""
    smoothing: reactive[float] = reactive(0.0, repaint=False)
    """The decay of the exponential moving average drawn as the line, 0 ≤ smoothing < 1; 0 draws the raw values."""

    def __init__(
        self,
        *,
        log_scale: bool = False,
        smoothing: float = 0.0,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._series: tuple[ChartSeries, ...] = ()
        self._phases: tuple[PhaseLine, ...] = ()
        self._title = ""
        self._empty = ""
        self._axis = STEPS
        self._within: Window | None = None
        self._split = False
        self._view: View | None = None
        self._cursor: float | None = None
        self._picture: Picture | None = None
        self._ink_styles: dict[Ink, Style] = {}
        self.set_reactive(Chart.log_scale, log_scale)
        self.set_reactive(Chart.smoothing, smoothing)

    def show(
        self,
        series: Sequence[ChartSeries],
        phases: Sequence[PhaseLine] = (),
        *,
        title: str = "",
        empty: str = "",
        axis: HorizontalAxis = STEPS,
        within: Window | None = None,
        split: bool = False,
    ) -> None:
        """Show these series; costs nothing on the screen when they are what it already shows.

        Args:
            series: In the order of the legend; later ones are drawn over earlier ones.
            phases: Vertical lines. One far ahead of the last point is named in the legend until the run comes near it.
            title: What the values are, at the left of the legend.
            empty: The sentence shown while no series has a point.
            axis: What the x of the series are.
            within: First and last x of all there is to see; None: from the first point to the last, or the next phase.
            split: Phases are apart: smoothing begins anew with each, and they have scales of their own where one scale
                would flatten one of them.
        """
        given = (tuple(phases), title, empty, axis, within, split)
        same = len(series) == len(self._series) and all(map(ChartSeries.same_as, series, self._series))
        if same and given == (self._phases, self._title, self._empty, self._axis, self._within, self._split):
            return
        self._series = tuple(series)
        self._phases, self._title, self._empty, self._axis, self._within, self._split = given
        self._redraw()

    @property
    def whole(self) -> Window | None:
        """First and last x of all there is to see; None when there is no point."""
        found = x_window(self._series, self._phases)
        return found and (self._within or found)

    @property
    def window(self) -> Window | None:
        """First and last x that are drawn; None when there is no point."""
        whole = self.whole
        return whole and seen(whole, self._view)

    @property
    def cursor(self) -> float | None:
        """The x that is read; None without a cursor."""
        return self._cursor

    @property
    def is_zoomed(self) -> bool:
        """Whether less than all is looked at."""
        return self._view is not None

    def zoom(self, factor: float) -> None:
        """Look closer (a factor below 1) or from further away: at the cursor if there is one, else at the newest."""
        if (whole := self.whole) is not None:
            self._look(zoomed(whole, self._view, factor, self._cursor))

    def pan(self, part: float) -> None:
        """Go to later x by a part of what is seen, or to earlier ones if negative."""
        if (whole := self.whole) is not None:
            self._look(panned(whole, self._view, part))

    def show_all(self) -> None:
        """Look at everything, without a cursor."""
        if self._cursor is not None or self._view is not None:
            self._cursor = self._view = None
            self._redraw()

    def move_cursor(self, columns: int) -> None:
        """Move the cursor by so many cells, or put it up at the newest point in sight; at an end the view moves on."""
        if (window := self.window) is None:
            return
        whole = self.whole or window
        last = min(max(float(one.places[-1]) for one in self._series if one.places.size), whole[1])
        cell = (window[1] - window[0]) / max(self.size.width, 1)
        before = self._cursor if self._cursor is not None else min(last, window[1])
        first = max(min(float(one.places[0]) for one in self._series if one.places.size), whole[0])
        self._cursor = min(max(before + columns * cell, first), last)
        if self._view is not None and not window[0] <= self._cursor <= window[1]:
            self._view = panned(whole, self._view, 0.5 if columns > 0 else -0.5)
        self._redraw()

    @property
    def sight(self) -> View | None:
        """What part is looked at; None: all. Another chart of the same whole can be given it."""
        return self._view

    @sight.setter
    def sight(self, view: View | None) -> None:
        self._look(view)

    def put_cursor(self, x: float | None) -> None:
        """Read at this x, or nowhere."""
        if x != self._cursor:
            self._cursor = x
            self._redraw()

    def readings(self) -> list[Reading]:
        """What each curve says at the cursor; empty without one."""
        return [] if self._cursor is None else read_at(self._curves(), self._cursor, self._phases)

    def _look(self, view: View | None) -> None:
        if view != self._view:
            self._view = view
            self._redraw()

    def validate_smoothing(self, smoothing: float) -> float:
        """Refuse what is no decay."""
        if not 0.0 <= smoothing < 1.0:
            raise ValueError(f"smoothing {smoothing} is not in [0, 1)")
        return smoothing

    def watch_log_scale(self) -> None:
        """Draw the other axis."""
        self._redraw()

    def watch_smoothing(self) -> None:
        """Draw the other line."""
        self._redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of one paint, in the colours that are valid now."""
        self._ink_styles.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        if self._picture is None or (self._picture.columns, self._picture.rows) != self.size:
            self._picture = self._draw()
        segments = []
        for text, ink in self._picture.runs(y):
            if ink not in self._ink_styles:
                self._ink_styles[ink] = self._style(ink)
            segments.append(Segment(text, self._ink_styles[ink]))
        return Strip(segments, self._picture.columns)

    def _redraw(self) -> None:
        """Draw again, and have the rows that changed painted."""
        before = self._picture
        if before is None or (before.columns, before.rows) != self.size:
            self._picture = None
            self.refresh()
            return
        self._picture = self._draw()
        changed = self._picture.changed_rows(before)
        if changed:
            self.refresh(*(Region(0, y, before.columns, 1) for y in changed))

    def _draw(self) -> Picture:
        words = (
            self._axis.name and f"by {self._axis.name}",
            "zoomed" if self.is_zoomed else "",
            "log" if self.log_scale else "",
            f"ema {self.smoothing:g}" if self.smoothing else "",
        )
        frame = Frame(self.window, self._cursor, self._axis, self.log_scale, self._split)
        return draw(
            self._curves(),
            self._phases,
            Caption(self._title, " · ".join(word for word in words if word), self._empty),
            frame,
            columns=self.size.width,
            rows=self.size.height,
        )

    def _curves(self) -> list[Curve]:
        phases = tuple(phase.x for phase in self._phases) if self._split else ()
        return [Curve(one, 0.0, ()) if one.markers else Curve(one, self.smoothing, phases) for one in self._series]

    def _style(self, ink: Ink) -> Style:
        try:
            style = self.get_visual_style(f"chart--{ink.role}")
        except KeyError:  # A role without a component class.
            style = self.visual_style
        if not ink.dim or style.foreground is None or style.background is None:
            return style.rich_style
        if style.foreground.ansi is not None:
            return style.rich_style + Style(dim=True)
        faint = style.foreground.blend(style.background, _DIM)
        return Style(color=faint.rich_color, bgcolor=style.background.rich_color)
