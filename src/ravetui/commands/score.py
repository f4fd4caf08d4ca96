"""``ravetui score``."""

from typing import Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import ProgressLine, emit, json_option, table
from ravetui.metrics.catalogue import METRICS
from ravetui.metrics.choice import chosen_embedder
from ravetui.runs.checkpoints import find_checkpoint
from ravetui.runs.workspace import Workspace


@click.command("score")
@click.argument("run")
@click.option("--checkpoint", help="A step, `latest` or `best`; the newest if not given.")
@click.option("--reference", type=click.Choice(["validation", "train"]), help="What it is compared with.")
@click.option("--embedder", help="What turns audio into embeddings: clap, mel, timbre or a package's.")
@click.option("--seconds", type=float, help="At most this much audio, s.")
@workspace_option
@json_option
def command(
    run: str,
    checkpoint: str | None,
    reference: str | None,
    embedder: str | None,
    seconds: float | None,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Judge a checkpoint of RUN: FAD, KID and diversity of its reconstructions of the validation audio."""
    folder = workspace.run(run)
    settings = workspace.config.score
    step = find_checkpoint(folder, checkpoint).step
    from ravetui.jobs.score import ScoreRequest, score

    request = ScoreRequest(
        folder,
        step,
        chosen_embedder(embedder or settings.embedder),
        reference or settings.reference,
        seconds if seconds is not None else settings.seconds,
    )
    line = ProgressLine(f"scoring step {step}")
    document = score(request, line.update)
    line.close()
    emit(document, score_table(document), as_json=as_json)


def score_table(document: dict[str, Any]) -> str:
    """A score for a person: every number with its interval and the label of its embedder."""
    rows = []
    for name, measure in document["metrics"].items():
        info = METRICS[name]
        rows.append((info.label, _number(measure["value"], info.format), _interval(measure, info.format), info.unit))
    head = f"{document['run']}, step {document['checkpoint']}, embedder {document['embedder_label']}"
    sizes = f"{document['n']} windows of {document['n_files']} clips against {document['reference_n']} of the reference"
    text = f"{head}\n{sizes} ({document['reference']})\n" + table(("metric", "value", "95 % interval", ""), rows)
    return f"{text}\n\n{_attributes(document['attributes'])}" if "attributes" in document else text


def _attributes(attributes: dict[str, dict[str, float]]) -> str:
    """Means of what can be read, beside the reference's."""
    rows = [(name, f"{item['value']:.1f}", f"{item['reference']:.1f}") for name, item in attributes.items()]
    return table(("mean, 0 to 100", "value", "reference"), rows)


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _interval(measure: dict[str, Any], form: str) -> str:
    if measure["low"] is None or measure["high"] is None:
        return measure["reason"] or "–"
    return f"{format(measure['low'], form)} to {format(measure['high'], form)}"
