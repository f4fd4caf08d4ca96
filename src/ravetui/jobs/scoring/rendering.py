"""What a checkpoint makes of clips: identified without being made, made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ravetui.jobs.scoring.facts import ClipFacts, facts_of
from ravetui.jobs.scoring.item import Item, mono
from ravetui.jobs.scoring.subject import Subject
from ravetui.metrics.sound import derived_sound

if TYPE_CHECKING:
    from ravetui.jobs.scoring.item import Audio


class Reconstructions:
    """The reconstructions of clips by one checkpoint.

    Args:
        subject: The checkpoint; it is read when its weights are first needed.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.facts: dict[str, ClipFacts] = {}
        """Of what was made so far, by key."""

    def items(self, originals: Sequence[Item]) -> list[Item]:
        """The reconstructions of clips at the checkpoint's rate, none of them made yet."""
        return [self._item(one) for one in originals]

    def render(self, original: Item) -> Audio:
        """What the checkpoint makes of a clip, (channels, frames).

        Raises:
            CheckpointError: It is damaged.
        """
        return self._subject.reconstruct(original.audio())

    def _item(self, original: Item) -> Item:
        def load() -> tuple[Audio, int]:
            made = mono(self.render(original))
            key = sound.key().hex()
            self.facts[key] = facts_of(made, original.rate, mono(original.audio()))
            return made, original.rate

        sound = derived_sound(("reconstruction", *self._subject.made_by, *original.parts), load, original.name)
        return Item(
            name=original.name,
            sound=sound,
            key=sound.key(),
            frames=original.frames,
            rate=original.rate,
            contents=original.contents,
            audio=partial(self.render, original),
        )
