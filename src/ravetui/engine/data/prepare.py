"""Audio files as a dataset: found, decoded, split, joined and published whole or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ravetui.config import DataSettings
from ravetui.engine.data.decode import Target, UnusableError, decode, expected_frames
from ravetui.engine.data.draft import Draft
from ravetui.engine.data.index import (
    AUDIO,
    SPLITS,
    DatasetIndex,
    Skipped,
    SourceFile,
    Split,
    display,
    write_index,
)
from ravetui.engine.data.joining import Piece, join_short, offsets, write_audio
from ravetui.engine.data.pool import Progress, over_files
from ravetui.engine.data.scratch import scratch_folder
from ravetui.engine.data.source import find_audio, hash_content
from ravetui.engine.data.split import choose_validation
from ravetui.errors import ConfigError, DataError
from ravetui.runs.atomic import publish_folder

_HASHED, _DECODED = 0.1, 0.9
"""Progress when the files are hashed and when they are decoded; the rest is writing."""


class NothingKeptError(DataError):
    """Not one of the files can be used; ``skipped`` says why of each."""

    def __init__(self, skipped: Sequence[Skipped]) -> None:
        named = "; ".join(f"{Path(item.path).name}: {item.reason}" for item in skipped[:3])
        more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
        message = f"None of the {len(skipped)} files can be used: {named}{more}." if skipped else "No audio was found."
        super().__init__("No audio", message, "Name files, or folders of files, that libsndfile reads.")
        self.skipped = tuple(skipped)


def prepare(final: Path, sources: Sequence[Path], settings: DataSettings, progress: Progress) -> DatasetIndex:
    """Make the dataset ``final`` of the audio in ``sources``.

    The samples and the split are a function of the files' contents and the settings: names, folders and the order of
    ``sources`` do not enter.

    Args:
        final: The dataset's folder, which must not exist.
        sources: Files and folders.
        settings: Rate, channels, validation share, joining and silence.
        progress: Hears how far it is and a word about it.

    Returns:
        The index of the published dataset; it names every file that was kept and every one that was skipped.

    Raises:
        ConfigError: A setting makes no sense.
        DataError: The name is taken, nothing can be used, or the disk is full. Nothing is left behind.
    """
    check_settings(settings)
    if final.exists():
        raise DataError(
            "Dataset exists", f"There is a dataset {final.name!r} already.", "Choose another name, or delete it first."
        )
    try:
        with scratch_folder(final) as beside:
            index = _prepare(beside, sources, settings, progress)
            write_index(beside, index)
            publish_folder(beside, final)
    except OSError as error:
        raise DataError(
            "Cannot write",
            f"The dataset {final.name!r} could not be written to {final.parent}: {error.strerror or error}.",
            "Nothing of it was kept. Make room or check the folder, then prepare it again.",
        ) from error
    progress(1.0, "")
    return index


def check_settings(settings: DataSettings) -> None:
    """See that the settings make sense.

    Raises:
        ConfigError: Naming the one that does not.
    """
    rules = (
        ("sampling_rate", 8000 <= settings.sampling_rate <= 192_000, "from 8000 to 192000 Hz"),
        ("channels", 1 <= settings.channels <= 16, "from 1 to 16"),
        ("validation_fraction", 0 < settings.validation_fraction <= 0.5, "above 0 and at most 0.5"),
        ("join_seconds", 0 <= settings.join_seconds <= 3600, "from 0 to 3600 s"),
        ("silence_db", -150 <= settings.silence_db <= 0, "from -150 to 0 dBFS"),
    )
    for key, good, range_text in rules:
        if not good:
            value = getattr(settings, key)
            raise ConfigError(
                "Bad setting", f"data.{key} must be {range_text}, not {value}.", "Change it and try again."
            )


@dataclass(frozen=True)
class _File:
    """A source file after a pass over it."""

    path: Path
    content: str
    frames: int
    """How many frames it will have, by its header."""


def _prepare(beside: Path, sources: Sequence[Path], settings: DataSettings, progress: Progress) -> DatasetIndex:
    """Fill the folder but for its index."""
    progress(0.0, "looking for files")
    found = find_audio(sources)
    target = Target(settings.sampling_rate, settings.channels, settings.silence_db)
    files, skipped = _hash(found.files, target, lambda share: progress(share * _HASHED, "comparing files"))
    with Draft(beside / AUDIO, _expected(beside / AUDIO, files, settings), settings.channels) as draft:
        pieces, unusable = _decode(
            draft,
            files,
            target,
            lambda share: progress(_HASHED + share * (_DECODED - _HASHED), f"decoding {len(files)} files"),
        )
    skipped = sorted([*found.skipped, *skipped, *unusable], key=lambda item: item.path)
    if not pieces:
        raise NothingKeptError(skipped)
    segments, fingerprint = write_audio(
        beside / AUDIO,
        _grouped(pieces, settings),
        settings.sampling_rate,
        settings.channels,
        lambda share: progress(_DECODED + share * (1 - _DECODED), "writing"),
    )
    split_by: Literal["file", "time"] = "file" if len(pieces) > 1 else "time"
    return DatasetIndex(
        sampling_rate=settings.sampling_rate,
        channels=settings.channels,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=fingerprint,
        split_by=split_by,
        segments=segments,
        skipped=tuple(skipped),
        ignored=dict(sorted(found.ignored.items())),
    )


def _grouped(pieces: Sequence[Piece], settings: DataSettings) -> list[tuple[Split, list[Piece]]]:
    """The pieces of each segment, training first."""
    splits = _split(pieces, settings.validation_fraction)
    shortest = round(settings.join_seconds * settings.sampling_rate)
    return [(split, group) for split in SPLITS for group in join_short(splits[split], shortest)]


def _expected(audio: Path, files: Sequence[_File], settings: DataSettings) -> list[tuple[int, int]]:
    """First frame and frames of each file in the dataset, if all of them are as their headers say."""
    pieces = [
        Piece(audio, SourceFile("", file.content, 0, file.frames, settings.sampling_rate, settings.channels, 0))
        for file in files
        if file.frames
    ]
    first = offsets(_grouped(pieces, settings)) if pieces else {}
    return [(first.get(file.content, 0), file.frames) for file in files]


def _hash(
    paths: Sequence[Path], target: Target, progress: Callable[[float], None]
) -> tuple[list[_File], list[Skipped]]:
    """The files in the order of their contents, and those whose content is there already or cannot be read."""

    def work(number: int, on_share: Callable[[float], None]) -> _File | Skipped:
        path = paths[number]
        try:
            return _File(path, hash_content(path, on_share), expected_frames(path, target))
        except OSError as error:
            return Skipped(display(paths[number]), f"unreadable: {error.strerror or error}")

    results = over_files(work, [_size(path) for path in paths], progress)
    first: dict[str, _File] = {}
    skipped: list[Skipped] = []
    for path, result in zip(paths, results, strict=True):
        if isinstance(result, Skipped):
            skipped.append(result)
        elif result.content in first:
            skipped.append(Skipped(display(path), f"duplicate of {display(first[result.content].path)}"))
        else:
            first[result.content] = result
    return [file for _, file in sorted(first.items())], skipped


def _decode(
    draft: Draft, files: Sequence[_File], target: Target, progress: Callable[[float], None]
) -> tuple[list[Piece], list[Skipped]]:
    """The decoded files in the same order, and those that cannot be used."""

    def work(number: int, on_share: Callable[[float], None]) -> Piece | Skipped:
        file, region = files[number], draft.region(number)
        unusable = ""
        try:
            got = decode(file.path, region, target, on_share)
        except UnusableError as error:
            unusable = str(error)
            return Skipped(display(file.path), unusable)
        finally:
            region.close(discard=bool(unusable))
            draft.done(region)
        source = SourceFile(
            path=display(file.path),
            content=file.content,
            start=0,
            frames=got.frames,
            sampling_rate=got.sampling_rate,
            channels=got.channels,
            clipped=got.clipped,
        )
        return (
            Piece(draft.path, source, draft.first(number)) if region.scratch is None else Piece(region.scratch, source)
        )

    results = over_files(work, [_size(file.path) for file in files], progress)
    pieces = [result for result in results if isinstance(result, Piece)]
    return pieces, [result for result in results if isinstance(result, Skipped)]


def _split(pieces: Sequence[Piece], fraction: float) -> dict[Split, list[Piece]]:
    """The pieces of each split, in the order of their contents; a single file is split by time."""
    if len(pieces) == 1:
        (piece,) = pieces
        kept = max(1, round(fraction * piece.source.frames))
        before = piece.source.frames - kept
        return {
            "train": [replace(piece, source=replace(piece.source, frames=before))],
            "validation": [replace(piece, source=replace(piece.source, start=before, frames=kept))],
        }
    chosen = choose_validation({piece.source.content: piece.source.frames for piece in pieces}, fraction)
    return {
        "train": [piece for piece in pieces if piece.source.content not in chosen],
        "validation": [piece for piece in pieces if piece.source.content in chosen],
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
