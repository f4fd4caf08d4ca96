"""``ravetui sample``."""

from pathlib import Path

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.foreign_audio import data_option, with_audio
from ravetui.commands.output import emit, json_option, table
from ravetui.runs.checkpoints import Checkpoint, verify
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.checkpoints import find_checkpoint
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.samples import Sample, list_samples
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace


@click.command("sample")
@click.argument("run")
@click.option("--checkpoint", help="A step, `latest` or `best`; the newest if not given.")
@data_option
@workspace_option
@json_option
def command(run: str, checkpoint: str | None, data: str | None, workspace: Workspace, as_json: bool) -> None:
    """Render the validation clips of RUN through a checkpoint, unless that step has its samples already."""
    folder = with_audio(workspace, workspace.any_run(run), data)
    found = find_checkpoint(folder, checkpoint)
    samples = list_samples(folder, found.step)
    if isinstance(folder, ForeignFolder) and (data is not None or not samples):
        from ravetui.jobs.foreign_samples import render_foreign

        render_foreign(folder, found)
    elif not samples:
        verify(found)
        _render(folder, found)
    samples = list_samples(folder, found.step)
    document = {"run": run, "checkpoint": found.step, "phase": found.phase, "samples": [_row(s) for s in samples]}
    rows = [(item.name, f"{item.seconds:.1f} s", _distance(item), item.reconstruction) for item in samples]
    emit(document, table(("clip", "length", "distance", "file"), rows), as_json=as_json)


def _render(folder: RunFolder, checkpoint: Checkpoint) -> None:
    """The trainer's own rendering, for a checkpoint that was saved between validations."""
    import torch

    from ravetui.engine.checkpoint import load_rave
    from ravetui.engine.data.clips import validation_clips
    from ravetui.engine.data.dataset import Dataset
    from ravetui.engine.render import render_samples

    spec = read_spec(folder.spec_path)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dataset = Dataset(Path(spec.data.path))
    clips = validation_clips(dataset, spec.training.sample_clips, spec.training.sample_seconds)
    rave = load_rave(spec.model, checkpoint, device)
    render_samples(folder, spec, rave, dataset, clips, step=checkpoint.step, phase=checkpoint.phase, device=device)


def _row(sample: Sample) -> dict[str, object]:
    return {
        "name": sample.name,
        "seconds": sample.seconds,
        "distance": sample.distance,
        "reconstruction": str(sample.reconstruction),
        "original": str(sample.original),
    }


def _distance(sample: Sample) -> str:
    return "–" if sample.distance is None else f"{sample.distance:.3f}"
