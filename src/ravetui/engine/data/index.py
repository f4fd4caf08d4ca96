"""What a prepared dataset says of itself: ``index.json``, the last file written into its folder."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ravetui.errors import DataError
from ravetui.runs.atomic import read_json, write_json

FORMAT = 1
INDEX = "index.json"
AUDIO = "audio.i16"
BYTES = 2
"""Bytes of a sample: int16."""

Split = Literal["train", "validation"]
SPLITS: tuple[Split, Split] = ("train", "validation")


@dataclass(frozen=True)
class SourceFile:
    """A file, or a part of it, that a segment holds."""

    path: str
    """Where it was, absolute."""
    content: str
    """xxh3_128 of the file's bytes."""
    start: int
    """Where the part begins in the resampled file, frames: 0 unless one file was split by time."""
    frames: int
    """Length of the part at the dataset's sampling rate."""
    sampling_rate: int
    """Of the file, Hz."""
    channels: int
    """Of the file."""
    clipped: int
    """Samples of the whole file that were beyond full scale after folding and resampling, and were limited."""


@dataclass(frozen=True)
class Segment:
    """A continuous stretch of audio: one long file, or short ones joined."""

    offset: int
    """Where it begins in ``audio.i16``, frames."""
    frames: int
    split: Split
    files: tuple[SourceFile, ...]
    """In the order in which they lie in it, without gaps."""


@dataclass(frozen=True)
class Skipped:
    """A file that was not used."""

    path: str
    reason: str


@dataclass(frozen=True)
class DatasetIndex:
    """Everything about a dataset but its samples."""

    sampling_rate: int
    """Hz."""
    channels: int
    created: str
    """ISO 8601 time, UTC."""
    fingerprint: str
    """xxh3_128 of the samples and of where the segments lie; source paths and times do not enter."""
    split_by: Literal["file", "time"]
    """``time`` when there was a single file: its end is the validation split."""
    segments: tuple[Segment, ...]
    """Training first, without gaps."""
    skipped: tuple[Skipped, ...] = ()
    ignored: dict[str, int] = field(default_factory=dict)
    """How many files of which suffix lay in the source folders and are not audio."""

    def of(self, split: Split) -> tuple[Segment, ...]:
        """The segments of one split."""
        return tuple(segment for segment in self.segments if segment.split == split)

    def frames(self, split: Split) -> int:
        """Length of one split, frames."""
        return sum(segment.frames for segment in self.of(split))

    def seconds(self, split: Split) -> float:
        """Length of one split, seconds."""
        return self.frames(split) / self.sampling_rate

    def training_crops(self, crop: int) -> int:
        """Windows of ``crop`` frames that fit side by side into the training segments."""
        return sum(segment.frames // crop for segment in self.of("train"))

    def validation_crops(self, crop: int) -> int:
        """Windows of ``crop`` frames that fit side by side into the validation segments."""
        return sum(segment.frames // crop for segment in self.of("validation"))

    @property
    def audio_bytes(self) -> int:
        """Size that ``audio.i16`` must have."""
        return sum(segment.frames for segment in self.segments) * self.channels * BYTES


def write_index(folder: Path, index: DatasetIndex) -> None:
    """Publish ``index.json`` in a dataset's folder."""
    write_json(folder / INDEX, {"format": FORMAT, **dataclasses.asdict(index)})


def read_index(folder: Path) -> DatasetIndex:
    """Read the index of the dataset in ``folder``.

    Raises:
        DataError: There is no dataset, or its index is damaged or of another format.
    """
    path = folder / INDEX
    if not path.is_file():
        names = [found.name for found in list_datasets(folder.parent)]
        remedy = f"Datasets here: {', '.join(names)}." if names else "`ravetui data prepare` makes one."
        raise DataError("No such dataset", f"{folder.parent} has no dataset {folder.name!r}.", remedy)
    table = read_json(path)
    remedy = "Prepare it again under another name."
    if not isinstance(table, dict):
        raise DataError("Damaged dataset", f"{path} is not JSON.", remedy)
    if table.pop("format", None) != FORMAT:
        raise DataError("Unknown format", f"{path} was written by another version of ravetui.", remedy)
    try:
        index = _index(table)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("Damaged dataset", f"{path} does not fit together: {error}.", remedy) from None
    return index


def check_audio(folder: Path, index: DatasetIndex) -> None:
    """See that the samples are all there, by the file's size.

    Raises:
        DataError: ``audio.i16`` is missing, too short or too long.
    """
    path = folder / AUDIO
    size = path.stat().st_size if path.is_file() else None
    if size != index.audio_bytes:
        found = "missing" if size is None else f"{size} bytes long instead of {index.audio_bytes}"
        raise DataError("Damaged dataset", f"{path} is {found}.", "Copy it again, or prepare it under another name.")


def list_datasets(data_folder: Path) -> list[Path]:
    """Folders of the datasets in a workspace's ``data/``, in order of name; unfinished ones are hidden."""
    found = (path.parent for path in data_folder.glob(f"*/{INDEX}"))
    return sorted(path for path in found if not path.name.startswith("."))


def display(path: Path) -> str:
    """The path as text that every encoder takes: bytes that are not UTF-8 are escaped."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _index(table: dict[str, Any]) -> DatasetIndex:
    segments = tuple(
        Segment(**{**item, "files": tuple(SourceFile(**file) for file in item["files"])}) for item in table["segments"]
    )
    end = 0
    for segment in segments:
        if segment.split not in SPLITS or segment.offset != end or segment.frames < 1:
            raise ValueError(f"segment at frame {segment.offset}")
        if sum(file.frames for file in segment.files) != segment.frames:
            raise ValueError(f"files of the segment at frame {segment.offset}")
        end += segment.frames
    skipped = tuple(Skipped(**item) for item in table["skipped"])
    index = DatasetIndex(**{**table, "segments": segments, "skipped": skipped})
    if not segments or index.sampling_rate < 1 or index.channels < 1:
        raise ValueError("no audio")
    return index
