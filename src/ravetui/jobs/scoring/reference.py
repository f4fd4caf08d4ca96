"""Reference sets: a split of the run's dataset, a folder of audio files, or another run's samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ravetui.engine.data.clips import shares_of
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import Split
from ravetui.engine.data.source import find_audio, hash_content
from ravetui.errors import ScoreError
from ravetui.jobs.scoring.clips import choose_clips, clip_seconds, original
from ravetui.jobs.scoring.item import Item, mono
from ravetui.jobs.scoring.request import ScoreRequest
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.sound import derived_sound
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.workspace import workspace_above

if TYPE_CHECKING:
    from ravetui.jobs.scoring.item import Audio

KNOWN = "It may be validation, train, a folder of audio files, or run:NAME for another run's samples."
RUN = "run:"


@dataclass(frozen=True)
class Reference:
    """A set of sounds to be like."""

    label: str
    """What scores say they were made against: ``validation``, ``train``, ``folder NAME``, ``run NAME at step N``."""
    items: list[Item]


def find_reference(request: ScoreRequest, dataset: Dataset, embedder: Embedder) -> Reference:
    """The reference that a request names.

    Raises:
        ScoreError: There is none, or nothing in it can be read.
    """
    name = request.reference
    if name in ("validation", "train"):
        clips = choose_clips(dataset, cast(Split, name), embedder, request.seconds)
        return Reference(name, [original(dataset, clip) for clip in clips])
    if name.startswith(RUN):
        return _of_run(request, name.removeprefix(RUN), embedder)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ScoreError("No such reference", f"There is no reference {name!r}: no such folder.", KNOWN)
    files = find_audio([folder]).files
    if not files:
        raise ScoreError("Empty reference", f"There is no audio file in {folder}.", "libsndfile reads WAV, FLAC, OGG …")
    return Reference(f"folder {folder.resolve().name}", _stretches(files, clip_seconds(embedder), request.seconds))


def _of_run(request: ScoreRequest, name: str, embedder: Embedder) -> Reference:
    workspace = workspace_above(request.run.path)
    if workspace is None:
        raise ScoreError("No such reference", f"{request.run.path} lies in no workspace, so there is no {name}.", KNOWN)
    other = workspace.run(name)
    steps = sampled_steps(other)
    if not steps:
        raise ScoreError("Empty reference", f"Run {name} has no samples yet.", f"`ravetui sample {name}` makes some.")
    files = [sample.reconstruction for sample in list_samples(other, steps[0])]
    items = _stretches(files, clip_seconds(embedder), request.seconds)
    return Reference(f"run {name} at step {steps[0]}", items)


def _stretches(files: Sequence[Path], length: float, seconds: float) -> list[Item]:
    """Stretches of files, ``seconds`` in all at most: one of each file before any gives two, evenly spread."""
    import soundfile

    found = []
    for path in files:
        try:
            info = soundfile.info(path)
        except (OSError, soundfile.SoundFileError) as error:
            raise ScoreError("Score", f"{path} cannot be read: {error}.", "Leave it out, or make it again.") from None
        if info.frames:
            found.append((path, int(info.frames), int(info.samplerate)))
    count = max(int(seconds / length), 1)
    capacities = [max(1, int(frames / rate / length)) for _, frames, rate in found]
    shares = shares_of(capacities, count)
    items = []
    for (path, frames, rate), share in zip(found, shares, strict=True):
        size = min(frames, round(length * rate))
        content = hash_content(path, lambda _share: None) if share else ""
        for number in range(share):
            low, high = frames * number // share, frames * (number + 1) // share
            start = low + max(high - low - size, 0) // 2
            items.append(_stretch(path, start, min(size, frames - start), rate, content))
    return items


def _stretch(path: Path, start: int, frames: int, rate: int, content: str) -> Item:
    def audio() -> "Audio":
        import soundfile

        try:
            samples, _ = soundfile.read(path, frames, start, dtype="float32", always_2d=True)
        except (OSError, soundfile.SoundFileError) as error:
            raise ScoreError("Score", f"{path} cannot be read: {error}.", "Leave it out, or make it again.") from None
        return cast("Audio", samples.T)

    sound = derived_sound(("stretch", content, str(start), str(frames)), lambda: (mono(audio()), rate), path.name)
    return Item(path.stem, sound, sound.key(), frames, rate, frozenset({content}), audio, path, start / rate)
