"""All panes of the main screen together: what they show, and what is selected in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.signal import Signal

from ravetui.app.actions import ACTIONS
from ravetui.app.applicable import Situation, why_not
from ravetui.app.arrangement import Read
from ravetui.app.found_runs import found_runs
from ravetui.app.messages import Gazed, SoundWanted, Whole
from ravetui.app.panes.advice import AdviceLine
from ravetui.app.panes.footer import KeyBar
from ravetui.app.panes.pane import Pane
from ravetui.app.panes.rows import Rows
from ravetui.app.panes.run_panes import RunPanes
from ravetui.app.panes.runs import BARS_FROM, RunsPane
from ravetui.app.panes.status import StatusLine
from ravetui.app.snapshot import Detail, Gaze, RunRow, Snapshot, Went
from ravetui.app.sound.report import PlaybackReport
from ravetui.runs.workspace import Workspace

if TYPE_CHECKING:
    from ravetui.app.panes.checkpoints import CheckpointsPane
    from ravetui.app.panes.curves import CurvesPane
    from ravetui.app.panes.samples import SamplesPane

PANES = ("runs", "curves", "checkpoints", "samples", "log")
"""In the order in which tab walks them."""

EMPTY = "no runs yet: n makes one; first `ravetui data prepare NAME FOLDER`"
NONE_FITS = "no run fits the filter: esc shows all"


class Board(Vertical):
    """Shows snapshots. Cursors and focus move only by the person's hand.

    Args:
        workspace: Whose runs these are.
        clock: Unix time, seconds.
    """

    def __init__(self, workspace: Workspace, clock: Callable[[], float]) -> None:
        super().__init__(id="board")
        self._workspace = workspace
        self._clock = clock
        self._right = RunPanes(PANES[1:], workspace.config, clock)
        self._snapshot = Snapshot()
        self._looked = False
        self._select: str | None = None
        self._gaze: Gaze | None = None
        self._also: tuple[str, ...] = ()
        self.shown: Signal[Board] = Signal(self, "shown")
        """Published whenever the selected run has been shown anew."""
        self.heard: Signal[PlaybackReport] = Signal(self, "heard")
        """Published whenever what plays has changed."""
        self._marks: set[tuple[str, int]] = set()
        self.went: Went | None = None
        """Not shown yet; whoever goes along takes it away."""
        self._goal = PANES[0]  # the pane that the focus is on, or on its way to

    def compose(self) -> ComposeResult:
        """The list and what is around it; which panes are seen at which size is in ``screens/main.tcss``."""
        yield StatusLine(self._workspace.root, id="status")
        with Horizontal(id="body"):
            yield RunsPane(id="runs")
            yield self._right
        yield AdviceLine(id="advice")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Show the names of the runs at once; what shows one of them follows, and then the first look."""
        self._snapshot = Snapshot(runs=found_runs(self._workspace))
        self.query_one(RunsPane).show(self._snapshot)
        self.tick()

    def begin(self) -> None:
        """Put up what shows one run, and begin to look; not before the list has been painted."""
        self.call_later(self._make_whole)

    async def _make_whole(self) -> None:
        await self._right.fill()
        if not self.is_whole:
            return
        self._show_pane("curves")
        self.curves.clear("")
        self._seconds = self.set_interval(1.0, self.tick)
        self._look_where_it_is()
        self.post_message(Whole())

    @property
    def curves(self) -> CurvesPane:
        """The curves."""
        return self._right.curves

    @property
    def samples(self) -> SamplesPane:
        """The samples."""
        return self._right.samples

    @property
    def checkpoints(self) -> CheckpointsPane:
        """The checkpoints."""
        return self._right.checkpoints

    @property
    def is_whole(self) -> bool:
        """Whether all panes are there; not at first, and not any more while the screen is being taken down."""
        return self._right.is_filled and len(self.query(Pane)) == len(PANES) and bool(self.query(StatusLine))

    def pane(self, name: str) -> Pane:
        """A pane by its name in :data:`PANES`."""
        return cast(Pane, self.query_one("#log-pane" if name == "log" else f"#{name}"))

    @property
    def selected(self) -> RunRow | None:
        """The selected run."""
        return self._snapshot.run(self.query_one(RunsPane).selected)

    @property
    def readable_runs(self) -> tuple[str, ...]:
        """Names of the runs that are shown and not damaged, in the order of the list."""
        shown = self.query_one(RunsPane).shown
        return tuple(row.name for row in self._snapshot.runs if row.summary is not None and row.name in shown)

    def is_readable(self, name: str) -> bool:
        """Whether a run is there and not damaged."""
        row = self._snapshot.run(name)
        return row is not None and row.summary is not None

    @property
    def detail(self) -> Detail | None:
        """What was read of the selected run, once it has been."""
        row, detail = self.selected, self._snapshot.detail
        return detail if row is not None and detail is not None and detail.run == row.name else None

    @property
    def situation(self) -> Situation:
        """What is selected, for deciding what can be done."""
        if not self._right.is_filled:
            return Situation()
        detail, step = self.detail, self.checkpoints.selected
        return Situation(
            run=self.selected,
            step=next((row for row in detail.steps if row.step == step), None) if detail else None,
            marked=tuple(row for row in detail.steps if row.step in self.marks) if detail else (),
            is_scored=any(row.score is not None for row in detail.steps) if detail else False,
            sample=self.samples.selected if detail else None,
            datasets=self._snapshot.datasets,
            trash=self._snapshot.trash,
            hidden=len(self.query_one(RunsPane).shown) < len(self._snapshot.runs),
        )

    def show(self, snapshot: Snapshot) -> None:
        """Show what a look saw."""
        first, self._snapshot, self._looked = not self._looked, snapshot, True
        if not self.is_whole:
            return
        select = self._select if snapshot.run(self._select) else None
        self._select = None if select else self._select
        if first and self.went is None:  # the order is known only now
            select = select or next((row.name for row in snapshot.runs), None)
        self.curves.put_in_order(snapshot.charts.arrangement)
        self.query_one(RunsPane).show(snapshot, select=select, bars=self.size.height >= BARS_FROM)
        self.show_selected()

    def select(self, run: str) -> None:
        """Put the cursor on a run as soon as it is there."""
        self._select = run
        self.show(self._snapshot)

    @property
    def marks(self) -> frozenset[int]:
        """Steps of the selected run that the person has marked."""
        run = self.selected
        return frozenset(step for name, step in self._marks if run is not None and name == run.name)

    def toggle_mark(self) -> None:
        """Mark the selected checkpoint, or no longer."""
        run, step = self.selected, self.checkpoints.selected
        if run is not None and step is not None:
            self._marks ^= {(run.name, step)}
            self.show_selected()

    def show_sound(self, report: PlaybackReport) -> None:
        """Show what plays and where it is heard."""
        if not self.is_whole:
            return
        self.heard.publish(report)
        self.samples.show_sound(report)
        self.query_one(StatusLine).show_sound(report)
        self.tick()

    def tick(self) -> None:
        """Show the time, and when phases end as seen from now."""
        now, used = self._clock(), self.detail.resources if self.detail else None
        self.query_one(StatusLine).show(self._snapshot.live, now, used.machine if used else "")
        if self._right.is_filled:
            self._right.header.show(self.selected, self.detail, now)

    def show_selected(self) -> None:
        """Fill the panes at the right with the selected run."""
        row, detail = self.selected, self.detail
        self._seconds.reset()  # what a look paints is not painted once more between two looks
        self.tick()
        if row is None or row.summary is None:
            self._show_none()
        elif detail is not None:
            self._show_detail(detail)
            self.curves.show(detail.run, detail.curves, row.summary.progress)
        self._look_where_it_is()
        self.show_keys()
        self.shown.publish(self)

    @property
    def charts(self) -> Read:
        """Which charts the person wants to see."""
        return self._snapshot.charts

    def look_also(self, tags: tuple[str, ...]) -> None:
        """Have these series read beside those that the board shows itself."""
        self._also = tags
        self._look_where_it_is()

    def go_to(self, by: int) -> None:
        """Move the focus to the next pane, or to the one before."""
        name = PANES[(PANES.index(self._goal) + by) % len(PANES)]
        self._goal = name
        self._show_pane(name)
        self.pane(name).target.focus()

    @property
    def focused_pane(self) -> str:
        """Name of the pane that has the focus; ``runs`` if none has."""
        return next((name for name in PANES if self.pane(name).has_focus_within), "runs")

    def show_keys(self) -> None:
        """Name the keys that do something now."""
        here = self.situation
        able = [item for item in ACTIONS if item.footer and not why_not(item.name, here)]
        self.query_one(KeyBar).show(able, self.focused_pane)

    def on_resize(self) -> None:
        """Lay the texts out anew, once the panes have their new sizes."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        if self._looked:
            self.show(self._snapshot)

    def _show_detail(self, detail: Detail) -> None:
        self._right.show(detail, self.marks)
        self.query_one(AdviceLine).show(detail.advice)

    def _show_none(self) -> None:
        """No run, or one that cannot be read: nothing of an earlier one may stay."""
        self._show_detail(Detail())
        none_fits = bool(self._snapshot.runs) and self.selected is None
        self.curves.clear(NONE_FITS if none_fits else "" if self._snapshot.runs or not self._looked else EMPTY)

    def _look_where_it_is(self) -> None:
        """Tell the reader what is looked at, if that has changed."""
        step = self.checkpoints.selected if self.detail else None
        tags = tuple(dict.fromkeys([*self.curves.tags, *self._also]))
        gaze = Gaze(self.query_one(RunsPane).selected, tags, step, self.curves.smoothing)
        if gaze != self._gaze:
            self._gaze = gaze
            self.post_message(Gazed(gaze))

    def _show_pane(self, name: str) -> None:
        """On a small screen one of the panes at the right is seen at a time: this one."""
        if name != "runs" and self._right.bring(name):
            self.call_after_refresh(self._fit)

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        if not self.is_whole:
            return
        run, step = self.selected, self.checkpoints.selected
        if run is not None and event.rows in (self.checkpoints.rows, self.query_one(RunsPane).rows):
            self.went = Went(run.name, step if event.rows is self.checkpoints.rows else None)
        self.show_selected()

    @on(DescendantFocus)
    def _focused(self) -> None:
        if not self.is_whole:
            return
        self._goal = self.focused_pane
        self._show_pane(self._goal)
        if self._goal == "samples":
            self.post_message(SoundWanted())
        self.show_keys()
