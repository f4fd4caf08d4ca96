"""``ravetui score``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.foreign_audio import data_option, with_audio
from ravetui.commands.output import ProgressLine, emit, json_option
from ravetui.commands.score_words import against_table, score_table
from ravetui.metrics.choice import chosen_embedder
from ravetui.runs.foreign.checkpoints import find_checkpoint
from ravetui.runs.workspace import Workspace, is_named_reference

if TYPE_CHECKING:
    from ravetui.jobs.scoring.request import ScoreRequest


@click.command("score")
@click.argument("run")
@click.option("--checkpoint", help="A step, `latest` or `best`; the newest if not given.")
@click.option("--against", help="Another checkpoint: is the first better, on the same inputs?")
@click.option("--reference", help="What it is compared with: validation, train, a folder of audio, or run:NAME.")
@click.option("--embedder", help="What turns audio into embeddings: clap, mel, timbre or a package's.")
@click.option("--seconds", type=float, help="At most this much audio, s.")
@data_option
@click.option("--compat", is_flag=True, help="Also what torch-fidelity and DrumGAN would print.")
@workspace_option
@json_option
def command(
    run: str,
    checkpoint: str | None,
    against: str | None,
    reference: str | None,
    embedder: str | None,
    seconds: float | None,
    data: str | None,
    compat: bool,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Judge a checkpoint of RUN: FAD, KID and diversity of its reconstructions of the validation audio.

    What was scored before is found again at once, and of a score with more clips only these are new.
    """
    folder = with_audio(workspace, workspace.any_run(run), data)
    settings = workspace.config.score
    step = find_checkpoint(folder, checkpoint).step
    from ravetui.jobs.scoring.request import ScoreRequest

    request = ScoreRequest(
        folder,
        step,
        chosen_embedder(embedder or settings.embedder),
        _from_here(reference) or workspace.reference,
        seconds if seconds is not None else settings.seconds,
        compat,
    )
    if against is None:
        document = _score(request)
        emit(document, score_table(document), as_json=as_json)
        return
    other = replace(request, step=find_checkpoint(folder, against).step)
    document = _compared(request, other, workspace)
    emit(document, f"{score_table(document)}\n\n{against_table(document)}", as_json=as_json)


def _score(request: "ScoreRequest", *, again: bool = False) -> dict[str, Any]:
    from ravetui.jobs.score import score

    line = ProgressLine(f"scoring step {request.step}")
    try:
        return score(request, line.update, again=again)
    finally:
        line.close()


def _compared(request: "ScoreRequest", other: "ScoreRequest", workspace: Workspace) -> dict[str, Any]:
    """Both are scored where they have not been, and again where their embeddings have left the cache.

    Raises:
        ScoreError: Nothing is kept in the cache, or they cannot be compared.
    """
    from ravetui.errors import NotInCacheError, ScoreError
    from ravetui.metrics.cache import EmbeddingCache
    from ravetui.metrics.stored import compare_scores

    if request.step == other.step:
        raise ScoreError("Not comparable", f"Step {request.step} cannot be compared with itself.", "Name another step.")
    if workspace.config.score.cache_mb <= 0:
        raise ScoreError("Not comparable", "Comparing takes the cache of embeddings.", "Set score.cache_mb above 0.")
    cache = EmbeddingCache(workspace.config.score.cache_mb * 1_000_000)
    first, second = _score(other), _score(request)
    try:
        found = compare_scores(first, second, cache)
    except NotInCacheError:
        first, second = _score(other, again=True), _score(request, again=True)
        found = compare_scores(first, second, cache)
    return {**second, "against": {"checkpoint": other.step, **found.as_dict()}}


def _from_here(reference: str | None) -> str | None:
    """A folder that is named on the command line is one from where the person is."""
    if reference is None or is_named_reference(reference):
        return reference
    return str(Path(reference).expanduser().absolute())
