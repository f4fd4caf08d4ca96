"""Blind rounds on disk: one file each, whose lines are only ever appended, each with its checksum.

The first line says what is hidden and the seed of the order, each later one what was said of one stimulus, and the
last that the round has ended. A damaged line costs itself; of one stimulus the last line counts. So a crash loses
nothing, several screens may write at once, and a round goes on wherever its run's folder is opened.
"""

import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ravetui.errors import RunError
from ravetui.runs.blind.round import LEFT_OUT, Answer, BlindRound
from ravetui.runs.blind.shuffle import Stimulus
from ravetui.runs.checked_line import checked_line, read_lines, write_line
from ravetui.runs.folder import RunFolder
from ravetui.runs.ratings import WORDS

_ORIGINAL = "original"


def round_path(run: RunFolder, number: int) -> Path:
    """Where a round lies."""
    return run.blind / f"round-{number:04d}.jsonl"


def begin_round(run: RunFolder, steps: Iterable[int], clips: Sequence[str], chosen: str = "") -> BlindRound:
    """Begin a round with a seed of its own.

    Args:
        run: Whose checkpoints they are.
        steps: Of the checkpoints.
        clips: Names of the clips; all of them must be there of each checkpoint, and as originals.
        chosen: How the checkpoints were chosen, in words.

    Raises:
        RunError: There is nothing to hear, or it cannot be written.
    """
    made = BlindRound(0, round(time.time(), 3), secrets.randbits(63), tuple(sorted(set(steps))), tuple(clips), chosen)
    if not made.steps or not made.clips:
        raise RunError("Nothing to hear", "A blind round takes a checkpoint with samples, and their originals.")
    try:
        run.blind.mkdir(parents=True, exist_ok=True)
        made = replace(made, number=_take_number(run))
        write_line(round_path(run, made.number), checked_line(_head(made)))
    except OSError as error:
        raise _unwritten(run.blind, error) from None
    return made


def answer_stimulus(run: RunFolder, number: int, stimulus: Stimulus, stars: int) -> BlindRound:
    """Keep what was said, and return the round as its file has it then, with what other screens said.

    Args:
        stars: 1 to 5, or :data:`~ravetui.runs.blind.round.LEFT_OUT`.

    Raises:
        RunError: It is no number of stars or no stimulus of the round, the round has ended, or it cannot be written.
    """
    found = read_round(run, number)
    if stars not in (LEFT_OUT, *WORDS):
        raise RunError("No rating", f"{stars} is not a rating: 1 (bad) to 5 (excellent).")
    if stimulus not in found.order:
        raise RunError("No such stimulus", f"Round {number} of {run.name} has no such stimulus.")
    if found.ended is not None:
        raise RunError("Round ended", f"Round {number} of {run.name} has ended, so it takes no more ratings.")
    answer = Answer(stars, round(time.time(), 3))
    _append(run, number, {**_named(stimulus), "stars": stars, "created": answer.created})
    return found.with_answer(stimulus, answer)


def close_round(run: RunFolder, number: int) -> BlindRound:
    """Say that a round has ended; nothing happens to one that has.

    Raises:
        RunError: It is not there, or cannot be written.
    """
    found = read_round(run, number)
    if found.ended is None:
        found = replace(found, ended=round(time.time(), 3))
        _append(run, number, {"ended": found.ended})
    return found


def read_round(run: RunFolder, number: int) -> BlindRound:
    """A round as it is now.

    Raises:
        RunError: It is not there, or its first line is damaged.
    """
    path = round_path(run, number)
    try:
        lines = list(read_lines(path))
    except OSError:
        raise RunError("No such round", f"{run.name} has no blind round {number}.") from None
    made = next((found for fields in lines if (found := _round(number, fields)) is not None), None)
    if made is None:
        raise RunError("Damaged round", f"{path} does not say what was heard in it.", "Begin another round.")
    answers: dict[Stimulus, Answer] = {}
    for fields in lines:
        if (said := _answer(fields)) is not None:
            answers[said[0]] = said[1]
    ended = next((fields["ended"] for fields in lines if isinstance(fields.get("ended"), float)), None)
    return replace(made, answers=answers, ended=ended)


def list_rounds(run: RunFolder) -> list[BlindRound]:
    """Every round that can be read, oldest first."""
    found = []
    for number in _numbers(run):
        try:
            found.append(read_round(run, number))
        except RunError:
            continue
    return found


def _take_number(run: RunFolder) -> int:
    """A number that no other round has: of many screens at once each gets its own."""
    number = max(_numbers(run), default=0) + 1
    while True:
        try:
            os.close(os.open(round_path(run, number), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        except FileExistsError:
            number += 1
        else:
            return number


def _numbers(run: RunFolder) -> list[int]:
    names = (path.stem.removeprefix("round-") for path in run.blind.glob("round-*.jsonl"))
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def _append(run: RunFolder, number: int, fields: Mapping[str, Any]) -> None:
    path = round_path(run, number)
    try:
        write_line(path, checked_line(fields))
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> RunError:
    reason = error.strerror or str(error)
    return RunError("Not kept", f"{path} cannot be written: {reason}.", "Free some space.")


def _head(made: BlindRound) -> dict[str, Any]:
    return {
        "round": made.number,
        "created": made.created,
        "seed": made.seed,
        "steps": list(made.steps),
        "clips": list(made.clips),
        "chosen": made.chosen,
    }


def _named(stimulus: Stimulus) -> dict[str, Any]:
    return {"clip": stimulus.clip, "version": _ORIGINAL if stimulus.step is None else stimulus.step}


def _round(number: int, fields: Mapping[str, Any]) -> BlindRound | None:
    try:
        steps, clips = tuple(fields["steps"]), tuple(fields["clips"])
        return BlindRound(number, fields["created"], fields["seed"], steps, clips, fields["chosen"])
    except (KeyError, TypeError):
        return None


def _answer(fields: Mapping[str, Any]) -> tuple[Stimulus, Answer] | None:
    try:
        step = None if fields["version"] == _ORIGINAL else int(fields["version"])
        return Stimulus(fields["clip"], step), Answer(fields["stars"], fields["created"])
    except (KeyError, TypeError, ValueError):
        return None
