"""``ravetui run blind``."""

from typing import Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option, say, table
from ravetui.errors import RunError
from ravetui.metrics.blind.result import BlindResult, blind_result
from ravetui.metrics.blind.words import HEADERS, agreement_words, few_words, row_words, sentences
from ravetui.runs.blind.ending import end_round, take_back
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.blind.store import list_rounds
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import moment
from ravetui.runs.scores import list_scores
from ravetui.runs.workspace import Workspace


@click.command("blind")
@click.argument("run")
@click.option(
    "--round", "number", type=click.IntRange(1), help="Of the round; the last one that has ended if not given."
)
@click.option("--end", is_flag=True, help="End the round, the last one if no number is given, as far as it was rated.")
@click.option("--take-back", "back", is_flag=True, help="Let the ratings count again that counted before the round.")
@workspace_option
@json_option
def blind(run: str, number: int | None, end: bool, back: bool, workspace: Workspace, as_json: bool) -> None:
    """Print the table of a blind round of RUN: stars, preference, which differences are told, FAD and KID.

    `b` in the screen listens. A round that goes on has no table, since that would say what is heard in it.
    """
    if end and back:
        raise click.UsageError("Give either --end or --take-back.")
    folder = workspace.any_run(run)
    heard = _find(folder, number, going_on=end)
    if end:
        heard = end_round(folder, heard.number)
    if back:
        count = take_back(folder, heard.number)
        document: dict[str, Any] = {"run": run, "number": heard.number, "taken_back": count}
        emit(document, f"{count} ratings of round {heard.number} of {run} count no more.", as_json=as_json)
        return
    result = blind_result(folder.name, heard, list_scores(folder))
    listened = [
        {"clip": one.clip, "version": one.step, "stars": heard.stars(one.clip, one.step)} for one in heard.order
    ]
    document = {**result.as_dict(), "chosen": heard.chosen, "seed": heard.seed, "heard": listened}
    emit(document, _text(result), as_json=as_json)


def _find(run: RunFolder, number: int | None, *, going_on: bool) -> BlindRound:
    """The round that is meant."""
    rounds = list_rounds(run)
    wanted = [item for item in rounds if number in (None, item.number) and (going_on or item.ended is not None)]
    if wanted:
        newest = wanted[-1]
        if number is None and newest is not rounds[-1]:
            last = rounds[-1]
            say(f"Round {last.number} goes on: {last.said} of {len(last.order)} rated. This is round {newest.number}.")
        return newest
    unfinished = next((item for item in reversed(rounds) if number in (None, item.number)), None)
    if unfinished is not None:
        message = (
            f"Round {unfinished.number} of {run.name} goes on: {unfinished.said} of {len(unfinished.order)} rated."
        )
        raise RunError("Not ended", message, "b in the screen goes on with it; --end ends it here.")
    if number is not None:
        raise RunError("No such round", f"{run.name} has no blind round {number}.")
    raise RunError("No blind round", f"Nobody has listened blind to {run.name} yet.", "b in the screen begins a round.")


def _text(result: BlindResult) -> str:
    ended = "" if result.ended is None else f", ended {moment(result.ended)}"
    lines = [f"Blind round {result.number} of {result.run}{ended}", "", *sentences(result)]
    if result.versions:
        lines += ["", table(HEADERS, (row_words(item) for item in result.versions)), ""]
    return "\n".join([*lines, *few_words(result), *agreement_words(result)])
