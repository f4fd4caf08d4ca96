"""``ravetui clap fetch | convert | show``."""

import dataclasses
from pathlib import Path
from typing import Any

import click

from ravetui.commands.output import ProgressLine, emit, json_option
from ravetui.metrics.clap.weights import (
    CHECKPOINT,
    HOW_TO_GET,
    ClapWeights,
    damaged,
    find_weights,
    has_weights,
    tensors_sha256,
    weights_path,
)
from ravetui.runs.format import bytes_


@click.group("clap")
def command() -> None:
    """CLAP's audio weights, which scores with the embedder clap need; they lie in the user's cache."""


@command.command("fetch")
@click.option("--url", help="Another place that has the file; the default is LAION's on Hugging Face's hub.")
@click.option("--sha256", metavar="HEX", help="What its checksum must be; for the default that is known.")
@json_option
def fetch(url: str | None, sha256: str | None, as_json: bool) -> None:
    """Download LAION's checkpoint (2.4 GB) and keep its audio half (275 MB); a cut download is gone on with."""
    from ravetui.engine.launch.installed import require_engine
    from ravetui.metrics.clap.convert import convert
    from ravetui.metrics.clap.download import SHA256, URL, download

    require_engine()
    source = url or URL
    expected = (sha256 or ("" if url else SHA256)).lower()
    line = ProgressLine("fetching")
    arrived = download(
        source,
        weights_path().parent,
        expected,
        lambda there, whole: line.update(
            there / whole if whole else 0.0, f"{bytes_(there)} of {bytes_(whole)}" if whole else bytes_(there)
        ),
    )
    line.close()
    weights = convert(arrived.path, url=source, source_sha256=arrived.sha256)
    # Seven tenths of it are the text half, which nothing here uses.
    arrived.path.unlink()
    emit(_document(weights), _sentences(weights), as_json=as_json)


@command.command("convert")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def convert_file(file: Path, as_json: bool) -> None:
    """Take the audio half out of FILE, LAION's checkpoint; FILE stays as it is."""
    from ravetui.engine.launch.installed import require_engine
    from ravetui.metrics.clap.convert import convert

    require_engine()
    weights = convert(file)
    emit(_document(weights), _sentences(weights), as_json=as_json)


@command.command("show")
@json_option
def show(as_json: bool) -> None:
    """Say which weights are there, where, and whether they are as they were written."""
    if not has_weights():
        text = f"No CLAP weights at {weights_path()}. {HOW_TO_GET} Until then scores are made with mel."
        emit({"there": False, "path": str(weights_path())}, text, as_json=as_json)
        return
    weights = find_weights()
    if tensors_sha256(weights.path) != weights.sha256:
        raise damaged(weights.path, "its checksum is not the one it was written with")
    emit(_document(weights), _sentences(weights), as_json=as_json)


def _document(weights: ClapWeights) -> dict[str, Any]:
    return {"there": True, **dataclasses.asdict(weights), "path": str(weights.path), "version": weights.version}


def _sentences(weights: ClapWeights) -> str:
    official = "" if weights.source == CHECKPOINT else f", not {CHECKPOINT}"
    return "\n".join(
        (
            f"CLAP, audio half, {bytes_(weights.bytes)}: {weights.path}",
            f"  its tensors   sha256 {weights.sha256}",
            f"  made from     {weights.source}{official}{f' of {weights.url}' if weights.url else ''}",
            f"                sha256 {weights.source_sha256}",
            f"  on            {weights.created}, version {weights.version}",
        )
    )
