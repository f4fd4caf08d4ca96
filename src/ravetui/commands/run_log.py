"""``ravetui run log | note``."""

import sys
import time
from collections import deque
from pathlib import Path

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option
from ravetui.errors import RunError
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.slurm.submission import newest_log
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace

LOOK_SECONDS = 0.2
"""Time between two looks at a log that is followed, seconds."""


@click.command("log")
@click.argument("run")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="Newest lines to print.")
@click.option("-f", "--follow", is_flag=True, help="Go on printing until the run ends.")
@workspace_option
@json_option
def log(run: str, lines: int, follow: bool, workspace: Workspace, as_json: bool) -> None:
    """Print what the newest attempt of RUN has printed."""
    if follow and as_json:
        raise click.UsageError("--follow has no end, so it cannot be one JSON document.")
    folder = workspace.any_run(run)
    if isinstance(folder, ForeignFolder):
        raise RunError("No log", folder.refusal("what its process printed is not in its folder"))
    path = newest_log(folder)
    if path is None:
        raise RunError("No log", f"{run} has never been started.", f"Start it: ravetui run start {run}.")
    newest, size = _tail(path, lines)
    if not follow:
        said = [line.decode("utf-8", "replace").rstrip("\r\n") for line in newest]
        attempts = folder.attempt_folders()
        document = {"run": run, "attempt": attempts[-1].number if attempts else 0, "path": str(path), "lines": said}
        emit(document, "\n".join(said), as_json=as_json)
        return
    sys.stdout.buffer.writelines(newest)
    _follow(folder, path, size)


@click.command("note")
@click.argument("run")
@click.argument("text", required=False)
@click.option("-e", "--edit", is_flag=True, help="Open the notes in $EDITOR.")
@workspace_option
@json_option
def note(run: str, text: str | None, edit: bool, workspace: Workspace, as_json: bool) -> None:
    """Print the notes of RUN, or append TEXT to them as a line."""
    folder = workspace.any_run(run)
    if isinstance(folder, ForeignFolder):
        folder.path.mkdir(parents=True, exist_ok=True)
    if text is not None:
        _append(folder.notes, text)
    if edit:
        _edit(folder.notes)
    notes = folder.notes.read_text("utf-8", "replace") if folder.notes.exists() else ""
    said = "Noted." if text is not None or edit else notes.rstrip("\n") or f"{run} has no notes yet."
    emit({"run": run, "path": str(folder.notes), "notes": notes}, said, as_json=as_json)


def _tail(path: Path, count: int) -> tuple[list[bytes], int]:
    """The newest lines of a log, and up to which byte it was read."""
    try:
        with path.open("rb") as file:
            return list(deque(file, maxlen=count)), file.tell()
    except FileNotFoundError:
        return [], 0


def _follow(run: RunFolder, path: Path, offset: int) -> None:
    """Print what is appended until the run has ended and everything is printed."""
    while True:
        live = run_status(run).state.goes_on
        fresh = _read_from(path, offset)
        sys.stdout.buffer.write(fresh)
        sys.stdout.buffer.flush()
        offset += len(fresh)
        if not live:
            return
        newer = newest_log(run)
        if newer is not None and newer != path:
            # A job of SLURM's that has begun, or goes on in a new attempt.
            path, offset = newer, 0
            continue
        time.sleep(LOOK_SECONDS)


def _read_from(path: Path, offset: int) -> bytes:
    """What lies after a byte of the log; nothing while the log has not been made."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read()
    except FileNotFoundError:
        return b""


def _append(path: Path, text: str) -> None:
    """Add a line at the end; what was there stays as it is."""
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(f"{text}\n".encode())


def _edit(path: Path) -> None:
    if not sys.stdin.isatty():
        raise RunError("No terminal", "An editor needs a terminal.", "Give the text: ravetui run note RUN TEXT.")
    path.touch()
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        raise RunError("No editor", f"The editor failed: {error.format_message()}.", "Set $EDITOR.") from None
