"""``ravetui data prepare | list | show``."""

import contextlib
import dataclasses
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import ProgressLine, emit, json_option, say, table
from ravetui.config import Config
from ravetui.engine.data.enough import check_enough
from ravetui.engine.data.index import SPLITS, DatasetIndex, check_audio, list_datasets, read_index
from ravetui.engine.presets import find_preset
from ravetui.errors import DataError
from ravetui.runs.workspace import Workspace

_SOURCE = click.Path(exists=True, readable=False, path_type=Path)
"""A mistyped path is wrong usage; an unreadable one is skipped and named like any other."""


@click.group("data")
def command() -> None:
    """Prepare, list and show datasets."""


@command.command("prepare")
@click.argument("name")
@click.argument("sources", nargs=-1, required=True, type=_SOURCE, metavar="SOURCE...")
@click.option("--sampling-rate", type=click.IntRange(8000, 192_000), help="Hz; data.sampling_rate if not given.")
@click.option("--channels", type=click.IntRange(1, 16), help="1 mono, 2 stereo; data.channels if not given.")
@click.option(
    "--validation-fraction",
    type=click.FloatRange(0, 0.5, min_open=True),
    help="Share of the audio kept for validation; data.validation_fraction if not given.",
)
@workspace_option
@json_option
def prepare_command(
    name: str, sources: tuple[Path, ...], workspace: Workspace, as_json: bool, **typed: int | float | None
) -> None:
    """Make dataset NAME of the audio files and folders SOURCE...

    Anything libsndfile reads is resampled and folded to the wanted channels. Files that cannot be used are named and
    skipped. Sources are only read.
    """
    from ravetui.engine.data.prepare import NothingKeptError, prepare

    given: dict[str, Any] = {key: value for key, value in typed.items() if value is not None}
    settings = dataclasses.replace(workspace.config.data, **given)
    path = workspace.dataset_path(name)
    line = ProgressLine(f"Preparing {name}")
    try:
        with _interruptible():
            index = prepare(path, sources, settings, line.update)
    except NothingKeptError as error:
        line.close()
        for item in error.skipped:
            say(f"{item.path}: {item.reason}")
        raise
    except KeyboardInterrupt:
        line.close()
        say("Interrupted: nothing was made.")
        raise
    line.close()
    document = _document(path, index, dataclasses.replace(workspace.config, data=settings))
    emit(document, _report(document), as_json=as_json)


@command.command("list")
@workspace_option
@json_option
def list_command(workspace: Workspace, as_json: bool) -> None:
    """List the datasets of the workspace."""
    documents: list[dict[str, Any]] = []
    for path in list_datasets(workspace.data):
        try:
            index = read_index(path)
            check_audio(path, index)
            documents.append(_summary(path, index))
        except DataError as error:
            documents.append({"name": path.name, "path": str(path), "error": error.message})
    rows = [
        (item["name"], item["error"])
        if "error" in item
        else (item["name"], *(_time(item["seconds"][split]) for split in SPLITS), _format(item), item["created"])
        for item in documents
    ]
    good = [row for row in rows if len(row) > 2]
    text = table(("dataset", "train", "validation", "audio", "prepared"), good) if good else ""
    lines = [text, *(f"{row[0]}: {row[1]}" for row in rows if len(row) == 2)]
    empty = "There are no datasets: `ravetui data prepare NAME FOLDER-OF-AUDIO` makes one."
    emit(documents, "\n".join(line for line in lines if line) or empty, as_json=as_json)


@command.command("show")
@click.argument("name")
@workspace_option
@json_option
def show_command(name: str, workspace: Workspace, as_json: bool) -> None:
    """Show what dataset NAME was made of: the files that were kept, and those that were skipped and why."""
    path = workspace.dataset_path(name)
    index = read_index(path)
    check_audio(path, index)
    document = _document(path, index, workspace.config)
    emit(document, _report(document), as_json=as_json)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a lost connection, clean up as Ctrl-C does; what is ignored (nohup) stays ignored."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    kinds = [kind for kind in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(kind) == signal.SIG_DFL]
    for kind in kinds:
        signal.signal(kind, interrupt)
    try:
        yield
    finally:
        for kind in kinds:
            signal.signal(kind, signal.SIG_DFL)


