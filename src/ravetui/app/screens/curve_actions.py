"""What the keys do to the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ravetui.app.panes.charts import ChartsPane


CLOSER, PART = 0.5, 0.25
"""How much narrower a closer look is, and by how much of itself a view moves."""


class CurveActions:
    """The action methods of a screen that are about its curves."""

    @property
    def charts(self) -> ChartsPane:
        """The pane with the curves; the screen has it."""
        raise NotImplementedError

    def show_curves(self) -> None:
        """Fill that pane once more: other curves are wanted in it."""
        raise NotImplementedError

    def action_log_axis(self) -> None:
        """Change the axis."""
        self.charts.toggle_log()

    def action_smoothing(self) -> None:
        """Smooth more."""
        self.charts.smoother()

    def action_next_curves(self) -> None:
        """Show the next group."""
        self._turn_curves(1)

    def action_previous_curves(self) -> None:
        """Show the group before."""
        self._turn_curves(-1)

    def action_zoom_in(self) -> None:
        """Look closer."""
        self.charts.zoom(CLOSER)

    def action_zoom_out(self) -> None:
        """Look from further away."""
        self.charts.zoom(1 / CLOSER)

    def action_pan_back(self) -> None:
        """Go to earlier steps."""
        self.charts.pan(-PART)

    def action_pan_on(self) -> None:
        """Go to later steps."""
        self.charts.pan(PART)

    def action_whole_curves(self) -> None:
        """Show everything."""
        self.charts.show_all()

    def action_cursor_back(self) -> None:
        """Read earlier."""
        self.charts.move_cursor(-1)

    def action_cursor_on(self) -> None:
        """Read later."""
        self.charts.move_cursor(1)

    def action_turn_axis(self) -> None:
        """Change what stands along the bottom."""
        self.charts.turn_axis()

    def _turn_curves(self, by: int) -> None:
        self.charts.turn(by)
        self.show_curves()
