"""Where a listener is in a blind round."""

from collections.abc import Callable
from dataclasses import replace
from time import time

from ravetui.runs.blind.round import Answer, BlindRound
from ravetui.runs.blind.shuffle import Stimulus


class Sitting:
    """A round that is being heard on one screen.

    Args:
        heard: The round as it was.
        clock: Unix time, seconds.
    """

    def __init__(self, heard: BlindRound, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self.heard = heard
        """The round, with what was said on this screen."""
        self.place = heard.next_place
        """What is judged now, counted from 0; None: something was said of everything."""
        self._sounded: set[int] = set()

    @property
    def has_sounded(self) -> bool:
        """Whether what is judged was heard in this sitting."""
        return self.place in self._sounded

    def sounds(self) -> None:
        """What is judged sounds now."""
        if self.place is not None:
            self._sounded.add(self.place)

    def answer(self, stars: int) -> Stimulus | None:
        """Say something of what is judged, and go to the first of which nothing was said.

        Returns:
            What it was said of; None: it has not sounded yet, so it can only be left out.
        """
        assert self.place is not None
        stimulus = self.heard.order[self.place]
        if stars and not self.has_sounded and stimulus not in self.heard.answers:
            return None
        self.heard = self.heard.with_answer(stimulus, Answer(stars, self._clock()))
        self.place = self.heard.next_place
        return stimulus

    def move(self, by: int) -> bool:
        """Go back or on, as far as something was said; whether that leads anywhere."""
        count, first = len(self.heard.order), self.heard.next_place
        goal = (count if self.place is None else self.place) + by
        if not 0 <= goal <= (count if first is None else first):
            return False
        self.place = None if goal == count else goal
        return True

    def take_in(self, found: BlindRound) -> None:
        """Another screen may have said something of the same round; what was said here counts."""
        self.heard = replace(self.heard, answers={**found.answers, **self.heard.answers})

    def take_back(self, stimulus: Stimulus) -> None:
        """It could not be kept: go there again."""
        self.heard = self.heard.without_answer(stimulus)
        self.place = self.heard.next_place