def _summary(path: Path, index: DatasetIndex) -> dict[str, Any]:
    return {
        "name": path.name,
        "path": str(path),
        "created": index.created,
        "fingerprint": index.fingerprint,
        "sampling_rate": index.sampling_rate,
        "channels": index.channels,
        "split_by": index.split_by,
        "seconds": {split: round(index.seconds(split), 3) for split in SPLITS},
        "segments": {split: len(index.of(split)) for split in SPLITS},
        "files": {
            **{split: sum(len(segment.files) for segment in index.of(split)) for split in SPLITS},
            "skipped": len(index.skipped),
        },
    }


def _document(path: Path, index: DatasetIndex, config: Config) -> dict[str, Any]:
    """The whole of a dataset, as JSON."""
    kept = [
        {
            "path": file.path,
            "split": segment.split,
            "segment": number,
            "seconds": round(file.frames / index.sampling_rate, 3),
            "sampling_rate": file.sampling_rate,
            "channels": file.channels,
            "clipped": file.clipped,
            "joined": len(segment.files) > 1,
        }
        for number, segment in enumerate(index.segments)
        for file in segment.files
    ]
    skipped = [dataclasses.asdict(item) for item in index.skipped]
    return {
        **_summary(path, index),
        "kept": kept,
        "skipped": skipped,
        "ignored": index.ignored,
        "warnings": _warnings(index, config),
    }


def _warnings(index: DatasetIndex, config: Config) -> list[str]:
    """What a person should know before they train."""
    found = []
    clipped = {file.path: file.clipped for segment in index.segments for file in segment.files if file.clipped}
    if clipped:
        number = f"{len(clipped)} file{'s' if len(clipped) > 1 else ''}"
        found.append(f"{number} went beyond full scale: {sum(clipped.values())} samples were limited to it.")
    if index.split_by == "time":
        found.append("There is a single file: its end is the validation split.")
    share = index.frames("validation") / (index.frames("train") + index.frames("validation"))
    if index.split_by == "file" and share > 2 * config.data.validation_fraction:
        found.append(
            f"Validation has {share:.0%} of the audio, for a file goes to one split as a whole: "
            "cut long files into parts for a finer split."
        )
    preset = find_preset(config.run.preset)
    try:
        check_enough(index, preset.training.crop, preset.training.batch_size)
    except DataError as error:
        found.append(f"Too little audio for preset {preset.name}: {error.message} {error.remedy}")
    return found


def _report(document: dict[str, Any]) -> str:
    """The tables of what was kept and what was skipped, the warnings, and the sums at the end."""
    rows = [
        (
            file["path"],
            file["split"],
            _time(file["seconds"]),
            _format(file),
            ", ".join(
                [*(["joined"] if file["joined"] else []), *([f"{file['clipped']} clipped"] if file["clipped"] else [])]
            ),
        )
        for file in document["kept"]
    ]
    parts = [table(("kept", "split", "length", "source", ""), rows)]
    if document["skipped"]:
        parts.append(table(("skipped", "why"), ((item["path"], item["reason"]) for item in document["skipped"])))
    if document["ignored"]:
        counts = ", ".join(f"{count} {suffix}" for suffix, count in document["ignored"].items())
        parts.append(f"not audio: {counts}")
    parts += [f"! {warning}" for warning in document["warnings"]]
    sums = ", ".join(f"{_time(document['seconds'][split])} {split}" for split in SPLITS)
    parts.append(
        f"{document['name']}: {len(document['kept'])} kept, {len(document['skipped'])} skipped; {sums}; "
        f"{_format(document)}\n{document['path']}"
    )
    return "\n\n".join(parts)


def _format(item: dict[str, Any]) -> str:
    channels = {1: "mono", 2: "stereo"}.get(item["channels"], f"{item['channels']} channels")
    return f"{item['sampling_rate']} Hz {channels}"


def _time(seconds: float) -> str:
    """Hours, minutes and seconds, as much of it as there is."""
    tenths = round(seconds * 10)
    hours, rest = divmod(tenths, 36000)
    minutes, tenths = divmod(rest, 600)
    tail = f"{minutes:02d}:{tenths / 10:04.1f}" if hours else f"{minutes}:{tenths / 10:04.1f}"
    return f"{hours}:{tail}" if hours else tail
