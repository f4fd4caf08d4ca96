"""What the screen of a blind round says; nothing of it depends on which version is heard."""

from textual.content import Content

from ravetui.app.blind.offer import Offer
from ravetui.app.panes.runs import bar
from ravetui.app.words import stars_words
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.format import clock, duration, moment, steps
from ravetui.runs.ratings import WORDS

HELP = (
    "A blind round: checkpoints and, hidden among them, the original, clip after clip, in random order and equally "
    "loud. 1 to 5 rate how good it sounds (1 bad, 5 excellent), keep that at once and play the next. space plays it "
    "again, ← and backspace go back to correct, → goes on, 0 leaves out what cannot be judged: that clip then does not "
    "count. t ends the round and shows which was which: stars and preference with 95 % intervals, and whether FAD and "
    "KID agree. esc leaves; b goes on with the round. When it ends, what was rated becomes ratings of the run."
)
_HEARING = ("1-5 rate, next", "space again", "← back", "0 leave out", "t table", "→ on", "? help", "esc pause")
_BAR = 48


def offer_words(run: str, offer: Offer) -> Content:
    """What a person reads before anything sounds."""
    parts = [Content.styled(f"Blind round of {run}", "$number bold"), Content("")]
    if (going_on := offer.unfinished) is not None:
        far = f"{going_on.said} of {len(going_on.order)} rated"
        parts += [
            Content(f"Round {going_on.number}, begun {moment(going_on.created)}, goes on: {far}."),
            _key("enter", "go on with it"),
            _key("t", "end it and see its table"),
            Content(""),
        ]
    if offer.fault:
        parts.append(Content.styled(offer.fault, "$advice"))
    else:
        parts += [
            Content(_what(offer)),
            Content.styled(f"{offer.choice.words}: {_steps(offer.choice.steps)}", "$quiet"),
            _key("n" if going_on else "enter", _begin(offer)),
            *([Content(" " * 8 + f"(round {going_on.number} then ends; its ratings count)")] if going_on else []),
        ]
    if going_on is None and offer.last_ended is not None:
        parts.append(_key("t", f"the table of round {offer.last_ended}"))
    parts += [Content(""), Content.styled(_HOW, "$quiet")]
    return Content("\n").join(parts)


_HOW = (
    "Each is played equally loud; nothing tells which it is. 1 bad, 2 poor, 3 fair, 4 good, 5 excellent: the number is "
    "kept at once and the next one plays. esc leaves at any time, and b goes on here."
)


def place_words(heard: BlindRound, place: int) -> Content:
    """How far the round is, and what can be said of the stimulus at that place."""
    size = len(heard.versions)
    where = f"clip {place // size + 1} of {len(heard.clips)} · version {place % size + 1} of {size}"
    scale = Content("   ").join(
        [Content.assemble((str(stars), "$key bold"), f" {word}") for stars, word in WORDS.items()]
    )
    return Content("\n").join(
        [
            Content.styled(f"{place + 1} of {len(heard.order)}", "$number bold"),
            bar(heard.said / len(heard.order), _BAR, "$sound"),
            Content(""),
            Content(where),
            Content(""),
            scale,
            Content(""),
            Content.styled(_said(heard, place), "$quiet"),
        ]
    )


def all_rated_words(heard: BlindRound) -> Content:
    """What is left to do when everything was rated."""
    return Content("\n").join(
        [
            Content.styled(f"All {len(heard.order)} are rated.", "$number bold"),
            bar(1.0, _BAR, "$sound"),
            Content(""),
            _key("enter", "end the round and see which was which"),
            _key("←", "go back and correct"),
        ]
    )


def keys_words(width: int, *, hearing: bool, done: bool) -> Content:
    """The keys of the moment, as many as there is room for.

    Args:
        width: Cells there is room for.
        hearing: Whether a round is on.
        done: Whether all of it was rated.
    """
    told = list(_HEARING) if hearing and not done else ["enter table", "← back"] if done else ["enter"]
    told = told if hearing and not done else [*told, "? help", "esc back"]
    while len(told) > 2 and len("  ".join(told)) > width:
        told.pop(-3)
    return Content("  ".join(told))


def sound_words(*, state: str, position: float, seconds: float, where: str) -> Content:
    """Whether the stimulus sounds.

    Args:
        state: ``playing``, ``heard``, ``coming`` or ``failed``.
        position: How far it is, s.
        seconds: How long it is, s.
        where: Where sound goes.
    """
    if state == "playing":
        done = position / seconds if seconds else 0.0
        return Content.assemble(("♪ ", "$sound"), bar(min(done, 1.0), _BAR - 14, "$sound"), f"  {clock(position)}")
    if state == "failed":
        return Content.styled(f"no sound: {where.removeprefix('nowhere: ')}", "$run-waiting")
    told = "heard: space plays it again" if state == "heard" else "…"
    return Content.styled(told, "$quiet")


def _said(heard: BlindRound, place: int) -> str:
    answer = heard.answers.get(heard.order[place])
    if answer is None:
        return "not rated yet"
    told = f"rated {stars_words(answer.stars)} {WORDS[answer.stars]}" if answer.stars else "left out"
    return f"{told}; a number replaces it"


def _what(offer: Offer) -> str:
    count, clips = len(offer.choice.steps), len(offer.material.clips)
    checkpoints = "1 checkpoint" if count == 1 else f"{count} checkpoints"
    return f"{checkpoints} and, hidden among them, the original; {clips} clip{'' if clips == 1 else 's'}"


def _begin(offer: Offer) -> str:
    number = (len(offer.choice.steps) + 1) * len(offer.material.clips)
    return f"begin a new round: {number} to hear, {duration(offer.material.seconds)} of sound"


def _steps(chosen: tuple[int, ...]) -> str:
    return ", ".join(steps(step) for step in chosen)


def _key(key: str, what: str) -> Content:
    return Content.assemble((f"{key:>6}", "$key bold"), f"  {what}")
