"""What the keys do to the curves."""

from ravetui.app.panes.board import Board
from ravetui.app.panes.curves import CLOSER, PART


class CurveActions:
    """The action methods of a screen that are about its curves."""

    @property
    def board(self) -> Board:
        """The panes; the screen has them."""
        raise NotImplementedError

    def action_log_axis(self) -> None:
        """Change the axis."""
        self.board.curves.toggle_log()

    def action_smoothing(self) -> None:
        """Smooth more."""
        self.board.curves.smoother()

    def action_next_curves(self) -> None:
        """Show the next group."""
        self._turn_curves(1)

    def action_previous_curves(self) -> None:
        """Show the group before."""
        self._turn_curves(-1)

    def action_zoom_in(self) -> None:
        """Look closer."""
        self.board.curves.zoom(CLOSER)

    def action_zoom_out(self) -> None:
        """Look from further away."""
        self.board.curves.zoom(1 / CLOSER)

    def action_pan_back(self) -> None:
        """Go to earlier steps."""
        self.board.curves.pan(-PART)

    def action_pan_on(self) -> None:
        """Go to later steps."""
        self.board.curves.pan(PART)

    def action_whole_curves(self) -> None:
        """Show everything."""
        self.board.curves.show_all()

    def action_cursor_back(self) -> None:
        """Read earlier."""
        self.board.curves.move_cursor(-1)

    def action_cursor_on(self) -> None:
        """Read later."""
        self.board.curves.move_cursor(1)

    def action_turn_axis(self) -> None:
        """Change what stands along the bottom."""
        self.board.curves.turn_axis()

    def _turn_curves(self, by: int) -> None:
        self.board.curves.turn(by)
        self.board.show_selected()
