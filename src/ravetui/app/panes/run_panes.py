"""The panes that show one run, put up after the list of runs is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from ravetui.app.snapshot import Detail
from ravetui.config import AppSettings, Config

if TYPE_CHECKING:
    from ravetui.app.panes.checkpoints import CheckpointsPane
    from ravetui.app.panes.curves import CurvesPane
    from ravetui.app.panes.header import HeaderPane
    from ravetui.app.panes.log import LogPane
    from ravetui.app.panes.samples import SamplesPane
    from ravetui.app.panes.tabs import PaneTabs

Makes = Callable[[Sequence[str], AppSettings], Iterator[Widget]]


class RunPanes(Vertical):
    """What stands at the right of the runs; empty until :meth:`fill`.

    Args:
        names: Of the panes, as the tabs have them.
        config: Of the workspace.
        clock: Unix time, seconds.
    """

    def __init__(self, names: Sequence[str], config: Config, clock: Callable[[], float]) -> None:
        super().__init__(id="right")
        self._names = tuple(names)
        self._config = config
        self._clock = clock
        self._run: str | None = None
        self.is_filled = False
        """Whether the panes are there."""

    async def fill(self) -> None:
        """Put the panes up. What they are made with is imported only now, and off the screen's thread."""
        make = await asyncio.to_thread(_imported)
        if self.is_attached:
            await self.mount(*make(self._names, self._config.app))
            self.is_filled = True

    def bring(self, name: str) -> bool:
        """On a small screen one pane is seen at a time: this one; False if it was already."""
        if self.has_class(f"-show-{name}"):
            return False
        for other in self._names:
            self.set_class(other == name, f"-show-{other}")
        self.tabs.show(name)
        return True

    def show(self, detail: Detail, marks: frozenset[int]) -> None:
        """Fill the tables and the log.

        Args:
            marks: Steps that the person has marked.
        """
        anew, self._run = detail.run != self._run, detail.run
        self.checkpoints.show(detail, self._config.score.embedder, marks, anew=anew)
        self.samples.show(detail)
        self.log_pane.show(detail, self._clock(), anew=anew)

    @property
    def header(self) -> HeaderPane:
        """Where the run is."""
        return cast("HeaderPane", self.query_one("#header"))

    @property
    def tabs(self) -> PaneTabs:
        """On a small screen: which pane is seen."""
        return cast("PaneTabs", self.query_one("#tabs"))

    @property
    def curves(self) -> CurvesPane:
        """The curves."""
        return cast("CurvesPane", self.query_one("#curves"))

    @property
    def checkpoints(self) -> CheckpointsPane:
        """The checkpoints."""
        return cast("CheckpointsPane", self.query_one("#checkpoints"))

    @property
    def samples(self) -> SamplesPane:
        """The samples."""
        return cast("SamplesPane", self.query_one("#samples"))

    @property
    def log_pane(self) -> LogPane:
        """Events and log."""
        return cast("LogPane", self.query_one("#log-pane"))


def _imported() -> Makes:
    """What makes the panes."""
    from ravetui.app.panes.checkpoints import CheckpointsPane
    from ravetui.app.panes.curves import CurvesPane
    from ravetui.app.panes.header import HeaderPane
    from ravetui.app.panes.log import LogPane
    from ravetui.app.panes.samples import SamplesPane
    from ravetui.app.panes.tabs import PaneTabs

    def make(names: Sequence[str], settings: AppSettings) -> Iterator[Widget]:
        yield HeaderPane(id="header", markup=False)
        yield PaneTabs(names, id="tabs")
        yield CurvesPane(id="curves", smoothing=settings.smoothing, log_axis=settings.log_axis)
        yield Horizontal(CheckpointsPane(id="checkpoints"), SamplesPane(id="samples"), id="tables")
        yield LogPane(id="log-pane")

    return make
