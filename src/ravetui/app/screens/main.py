"""The screen one works in, and what its keys do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Key

from ravetui.app import deeds
from ravetui.app.actions import action_of_key, bindings
from ravetui.app.applicable import why_not
from ravetui.app.messages import Failed, Wanted
from ravetui.app.panes.board import Board
from ravetui.app.panes.runs import RunsPane
from ravetui.app.screens.hearing_actions import HearingActions
from ravetui.app.screens.run_curve_actions import RunCurveActions
from ravetui.app.snapshot import Detail, RunRow
from ravetui.errors import RavetuiError
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.run_state import RunState
from ravetui.runs.workspace import Workspace

if TYPE_CHECKING:
    from ravetui.app.panes.charts import RunChartsPane


class MainScreen(RunCurveActions, HearingActions):
    """The board and the action methods; each is called only when :func:`why_not` has nothing against it.

    Args:
        workspace: Whose runs these are.
        clock: Unix time, seconds.
    """

    CSS_PATH = ["main.tcss", "charts.tcss"]
    AUTO_FOCUS = "#run-rows"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (120, "-wide"), (170, "-very-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-normal"), (44, "-tall")]

    def __init__(self, workspace: Workspace, clock: Callable[[], float]) -> None:
        super().__init__()
        self._workspace = workspace
        self._clock = clock
        self._compared: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The board fills the screen."""
        yield Board(self._workspace, self._clock)

    @property
    def is_current(self) -> bool:
        """Whether it can be seen: not under an opaque screen, which each change would paint anew."""
        return super().is_current and (self.app.screen is self or self.app.screen.styles.background.a < 1)

    @property
    def board(self) -> Board:
        """The panes."""
        return self.query_one(Board)

    @property
    def charts(self) -> RunChartsPane:
        """The curves of the selected run."""
        return self.board.curves

    @property
    def run_folder(self) -> RunFolder:
        """Of the selected run."""
        return self._folder

    def show_curves(self) -> None:
        """They are drawn as soon as they have been read."""
        self.board.show_selected()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action that cannot be done is off; its key then says why."""
        return None if self.is_mounted and why_not(action, self.board.situation) else True

    @on(Key)
    def _say_why_not(self, event: Key) -> None:
        """A key whose action is off arrives here."""
        action = action_of_key(event.key)
        if action and (reason := why_not(action.name, self.board.situation)):
            self.notify(reason, severity="warning", markup=False)

    async def action_run_named(self, name: str) -> None:
        """Do what the footer names, by a click."""
        await self.run_action(f"app.{name}" if name in ("command_palette", "quit") else name)

    def action_new(self) -> None:
        """Ask for everything a run needs, then make and start it."""
        from ravetui.app.screens.new_run import NewRun

        self.app.push_screen(NewRun(self._workspace, self.board.situation.datasets), self._want)

    def action_fork(self) -> None:
        """Ask what is to be different, then make and start a run from the selected checkpoint."""
        from ravetui.app.screens.fork import Fork

        step = self.board.situation.step
        assert step is not None
        self.app.push_screen(Fork(self._workspace, self._folder, step.step, step.phase), self._want)

    def action_start(self) -> None:
        """Start or resume, or wait for a slot; start now what waits."""
        start, run = partial(deeds.start, self._workspace, self._folder), self._row
        if run.is_queued:
            self._ask(f"Start {run.name} now?", "It does not wait for a slot: it trains beside the others.", start)
        else:
            self._do(start)

    def action_earlier(self) -> None:
        """One place up in the queue."""
        self._do(partial(deeds.move, self._folder, -1))

    def action_later(self) -> None:
        """One place down in the queue."""
        self._do(partial(deeds.move, self._folder, 1))

    def action_delete(self) -> None:
        """Move to the trash."""
        run = self._folder
        sentence = "It goes to the trash; z brings it back."
        self._ask(f"Delete {run.name}?", sentence, partial(deeds.delete, self._workspace, run))

    def action_restore(self) -> None:
        """Take the newest out of the trash."""
        self._do(partial(deeds.restore, self._workspace, self.board.situation.trash))

    def action_stop(self) -> None:
        """Save and exit; a second time: now."""
        row, run = self._row, self._folder
        assert row.summary is not None
        saved = (self.board.detail or Detail()).saved
        if row.is_queued:
            self._do(partial(deeds.stop, run, now=False))
        elif row.summary.status.state is RunState.STOPPING:
            since = (
                f"What it learned since step {steps(saved)} is lost." if saved is not None else "Everything is lost."
            )
            self._ask(f"{run.name} is saving. Stop it now?", since, partial(deeds.stop, run, now=True))
        elif row.summary.status.waits_in_slurm:
            sentence = "It has not begun; s submits it again, behind all others."
            self._ask(f"Take {run.name} out of SLURM's queue?", sentence, partial(deeds.stop, run, now=False))
        else:
            sentence = "It saves a checkpoint and exits; s resumes it exactly there."
            self._ask(f"Stop {run.name}?", sentence, partial(deeds.stop, run, now=False))

    def action_phase(self) -> None:
        """Begin phase 2, or take back that it was asked for."""
        row, run = self._row, self._folder
        assert row.summary is not None
        at = steps(row.summary.progress.step)
        if "phase" in row.requests:
            sentence = "It was asked to go adversarial and has not done so yet."
            self._ask(f"Let {run.name} stay in phase 1?", sentence, partial(deeds.stay_in_reconstruction, run))
        else:
            sentence = "The encoder is frozen and the discriminator begins. There is no way back in this run."
            self._ask(f"Go adversarial from step {at} on?", sentence, partial(deeds.go_adversarial, run))

    def action_score(self) -> None:
        """Score the marked checkpoints, or the selected one; cancel what is at work already."""
        rows, run = self.board.situation.scored, self._folder
        busy = [(row.step, row.job.detail) for row in rows if row.job is not None and row.job.status.state.is_live]
        at_work = {step for step, _ in busy}
        idle = [row.step for row in reversed(rows) if row.checkpoint is not None and row.step not in at_work]
        if idle:
            self._do(partial(deeds.score, self._workspace, run, idle))
        elif busy:
            what = f"the scoring of step {steps(busy[0][0])}" if len(busy) == 1 else f"{len(busy)} scorings"
            self._ask(f"Cancel {what}?", "What was embedded is kept.", partial(deeds.cancel_scores, run, busy))

    def action_mark(self) -> None:
        """Mark the selected checkpoint, or no longer."""
        self.board.toggle_mark()

    def action_scores(self) -> None:
        """Show everything that was scored of the selected checkpoint."""
        from ravetui.app.screens.scores import ScoresView

        self.app.push_screen(ScoresView(self._workspace, self.board, self._folder))

    def action_pin(self) -> None:
        """Keep the selected checkpoint for good, or no longer."""
        step = self.board.situation.step
        assert step is not None and step.checkpoint is not None
        self._do(partial(deeds.unpin if step.checkpoint.pinned else deeds.pin, self._folder, step.step))

    def action_compare(self) -> None:
        """Lay runs over one another: those that were chosen last, and the selected one."""
        from ravetui.app.screens.compare import Compare

        def left(chosen: tuple[str, ...] | None) -> None:
            self._compared = chosen or ()

        names = self.board.readable_runs
        chosen = dict.fromkeys([*self._compared, self._row.name])
        # Runs that were chosen before stay in the list when the filter hides them.
        offered = dict.fromkeys([*names, *(name for name in self._compared if self.board.is_readable(name))])
        self.app.push_screen(Compare(self._workspace, tuple(offered), tuple(chosen)), left)

    def action_filter(self) -> None:
        """Look for runs."""
        self.board.query_one(RunsPane).edit_filter()

    def action_all_curves(self) -> None:
        """Show every curve of the run as a small chart."""
        from ravetui.app.screens.all_curves import ONE_PAINT, AllCurves

        self.app.delay_update(ONE_PAINT)
        self.app.push_screen(AllCurves(self._workspace, self.board))

    def action_note(self) -> None:
        """Edit ``notes.md``."""
        from ravetui.app.screens.note import Note

        run = self._folder
        try:
            before = deeds.read_note(run)
        except RavetuiError as error:
            self.post_message(Failed(error))
            return

        def written(text: str | None) -> None:
            if text is not None:
                self._do(partial(deeds.write_note, run, text, before))

        self.app.push_screen(Note(run.name, before), written)

    def action_next_pane(self) -> None:
        """Go on."""
        self.board.go_to(1)

    def action_previous_pane(self) -> None:
        """Go back."""
        self.board.go_to(-1)

    def action_help(self) -> None:
        """Explain the pane that has the focus, and every key."""
        from ravetui.app.screens.help import Help

        name = self.board.focused_pane
        self.app.push_screen(Help(name, self.board.pane(name).HELP))

    @property
    def _row(self) -> RunRow:
        row = self.board.selected
        assert row is not None
        return row

    @property
    def _folder(self) -> RunFolder:
        return self._row.foreign or RunFolder(self._workspace.runs / self._row.name)

    def _ask(self, question: str, sentence: str, work: Callable[[], str]) -> None:
        from ravetui.app.screens.confirm import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self._do(work)

        self.app.push_screen(Confirm(question, sentence), answered)

    def _want(self, wanted: Wanted | None) -> None:
        """What a form closed with."""
        if wanted is not None:
            self.post_message(wanted)

    def _do(self, work: Callable[[], str]) -> None:
        self.post_message(Wanted(work))
