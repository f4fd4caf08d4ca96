"""What the keys do to the curves of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ravetui.app.screens.curve_actions import CurveActions

if TYPE_CHECKING:
    from ravetui.app.panes.charts import RunChartsPane


class RunCurveActions(CurveActions):
    """The action methods of a screen with one run's curves."""

    @property
    def charts(self) -> RunChartsPane:
        """The pane with the curves; the screen has it."""
        raise NotImplementedError

    def action_one_phase(self) -> None:
        """Look at one phase alone."""
        self.charts.turn_phase()
        self.show_curves()
