"""``ravetui rate``."""

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option
from ravetui.errors import RunError
from ravetui.runs.checkpoints import find_checkpoint
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.ratings import WITHDRAWN, WORDS, rate
from ravetui.runs.samples import Sample, list_samples, sampled_steps
from ravetui.runs.workspace import Workspace


@click.command("rate")
@click.argument("run")
@click.argument("sample")
@click.argument("stars", type=click.IntRange(1, 5), required=False)
@click.option("--checkpoint", help="A step, `latest` or `best`; the newest with samples if not given.")
@click.option("--undo", is_flag=True, help="Take the rating back: the sample counts as not rated.")
@workspace_option
@json_option
def command(
    run: str, sample: str, stars: int | None, checkpoint: str | None, undo: bool, workspace: Workspace, as_json: bool
) -> None:
    """Rate SAMPLE of RUN with 1 (bad) to 5 (excellent) STARS; SAMPLE is its name or its number in the list.

    Rating again replaces what was said before of the same sample and step; the earlier lines are kept.
    """
    if undo == (stars is not None):
        raise click.UsageError("Give either STARS, 1 to 5, or --undo.")
    folder = workspace.run(run)
    found = _sample(folder, sample, _step(folder, checkpoint))
    rating = rate(folder, found.name, found.step, WITHDRAWN if stars is None else stars)
    said = f"{found.name} at step {steps(found.step)} of {run}: "
    said += "not rated any more" if undo else f"{rating.stars} of 5, {WORDS[rating.stars]}"
    document = {"run": run, "sample": found.name, "step": found.step, "stars": stars, "created": rating.created}
    emit(document, f"{said}.", as_json=as_json)


def _step(folder: RunFolder, checkpoint: str | None) -> int:
    rendered = sampled_steps(folder)
    if checkpoint is not None:
        # A step whose weights are gone may have its samples still.
        known = checkpoint.isdecimal() and int(checkpoint) in rendered
        return int(checkpoint) if known else find_checkpoint(folder, checkpoint).step
    if not rendered:
        raise RunError("No samples", f"{folder.name} has no samples yet.", f"See: ravetui sample {folder.name}")
    return rendered[0]


def _sample(folder: RunFolder, wanted: str, step: int) -> Sample:
    """The sample of that name, or else of that number, counted from 1 as the screen does."""
    samples = list_samples(folder, step)
    named = next((item for item in samples if item.name == wanted), None)
    if named is None and wanted.isdecimal() and 1 <= int(wanted) <= len(samples):
        named = samples[int(wanted) - 1]
    if named is None:
        names = ", ".join(item.name for item in samples)
        there = f"It has: {names}." if names else f"It has none: ravetui sample {folder.name} --checkpoint {step}"
        raise RunError("No such sample", f"Step {steps(step)} of {folder.name} has no sample {wanted}.", there)
    return named
