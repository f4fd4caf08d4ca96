"""Which was which in a blind round: stars, preference, and whether FAD and KID agree."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from ravetui.app.messages import Failed
from ravetui.app.panes.columns import cell, cut
from ravetui.errors import RavetuiError
from ravetui.metrics.blind.result import BlindResult, VersionResult, blind_result
from ravetui.metrics.blind.words import HEADERS, agreement_words, few_words, row_words, sentences
from ravetui.runs.blind.store import list_rounds, read_round
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import moment
from ravetui.runs.scores import list_scores

HELP = (
    "stars is the mean over clips; preferred is the share of wins against every other version on the same clip, ties "
    "half; both with 95 % intervals of what other clips of this kind would give. Below the best checkpoint: how many "
    "stars less, and how often chance alone makes such a difference; below 0.05 it is worse, else nothing can be told "
    "from so few clips. The original was hidden to check the listener: who does not prefer it rates something else. "
    "Kendall's tau-b is 1 where FAD or KID put the checkpoints in the order of the stars, −1 where they reverse it. "
    "← → go to earlier and later rounds."
)
_STYLES = {"original": "$phase-1", "best": "$run-live", "worse": "$run-failed", "cannot tell": "", "only": ""}


class BlindTable(Screen[None]):
    """The table of one round; other rounds are one key away.

    Args:
        run: The run.
        number: Of the round.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "go(-1)", show=False),
        Binding("right", "go(1)", show=False),
        Binding("question_mark", "help", show=False),
        Binding("escape,b,q,enter", "leave", show=False),
    ]
    DEFAULT_CSS = """
    BlindTable {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; background: $bar; }
        & > VerticalScroll { padding: 0 1; scrollbar-size-vertical: 1; }
        VerticalScroll > Static { height: auto; margin: 1 0 0 0; }
        #table-rows { text-wrap: nowrap; }
        #table-keys { color: $quiet; }
    }
    """

    @dataclass
    class Judged(Message):
        """A round was judged."""

        result: BlindResult
        rounds: tuple[int, ...]
        """Numbers of all that have ended."""

    def __init__(self, run: RunFolder, number: int) -> None:
        super().__init__()
        self._run = run
        self._number = number
        self._rounds: tuple[int, ...] = ()
        self._result: BlindResult | None = None

    def compose(self) -> ComposeResult:
        """Head, what has to be known first, the table, FAD and KID, keys."""
        yield Static(id="table-head", markup=False)
        with VerticalScroll():
            yield Static("judging the round …", id="table-first", markup=False)
            yield Static(id="table-rows", markup=False)
            yield Static(id="table-agreement", markup=False)
        yield Static("← → other rounds  ? help  esc back", id="table-keys", markup=False)

    def on_mount(self) -> None:
        """Judge it."""
        self._judge(self._number)

    def on_resize(self) -> None:
        """Lay the table out anew."""
        self._show()

    @work(thread=True, exclusive=True, group="blind", description="judging the round", exit_on_error=False)
    def _judge(self, number: int) -> None:
        try:
            result = blind_result(self._run.name, read_round(self._run, number), list_scores(self._run))
        except RavetuiError as error:
            self.app.post_message(Failed(error))
            return
        ended = tuple(item.number for item in list_rounds(self._run) if item.ended is not None)
        self.post_message(self.Judged(result, ended))

    @on(Judged)
    def _judged(self, message: Judged) -> None:
        self._result, self._rounds = message.result, message.rounds
        self._number = message.result.number
        self._show()

    def action_go(self, by: int) -> None:
        """To the round before or after."""
        if self._number in self._rounds:
            place = self._rounds.index(self._number) + by
            if 0 <= place < len(self._rounds):
                self._judge(self._rounds[place])

    def action_help(self) -> None:
        """Explain this screen."""
        from ravetui.app.screens.help import Help

        self.app.push_screen(Help("blind table", HELP))

    def action_leave(self) -> None:
        """Back to the main screen."""
        self.dismiss()

    def _show(self) -> None:
        result = self._result
        if result is None or not self.is_mounted:
            return
        place = f" · round {result.number} of {max(self._rounds, default=result.number)}"
        ended = "" if result.ended is None else f" · ended {moment(result.ended)}"
        self.query_one("#table-head", Static).update(
            Content.assemble(("blind rounds", "$number bold"), f" · {self._run.name}{place}", (ended, "$quiet"))
        )
        self.query_one("#table-first", Static).update(_first(result))
        rows = self.query_one("#table-rows", Static)
        rows.display = bool(result.versions)
        rows.update(table(result, self.size.width - 3))
        told = [*few_words(result), *agreement_words(result)]
        self.query_one("#table-agreement", Static).update(Content("\n".join(told)))


def table(result: BlindResult, width: int) -> Content:
    """A line for each version, the best first.

    Args:
        result: Of the round.
        width: Cells there is room for.
    """
    rows = [row_words(item) for item in result.versions]
    widths = [max(map(cell_len, column)) for column in zip(HEADERS, *rows, strict=True)]
    head = Content("  ").join([cell(text, size, "$quiet") for text, size in zip(HEADERS, widths, strict=True)])
    lines = [_line(item, row, widths) for item, row in zip(result.versions, rows, strict=True)]
    return Content("\n").join([cut(line, width) for line in (head, *lines)])


def _line(item: VersionResult, row: tuple[str, ...], widths: list[int]) -> Content:
    style = _STYLES[item.verdict]
    styles = ("$number bold" if item.verdict in ("best", "original") else "", "", "", style)
    return Content("  ").join([cell(*parts) for parts in zip(row, widths, styles, strict=True)])


def _first(result: BlindResult) -> Content:
    """What has to be known first; a listener who did not know the original is told in the colour of advice."""
    original = result.original
    fine = original is not None and all(item.stars < original.stars for item in result.checkpoints)
    return Content.styled("\n".join(sentences(result)), "" if fine else "$advice")
