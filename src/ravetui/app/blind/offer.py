"""What a blind round of a run would be, and which rounds there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ravetui.errors import RavetuiError
from ravetui.runs.blind.choice import Candidate, Choice, choose
from ravetui.runs.blind.material import Material, find_material
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.blind.store import list_rounds
from ravetui.runs.folder import RunFolder
from ravetui.runs.samples import sampled_steps

NOTHING = Material((), {}, 0.0)


@dataclass(frozen=True)
class Offer:
    """What can be begun, gone on with or looked at."""

    choice: Choice
    """Of a new round."""
    material: Material
    """Of a new round; without clips where it cannot be heard."""
    fault: str = ""
    """Why there cannot be a new round: a sentence and what to do."""
    unfinished: BlindRound | None = None
    """A round that goes on."""
    its_material: Material = NOTHING
    """Of the round that goes on."""
    last_ended: int | None = None
    """Number of the round whose table can be looked at."""


def read_offer(run: RunFolder, candidates: Mapping[int, Candidate], marked: Sequence[int]) -> Offer:
    """Look at a run's samples and rounds.

    Args:
        run: The run.
        candidates: What is known of its steps.
        marked: Steps that the person has marked.
    """
    rounds = list_rounds(run)
    ended = max((item.number for item in rounds if item.ended is not None), default=None)
    unfinished = rounds[-1] if rounds and rounds[-1].ended is None else None
    its_material = _material(run, unfinished.steps)[0] if unfinished else NOTHING
    rendered = [candidates.get(step, Candidate(step, 1, None)) for step in sampled_steps(run)]
    if not rendered:
        fault = "There is no sample yet: validation renders some."
        return Offer(Choice((), ""), NOTHING, fault, unfinished, its_material, ended)
    choice = choose(rendered, marked)
    material, fault = _material(run, choice.steps)
    return Offer(choice, material, fault, unfinished, its_material, ended)


def _material(run: RunFolder, steps: Sequence[int]) -> tuple[Material, str]:
    try:
        return find_material(run, steps), ""
    except RavetuiError as error:
        return NOTHING, str(error)
