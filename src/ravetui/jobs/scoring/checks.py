"""What has to be known before the numbers of a score: sentences for the person."""

from collections import Counter
from collections.abc import Iterable, Sequence

from ravetui.jobs.scoring.facts import ClipFacts
from ravetui.jobs.scoring.inputs import Inputs, warnings_about
from ravetui.jobs.scoring.item import Item
from ravetui.jobs.scoring.reference import Reference
from ravetui.metrics.measure import Measure
from ravetui.metrics.sound_check import set_warnings

FEW = 8
"""With fewer clips there is no band of real audio, and hardly an interval."""
REPEATED = 0.1
"""A set that repeats itself in more of its windows than this is said to."""


def warnings_of(
    scored: Sequence[ClipFacts],
    reference: Sequence[ClipFacts],
    sets: tuple[Sequence[Item], Reference],
    inputs: Inputs,
    measures: dict[str, Measure],
) -> list[str]:
    """All warnings, the gravest first."""
    items, against = sets
    found = [*_few(items, against), *warnings_about(inputs), *_leaks(against, inputs)]
    found += set_warnings([one.sound for one in scored], [one.sound for one in reference])
    return [*found, *_duplicates(against, measures)]


def _few(items: Sequence[Item], against: Reference) -> Iterable[str]:
    fewest = min(len(items), len(against.items))
    if fewest < FEW:
        yield f"Only {fewest} clips: too few for any of this to be believed; raise score.seconds."


def _leaks(against: Reference, inputs: Inputs) -> Iterable[str]:
    """Reference audio that was trained on."""
    if against.label == "train":
        yield "The reference is what it was trained on: a low distance says that it was learnt, and no more."
        return
    leaked = sum(bool(item.contents & inputs.trained) for item in against.items)
    if leaked:
        yield f"{leaked} of {len(against.items)} reference clips are of files that it was trained on."


def _duplicates(against: Reference, measures: dict[str, Measure]) -> Iterable[str]:
    again = sum(count - 1 for count in Counter(item.key for item in against.items).values())
    if again:
        yield f"{again} of {len(against.items)} reference clips are there twice."
    repeated = measures["near_duplicates"].value
    if repeated is not None and repeated > REPEATED:
        yield f"{repeated:.0%} of the windows are another clip's over again."
