"""A blind round: what is heard in it, in which order, and what was said of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.blind.shuffle import Stimulus, shuffled

LEFT_OUT = 0
"""In place of stars: it could not be judged, and its clip does not count."""


@dataclass(frozen=True)
class Answer:
    """What was said of one stimulus."""

    stars: int
    """1 to 5, or :data:`LEFT_OUT`."""
    created: float
    """Unix time, seconds."""


@dataclass(frozen=True)
class BlindRound:
    """One round of one run."""

    number: int
    """Counted from 1 in its run."""
    created: float
    """Unix time, seconds."""
    seed: int
    """Of the order."""
    steps: tuple[int, ...]
    """The checkpoints, earliest first."""
    clips: tuple[str, ...]
    chosen: str = ""
    """How the checkpoints were chosen, in words."""
    answers: Mapping[Stimulus, Answer] = field(default_factory=dict)
    """The last of each stimulus."""
    ended: float | None = None
    """Unix time, seconds; None: it goes on."""

    @cached_property
    def versions(self) -> tuple[int | None, ...]:
        """What is hidden: the checkpoints, and None, the original."""
        return (*self.steps, None)

    @cached_property
    def order(self) -> tuple[Stimulus, ...]:
        """What is heard, in this order."""
        return shuffled(self.seed, self.clips, self.versions)

    @property
    def said(self) -> int:
        """How many stimuli were rated or left out."""
        return sum(one in self.answers for one in self.order)

    @property
    def next_place(self) -> int | None:
        """Where the first stimulus is of which nothing was said; None: there is none."""
        return next((place for place, one in enumerate(self.order) if one not in self.answers), None)

    @cached_property
    def whole_clips(self) -> tuple[str, ...]:
        """Clips that were rated in every version: only these compare the versions with one another."""
        return tuple(clip for clip in self.clips if all(self.stars(clip, step) for step in self.versions))

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """Stars of the whole clips, (clips, versions)."""
        rows = [[self.stars(clip, step) for step in self.versions] for clip in self.whole_clips]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.versions))

    def stars(self, clip: str, step: int | None) -> int:
        """What was said of a clip in one version; :data:`LEFT_OUT` also where nothing was said."""
        answer = self.answers.get(Stimulus(clip, step))
        return answer.stars if answer else LEFT_OUT

    def with_answer(self, stimulus: Stimulus, answer: Answer) -> "BlindRound":
        """The round after something was said."""
        return replace(self, answers={**self.answers, stimulus: answer})

    def without_answer(self, stimulus: Stimulus) -> "BlindRound":
        """The round as if nothing had been said of it."""
        return replace(self, answers={key: item for key, item in self.answers.items() if key != stimulus})
