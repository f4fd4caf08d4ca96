"""Puts on disk what is said in a blind round: one thread, so that all is written in the order in which it was said."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from textual.message import Message

from ravetui.app.blind.offer import Offer
from ravetui.app.messages import Failed
from ravetui.errors import RavetuiError
from ravetui.runs.blind.ending import end_round
from ravetui.runs.blind.material import Material
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.blind.shuffle import Stimulus
from ravetui.runs.blind.store import answer_stimulus, begin_round
from ravetui.runs.folder import RunFolder


@dataclass
class Begun(Message):
    """A new round is there."""

    heard: BlindRound
    material: Material


@dataclass
class Kept(Message):
    """Something is on disk; this is the round as its file has it."""

    heard: BlindRound


@dataclass
class Unkept(Message):
    """An answer could not be written."""

    stimulus: Stimulus


class Keeper:
    """Writes for one screen.

    Args:
        run: The run.
        tell: Called, in any thread, with each message; the last ones may come when the screen has been left.
    """

    def __init__(self, run: RunFolder, tell: Callable[[Message], object]) -> None:
        self._run = run
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, "blind round")

    def begin(self, offer: Offer) -> None:
        """Begin a round; one that goes on ends as far as it is."""

        def doing() -> Message:
            if offer.unfinished is not None:
                end_round(self._run, offer.unfinished.number)
            heard = begin_round(self._run, offer.choice.steps, offer.material.clips, offer.choice.words)
            return Begun(heard, offer.material)

        self._do(doing)

    def answer(self, number: int, stimulus: Stimulus, stars: int) -> None:
        """Keep what was said of a stimulus."""
        self._do(lambda: Kept(answer_stimulus(self._run, number, stimulus, stars)), Unkept(stimulus))

    def end(self, number: int) -> None:
        """End a round."""
        self._do(lambda: Kept(end_round(self._run, number)))

    def close(self) -> None:
        """Take nothing more; what was taken is still written."""
        self._thread.shutdown(wait=False)

    def _do(self, deed: Callable[[], Message], otherwise: Message | None = None) -> None:
        def doing() -> None:
            try:
                told = deed()
            except RavetuiError as error:
                self._tell(Failed(error))
                if otherwise is not None:
                    self._tell(otherwise)
            else:
                self._tell(told)

        self._thread.submit(doing)
