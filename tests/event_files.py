"""Event files for tests: real ones of acids-rave, and made ones through TensorBoard's own code."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

RUNS = Path(__file__).parent / "reference" / "fixtures" / "acids_rave_runs"
PIANO, STRINGS = RUNS / "piano_11db71167f", RUNS / "strings_v2_04841e8e28"
NAME = "events.out.tfevents.1700000000.host.1.0"


def event_file_of(run: Path, version: int = 0) -> Path:
    """The event file of one version of a real run."""
    return next((run / f"version_{version}").glob("events.out.tfevents.*"))


def write_events(path: Path, numbers: Iterable[tuple[str, int, float]], *, start: float = 1.7e9) -> Path:
    """An event file as TensorBoard's record writer makes it: tag, step, value of each event."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(wall_time=start, file_version="brain.Event:2").SerializeToString())
        for count, (tag, step, value) in enumerate(numbers, 1):
            summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
            event = event_pb2.Event(wall_time=start + count, step=step, summary=summary)
            writer.write(event.SerializeToString())
    return path


def copied(run: Path, folder: Path) -> Path:
    """A copy of a run that a test may change."""
    return Path(shutil.copytree(run, folder / run.name))


def fingerprint(folder: Path) -> str:
    """Of every name, time of change and byte in a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        found.update(f"{path.relative_to(folder)} {stat.st_mtime_ns} {stat.st_mode}".encode())
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()
