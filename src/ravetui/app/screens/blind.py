"""A blind round: one key rates what sounds, keeps it and plays the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from ravetui.app.blind.keeper import Begun, Keeper, Kept, Unkept
from ravetui.app.blind.mask import Mask
from ravetui.app.blind.offer import NOTHING, Offer, read_offer
from ravetui.app.blind.sitting import Sitting
from ravetui.app.blind.words import HELP, all_rated_words, keys_words, offer_words, place_words, sound_words
from ravetui.app.messages import Failed, PageWanted, PlayWanted, SoundWanted
from ravetui.app.panes.columns import spread
from ravetui.app.panes.telling import tell
from ravetui.app.sound.report import About, PlaybackReport
from ravetui.errors import RavetuiError
from ravetui.runs.blind.choice import Candidate, Choice
from ravetui.runs.blind.material import Material
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.folder import RunFolder

if TYPE_CHECKING:
    from ravetui.app.screens.hearing_actions import HearingActions


class Blind(Screen[None]):
    """First what can be heard, then one stimulus after the other; nothing on it depends on which one that is.

    Args:
        main: Whose reports of the sound count.
        run: The run.
        candidates: What is known of its steps.
        marked: Steps that the person has marked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(stars), f"rate({stars})", show=False) for stars in range(6)),
        Binding("space", "again", show=False),
        Binding("left,backspace", "go(-1)", show=False),
        Binding("right", "go(1)", show=False),
        Binding("enter", "enter", show=False),
        Binding("n", "new", show=False),
        Binding("t", "table", show=False),
        Binding("u", "page", show=False),
        Binding("question_mark", "help", show=False),
        Binding("escape,b,q", "leave", show=False),
    ]
    DEFAULT_CSS = """
    Blind {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; background: $bar; }
        & > VerticalScroll { align: center middle; padding: 0 2; scrollbar-size-vertical: 1; }
        #blind-body, #blind-sound { width: 72; max-width: 100%; height: auto; }
        #blind-sound { margin: 1 0 0 0; }
        #blind-keys { color: $quiet; }
    }
    """

    @dataclass
    class Offered(Message):
        """The run's samples and rounds were read."""

        offer: Offer

    def __init__(
        self, main: "HearingActions", run: RunFolder, candidates: Mapping[int, Candidate], marked: tuple[int, ...]
    ) -> None:
        super().__init__()
        self._main, self._run = main, run
        self._candidates, self._marked = candidates, marked
        self._offer: Offer | None = None
        self._sitting: Sitting | None = None
        self._mask: Mask | None = None
        self._coming: tuple[Path, ...] = ()
        """What was said to come."""
        # A screen that has gone takes no message, and bad news is for the app.
        self._keeper = Keeper(run, lambda message: (self if self.is_attached else self.app).post_message(message))

    def compose(self) -> ComposeResult:
        """Head, what is to be judged, whether it sounds, keys."""
        yield Static(id="blind-head", markup=False)
        with VerticalScroll(can_focus=False):
            yield Static("looking at the samples …", id="blind-body", markup=False)
            yield Static(id="blind-sound", markup=False)
        yield Static(id="blind-keys", markup=False)

    def on_mount(self) -> None:
        """Find out where sound goes and what there is."""
        self._main.is_blind = True
        self._main.heard.subscribe(self, self._hear)
        self.post_message(SoundWanted())
        self._show()
        self._look()

    def on_unmount(self) -> None:
        """What was said is still written."""
        self._main.is_blind = False
        self._keeper.close()
        if self._mask is not None:
            self._mask.close()

    def on_resize(self) -> None:
        """Fit the lines anew."""
        self._show()

    @work(thread=True, group="blind", description="looking at the samples", exit_on_error=False)
    def _look(self) -> None:
        self.post_message(self.Offered(read_offer(self._run, self._candidates, self._marked)))

    @on(Offered)
    def _offered(self, message: Offered) -> None:
        self._offer = message.offer
        self._show()

    def action_enter(self) -> None:
        """Go on with a round or begin one; after the last stimulus, show the table."""
        offer, sitting = self._offer, self._sitting
        if sitting is not None:
            if sitting.place is None:
                self._end(sitting.heard.number)
        elif offer is not None and offer.unfinished is not None:
            self._hear_round(offer.unfinished, offer.its_material)
        else:
            self.action_new()

    def action_new(self) -> None:
        """Begin a round; one that goes on ends as far as it is."""
        if self._sitting is None and self._offer is not None and not self._offer.fault:
            self._keeper.begin(self._offer)

    @on(Begun)
    def _begun(self, message: Begun) -> None:
        if self._sitting is None:
            self._hear_round(message.heard, message.material)

    def _hear_round(self, heard: BlindRound, material: Material) -> None:
        self._sitting, self._mask = Sitting(heard), Mask(heard.order, material.files)
        self._play()

    def action_rate(self, stars: int) -> None:
        """Keep it and play the next; 0 leaves it out."""
        sitting = self._sitting
        if sitting is None or sitting.place is None:
            return
        stimulus = sitting.answer(stars)
        if stimulus is None:
            self.notify("It has not sounded yet, so it cannot be rated: space plays it.", severity="warning")
            return
        self._keeper.answer(sitting.heard.number, stimulus, stars)
        self._play()

    def action_again(self) -> None:
        """Play it from its beginning."""
        if self._sitting is not None:
            self._play()

    def action_go(self, by: int) -> None:
        """To the stimulus before or after, as far as something was said."""
        if self._sitting is not None and self._sitting.move(by):
            self._play()

    def action_table(self) -> None:
        """End the round, or look at the one that ended last."""
        from ravetui.app.screens.confirm import Confirm

        offer = self._offer or Offer(Choice((), ""), NOTHING)
        heard = self._sitting.heard if self._sitting else offer.unfinished
        if heard is None:
            if offer.last_ended is not None:
                self._show_table(offer.last_ended)
            return
        number, whole = heard.number, len(heard.whole_clips)
        if heard.next_place is None:
            self._end(number)
            return
        question = f"End the round after {heard.said} of {len(heard.order)}?"
        sentence = f"{whole} of {len(heard.clips)} clips were rated in every version, and only these make the table."
        self.app.push_screen(Confirm(question, sentence), lambda yes: self._end(number) if yes else None)

    def action_page(self) -> None:
        """Let it be heard in the laptop's browser."""
        self.post_message(PageWanted())

    def action_help(self) -> None:
        """Explain this screen."""
        from ravetui.app.screens.help import Help

        self.app.push_screen(Help("blind round", HELP))

    def action_leave(self) -> None:
        """Back to the main screen; the round can be gone on with."""
        self.post_message(PlayWanted(None))
        self.dismiss()

    def _end(self, number: int) -> None:
        self.post_message(PlayWanted(None))
        self._keeper.end(number)

    def _show_table(self, number: int) -> None:
        from ravetui.app.screens.blind_table import BlindTable

        self.app.switch_screen(BlindTable(self._run, number))

    @on(Kept)
    def _kept(self, message: Kept) -> None:
        if message.heard.ended is not None:
            self._show_table(message.heard.number)
        elif self._sitting is not None:
            self._sitting.take_in(message.heard)
            self._show()

    @on(Unkept)
    def _unkept(self, message: Unkept) -> None:
        if self._sitting is not None:
            self._sitting.take_back(message.stimulus)
            self._play()

    def _play(self) -> None:
        """Play what is judged now; what is told of it is its place alone."""
        self._show()
        sitting, mask = self._sitting, self._mask
        if sitting is None or mask is None or sitting.place is None:
            self.post_message(PlayWanted(None))
            return
        place = sitting.place
        about = About(f"blind {place + 1} of {len(sitting.heard.order)}")
        try:
            path, among, after = mask.path(place), mask.beside(place), mask.after(place)
            coming = mask.coming(place)
        except RavetuiError as error:
            self.post_message(PlayWanted(None))
            self.post_message(Failed(error))
        else:
            # Said once a clip, or several threads would measure the same.
            told, self._coming = self._coming == coming, coming
            coming = () if told else coming
            self.post_message(PlayWanted(path, about=about, next=after, matched=True, among=among, coming=coming))

    def _hear(self, report: PlaybackReport) -> None:
        if self._is_judged(report) and report.state == "playing" and self._sitting is not None:
            self._sitting.sounds()
        self._show()

    def _is_judged(self, report: PlaybackReport) -> bool:
        """Whether a report is about what is judged now."""
        sitting, mask = self._sitting, self._mask
        if sitting is None or mask is None or sitting.place is None or report.path is None:
            return False
        return mask.place_of(report.path) == sitting.place

    def _show(self) -> None:
        if not self.is_mounted:
            return
        sitting, report = self._sitting, self._main.sound
        if sitting is None:
            body = offer_words(self._run.name, self._offer) if self._offer else Content("looking at the samples …")
        elif sitting.place is None:
            body = all_rated_words(sitting.heard)
        else:
            body = place_words(sitting.heard, sitting.place)
        number = f"blind round {sitting.heard.number}" if sitting else "blind round"
        head = Content.assemble((number, "$number bold"), f" · {self._run.name}")
        route = report.route if report is not None else None
        style = "$sound" if route is not None and route.audible else "$run-waiting"
        where = Content.styled(f"♪ {route.short or route.label}", style) if route else Content("")
        self._fill("#blind-head", spread(head, where, self.size.width - 2))
        self._fill("#blind-body", body)
        self._fill("#blind-sound", self._sound_words(report))
        done = sitting is not None and sitting.place is None
        self._fill("#blind-keys", keys_words(self.size.width - 2, hearing=sitting is not None, done=done))

    def _sound_words(self, report: PlaybackReport | None) -> Content:
        sitting = self._sitting
        if sitting is None or sitting.place is None or report is None:
            return Content("")
        state = "heard" if sitting.has_sounded else "coming"
        if self._is_judged(report):
            state = "playing" if report.sounds else "failed" if report.state == "failed" else state
        return sound_words(state=state, position=report.position_s, seconds=report.duration_s, where=report.route.label)

    def _fill(self, selector: str, text: Content) -> None:
        tell(self.query_one(selector, Static), text)
