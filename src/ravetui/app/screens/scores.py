"""Everything that was scored of one checkpoint, and whether it is better than another."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries
from ravetui.app.messages import PlayWanted, SoundWanted
from ravetui.app.panes.board import Board
from ravetui.app.panes.drivers import DriversPane
from ravetui.app.panes.metrics import MetricsPane
from ravetui.app.panes.rows import Rows
from ravetui.app.score_page import Kind, Question, ScorePage, read_page
from ravetui.app.verdict import advice
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.catalogue import METRICS
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.workspace import Workspace

_KEYS = ("← → checkpoint", "tab clips", "space play", "o original", "r embedder, reference")
_ALWAYS = ("? help", "esc back")
HELP = (
    "Everything that was scored of one checkpoint. Warnings come first: what they name has to be mended before a "
    "number means anything. real audio is what one half of the reference gets against the other: inside it nothing "
    "more can be told by this metric. The verdict compares with the checkpoint before, or with the one other that * "
    "has marked, on the same clips, in pairs; ~ says how many clips would settle it. Rows with = compare "
    "each reconstruction with its own original, the others sets with sets. ← → go to earlier and later checkpoints, r "
    "to another embedder or reference. tab goes to the clips that drive KID: makes is a clip that it makes too much of "
    "(plus) or well (minus), lacks one of the reference whose like it does not make. space plays from the window that "
    "counts most, o its original."
)


class ScoresView(Screen[None]):
    """Follows the board: a new score is shown as soon as it is there.

    Args:
        workspace: Whose cache and settings count.
        board: Whose selected checkpoint it begins with.
        run: The run.
    """

    CSS_PATH = "charts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "go(-1)", show=False),
        Binding("right", "go(1)", show=False),
        Binding("tab,shift+tab", "turn", show=False),
        Binding("space", "play", show=False),
        Binding("o", "original", show=False),
        Binding("r", "kind", show=False),
        Binding("question_mark", "help", show=False),
        Binding("escape,y,q", "leave", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    DEFAULT_CSS = """
    ScoresView {
        background: $background;
        #scores-head, #scores-keys { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #scores-head { background: $bar; }
        #scores-keys { color: $quiet; background: $bar; }
        #scores-warnings { height: auto; max-height: 4; padding: 0 1; color: $advice; }
        #scores-advice { height: auto; max-height: 4; padding: 0 1; }
        #scores-body { height: 1fr; layout: vertical; }
        #metrics { height: 1fr; }
        #scores-side { height: 8; }
        #scores-history { height: 1fr; padding: 0 1; }
        #scores-word { height: auto; max-height: 2; padding: 0 1; color: $quiet; }
        #drivers { display: none; height: 1fr; }
        &.-drivers #drivers { display: block; }
        &.-drivers #scores-history, &.-drivers #scores-word { display: none; }
        &.-wide #scores-body { layout: horizontal; }
        &.-wide #metrics { width: 84; }
        &.-wide #scores-side { width: 1fr; height: 1fr; }
        &.-wide #drivers { display: block; }
        &.-wide #scores-history, &.-wide #scores-word { display: block; }
    }
    """

    @dataclass
    class Read(Message):
        """The scores were read."""

        question: Question
        page: ScorePage

    def __init__(self, workspace: Workspace, board: Board, run: RunFolder) -> None:
        super().__init__()
        self._board, self._run = board, run
        room = workspace.config.score.cache_mb * 1_000_000
        self._cache = EmbeddingCache(room) if room > 0 else None
        step = board.situation.step
        self._question = Question(step.step if step else 0, board.marks)
        self._page = ScorePage()
        self._seen: object = None

    def compose(self) -> ComposeResult:
        """Head, warnings, advice, then the table beside history and clips, keys."""
        yield Static(id="scores-head", markup=False)
        yield Static(id="scores-warnings", markup=False)
        yield Static(id="scores-advice", markup=False)
        with Horizontal(id="scores-body"):
            yield MetricsPane(id="metrics")
            with Vertical(id="scores-side"):
                yield Static(id="scores-word", markup=False)
                yield Chart(id="scores-history")
                yield DriversPane(id="drivers")
        yield Static(id="scores-keys", markup=False)

    def on_mount(self) -> None:
        """Follow what the board reads."""
        self.query_one("#metric-rows").focus()
        self._board.shown.subscribe(self, self._look)
        self._board.heard.subscribe(self, self.query_one(DriversPane).show_sound)
        self._look(self._board)

    def _look(self, board: Board) -> None:
        """Read again when a score was added."""
        detail = board.detail
        if detail is None or detail.run != self._run.name:
            return
        seen = tuple((row.step, row.score.path) for row in detail.steps if row.score is not None)
        if seen != self._seen:
            self._seen = seen
            self._read(self._question)

    @work(thread=True, exclusive=True, group="scores", description="reading the scores", exit_on_error=False)
    def _read(self, question: Question) -> None:
        self.post_message(self.Read(question, read_page(self._run, question, self._cache)))

    @on(Read)
    def _show(self, message: Read) -> None:
        if message.question == self._question:
            self._page = message.page
            self._fill()

    def _fill(self) -> None:
        """Show the page that was read last."""
        page = self._page
        self.query_one("#scores-head", Static).update(_head(self._run.name, page))
        warnings = self.query_one("#scores-warnings", Static)
        warnings.update("\n".join(f"! {sentence}" for sentence in page.warnings))
        warnings.display = bool(page.warnings)
        self.query_one("#scores-advice", Static).update(Content(advice(page)))
        self.query_one(MetricsPane).show(page)
        self.query_one(DriversPane).show(page)
        self._show_metric()

    def _show_metric(self) -> None:
        """The metric under the cursor: what it says, and how it went."""
        name = self.query_one(MetricsPane).selected
        record = self._page.record
        if name is None or record is None:
            return
        info, found = METRICS[name], record.metrics[name]
        self.query_one("#scores-word", Static).update(Content(found.get("reason") or info.sentence))
        series = self._page.history.get(name)
        shown = []
        if series is not None:
            x = series.step.astype(np.float64)
            shown.append(
                ChartSeries("score", x, series.value, "loss-train", markers=True, low=series.low, high=series.high)
            )
            if found.get("real"):
                ends = np.array([x[0], x[-1]])
                shown.append(ChartSeries("real audio, at most", ends, np.full(2, found["real"][1]), "run-8"))
        self.query_one(Chart).show(shown, title=info.label, empty="it has no number")

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._show_metric()

    @on(DescendantFocus)
    def _focused(self) -> None:
        inside = self.query_one(DriversPane).has_focus_within
        self.set_class(inside, "-drivers")
        if inside:
            self.post_message(SoundWanted())

    def on_resize(self) -> None:
        """Lay the tables out anew, and name as many keys as there is room for."""
        told = list(_KEYS)
        while told and len("  ".join([*told, *_ALWAYS])) > self.size.width - 2:
            told.pop()
        self.query_one("#scores-keys", Static).update("  ".join([*told, *_ALWAYS]))
        self.call_after_refresh(self._fill)

    def action_go(self, by: int) -> None:
        """Go to the scored checkpoint before or after."""
        page = self._page
        if page.record is None:
            return
        place = page.scored.index(page.record.checkpoint) + by
        if 0 <= place < len(page.scored):
            self._ask(Question(page.scored[place], self._question.marked, page.kind))

    def action_kind(self) -> None:
        """Go to scores of another embedder or reference."""
        kinds = self._page.kinds
        if len(kinds) < 2:
            self.notify("All scores are of one embedder and one reference.", markup=False)
            return
        kind: Kind = kinds[(kinds.index(self._page.kind) + 1) % len(kinds)]
        self._ask(Question(self._question.step, self._question.marked, kind))

    def action_turn(self) -> None:
        """Between the metrics and the clips."""
        drivers = self.query_one(DriversPane)
        if drivers.has_focus_within:
            self.query_one("#metric-rows").focus()
        else:
            self.add_class("-drivers")
            drivers.target.focus()

    def action_play(self) -> None:
        """Hear the clip under the cursor, from the window that counts most; or stop it."""
        drivers = self.query_one(DriversPane)
        driver = drivers.selected
        if driver is None:
            self.notify("This score kept no clips to be heard: score the checkpoint again.", markup=False)
        elif drivers.plays(driver):
            self.post_message(PlayWanted(None))
        else:
            self.post_message(PlayWanted(drivers.file(driver), driver.start + driver.at))

    def action_original(self) -> None:
        """Hear originals instead of reconstructions, or back."""
        drivers = self.query_one(DriversPane)
        driver = drivers.selected
        playing = driver is not None and drivers.plays(driver)
        drivers.original = not drivers.original
        drivers.repaint()
        if playing and driver is not None:
            self.post_message(PlayWanted(drivers.file(driver), driver.start + driver.at))

    def action_help(self) -> None:
        """Explain this screen."""
        from ravetui.app.screens.help import Help

        self.app.push_screen(Help("scores", HELP))

    def action_leave(self) -> None:
        """Back to the main screen."""
        self.dismiss()

    def _ask(self, question: Question) -> None:
        self._question = question
        self._read(question)


def _head(run: str, page: ScorePage) -> Content:
    record = page.record
    if record is None:
        return Content.assemble((run, "$number bold"), (" · nothing is scored yet", "$quiet"))
    clips = record.document.get("n_files")
    size = f"{record.n} windows of {clips} clips" if clips else f"{record.n} windows"
    told = f" · p{record.phase} · {size} · {record.embedder_label} · against {record.reference}"
    place = f" · {page.scored.index(record.checkpoint) + 1} of {len(page.scored)}" if len(page.scored) > 1 else ""
    return Content.assemble(
        (run, "$number bold"), (f" · step {steps(record.checkpoint)}{place}", "$number"), (told, "$quiet")
    )
