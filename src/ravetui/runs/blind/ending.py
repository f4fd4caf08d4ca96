"""The end of a blind round: what was heard in it counts as ratings, and can be taken back again."""

from ravetui.runs.blind.round import BlindRound
from ravetui.runs.blind.store import close_round, read_round
from ravetui.runs.folder import RunFolder
from ravetui.runs.ratings import WITHDRAWN, Rating, append_ratings, counting, rating_history


def end_round(run: RunFolder, number: int) -> BlindRound:
    """End a round: its ratings of checkpoints become the run's, those of the original stay in the round.

    They are written at the end, not as they are given, since stars that change beside a step would say in the middle
    of a round what is heard. They are written before the end is, and once: ending it again makes up for a crash.

    Raises:
        RunError: It is not there, or cannot be written.
    """
    found = read_round(run, number)
    history = rating_history(run)
    there = {(item.clip, item.step) for item in history if item.round == number}
    heard = [
        Rating(one.clip, one.step, answer.stars, answer.created, number)
        for one, answer in found.answers.items()
        if one.step is not None and answer.stars and (one.clip, one.step) not in there
    ]
    append_ratings(run, heard)
    return close_round(run, number)


def take_back(run: RunFolder, number: int) -> int:
    """Let what counted before a round count again, and return of how many clips; what was rated since then stays.

    Raises:
        RunError: There is no such round, or it cannot be written.
    """
    read_round(run, number)
    history = rating_history(run)
    now = counting(history).current
    before = counting(item for item in history if item.round != number).current
    back = []
    for key, item in now.items():
        if item.round == number:
            old = before.get(key)
            back.append(old if old is not None else Rating(item.clip, item.step, WITHDRAWN, item.created))
    append_ratings(run, back)
    return len(back)
