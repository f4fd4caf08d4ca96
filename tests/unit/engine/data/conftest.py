"""Audio files and datasets to test with."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO, DatasetIndex, Segment, SourceFile, Split, write_index

Audio = NDArray[np.float64]


@pytest.fixture
def tone() -> Callable[..., Audio]:
    """A sine in every channel, (frames, channels)."""

    def make(seconds: float, rate: int, channels: int = 1, hz: float = 440.0, amplitude: float = 0.5) -> Audio:
        wave = amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
        return np.repeat(wave[:, None], channels, axis=1)

    return make


@pytest.fixture
def save() -> Callable[..., Path]:
    """Writes an audio file with libsndfile and gives its path back."""

    def write(path: Path, audio: Audio, rate: int, subtype: str | None = None) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, audio, rate, subtype=subtype)
        return path

    return write


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Dataset]:
    """A dataset written by hand: frames of each file of each segment, samples that count up from 0."""
    made = 0

    def make(segments: Sequence[tuple[Split, Sequence[int]]], channels: int = 1, rate: int = 8000) -> Dataset:
        nonlocal made
        made += 1
        folder = tmp_path / f"built-{made}"
        folder.mkdir()
        rows: list[Segment] = []
        offset = 0
        for number, (split, files) in enumerate(segments):
            sources = tuple(
                SourceFile(f"/audio/{number}/take{k}.wav", f"{number:016x}{k:016x}", 0, frames, rate, channels, 0)
                for k, frames in enumerate(files)
            )
            rows.append(Segment(offset, sum(files), split, sources))
            offset += sum(files)
        samples = np.arange(offset * channels).astype("<i2")
        samples.tofile(folder / AUDIO)
        write_index(folder, DatasetIndex(rate, channels, "2026-01-01T00:00:00+00:00", "f", "file", tuple(rows)))
        return Dataset(folder)

    return make
