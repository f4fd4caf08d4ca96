"""In which order the stimuli of a blind round are heard."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stimulus:
    """One clip in one version."""

    clip: str
    step: int | None
    """Of the checkpoint; None: the original."""


def shuffled(seed: int, clips: Sequence[str], versions: Sequence[int | None]) -> tuple[Stimulus, ...]:
    """Every clip in every version, once: clip after clip in random order, the versions of each in an order of its own.

    All versions of a clip come together, so that they are compared while they are remembered (as in ITU-R BS.1534), and
    a round that is ended early has whole clips. What ends one clip does not begin the next one. The order is that of
    hashes, so the same seed gives the same one with every version of Python.

    Args:
        seed: Of the round.
        clips: Names, no two alike.
        versions: No two alike.
    """
    order: list[Stimulus] = []
    for clip in sorted(clips, key=lambda name: _draw(seed, name)):
        block = sorted((Stimulus(clip, step) for step in versions), key=lambda one: _draw(seed, one.clip, one.step))
        if order and len(block) > 1 and block[0].step == order[-1].step:
            block = [*block[1:], block[0]]
        order += block
    return tuple(order)


def _draw(*parts: object) -> bytes:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
