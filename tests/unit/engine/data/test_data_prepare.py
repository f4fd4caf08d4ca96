import dataclasses
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.config import DataSettings
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO, DatasetIndex, list_datasets
from ravetui.engine.data.prepare import NothingKeptError, prepare
from ravetui.errors import ConfigError, DataError

Tone = Callable[..., NDArray[np.float64]]
Save = Callable[..., Path]

SETTINGS = DataSettings(sampling_rate=8000, join_seconds=2.0)


def quiet(_share: float, _word: str) -> None:
    pass


def make(final: Path, *sources: Path, **changes: float) -> DatasetIndex:
    return prepare(final, sources, dataclasses.replace(SETTINGS, **changes), quiet)  # type: ignore[arg-type]


@pytest.fixture
def album(tmp_path: Path, tone: Tone, save: Save) -> Path:
    """Ten usable files of different lengths, formats, rates and channels; and ten that are not."""
    folder = tmp_path / "album"
    for number, (name, rate, channels, seconds) in enumerate(
        [
            ("one.wav", 8000, 1, 5.0),
            ("two.flac", 44100, 2, 4.0),
            ("three.ogg", 22050, 1, 3.0),
            ("four.aiff", 48000, 2, 2.5),
            ("sub/fünf – cinq.wav", 16000, 6, 2.0),
            ("sub/six.wav", 8000, 1, 1.0),
            ("sub/seven.flac", 32000, 1, 0.7),
            ("eight.wav", 8000, 2, 0.5),
            ("nine.wav", 11025, 1, 0.3),
            ("ten.flac", 96000, 2, 1.5),
        ]
    ):
        save(folder / name, tone(seconds, rate, channels, hz=200 + 50 * number), rate)
    (folder / "text.wav").write_text("a text")
    (folder / "empty.wav").touch()
    (folder / "song.m4a").write_text("x")
    (folder / "cover.jpg").write_text("x")
    save(folder / "no frames.wav", np.zeros((0, 1)), 8000)
    save(folder / "silent.wav", np.zeros(8000), 8000)
    save(folder / "nan.wav", np.array([0.1] * 999 + [np.nan]), 8000, "FLOAT")
    save(folder / "blip.wav", tone(0.004, 8000), 8000)
    shutil.copy(folder / "one.wav", folder / "zz one again.wav")
    return folder


def names(index: DatasetIndex) -> dict[str, set[str]]:
    return {split: {Path(f.path).name for s in index.of(split) for f in s.files} for split in ("train", "validation")}


def test_every_file_is_either_kept_or_named_with_a_reason(tmp_path: Path, album: Path) -> None:
    index = make(tmp_path / "data/set", album)
    kept = names(index)
    assert len(kept["train"] | kept["validation"]) == 10
    assert not kept["train"] & kept["validation"]
    reasons = {Path(item.path).name: item.reason for item in index.skipped}
    assert reasons == {
        "text.wav": "unreadable: Format not recognised",
        "empty.wav": "empty file",
        "song.m4a": "libsndfile does not read .m4a; convert it, for example to FLAC",
        "no frames.wav": "empty: no audio in it",
        "silent.wav": "silent: its peak is zero",
        "nan.wav": "holds NaN or infinity at 0.12 s",
        "blip.wav": "shorter than 10 ms",
        "zz one again.wav": f"duplicate of {album / 'one.wav'}",
    }
    assert index.ignored == {".jpg": 1}


def test_no_audio_is_lost_and_segments_are_long_enough(tmp_path: Path, album: Path) -> None:
    index = make(tmp_path / "data/set", album)
    assert index.seconds("train") + index.seconds("validation") == pytest.approx(20.5, abs=0.01)
    assert 0 < index.seconds("validation") < 2 * 2.05
    for split in ("train", "validation"):
        segments = index.of(split)
        assert all(segment.frames >= 16000 for segment in segments) or len(segments) == 1
    assert Dataset(tmp_path / "data/set").index == index


def test_the_samples_are_those_of_the_files(tmp_path: Path, tone: Tone, save: Save) -> None:
    paths = [save(tmp_path / f"{hz}.wav", tone(3, 8000, hz=hz), 8000) for hz in (200, 300, 400)]
    index = make(tmp_path / "data/set", *paths)
    dataset = Dataset(tmp_path / "data/set")
    for number, segment in enumerate(index.segments):
        (file,) = segment.files
        expected = tone(3, 8000, hz=int(Path(file.path).stem))[:, 0]
        np.testing.assert_allclose(dataset.crop(number, 0, segment.frames)[0], expected, atol=2**-15)


def test_names_folders_and_order_do_not_matter(tmp_path: Path, album: Path) -> None:
    first = make(tmp_path / "data/a", album)
    again = make(tmp_path / "data/b", *sorted(album.rglob("*.*"), reverse=True))
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for number, path in enumerate(sorted(album.rglob("*.*"), key=lambda path: path.name[::-1])):
        shutil.copy(path, moved / f"{number}{path.suffix}")
    third = make(tmp_path / "data/c", moved)
    assert first.fingerprint == again.fingerprint == third.fingerprint
    contents = {(tmp_path / "data" / name / AUDIO).read_bytes() for name in "abc"}
    assert len(contents) == 1
    layouts = {tuple((s.offset, s.frames, s.split) for s in index.segments) for index in (first, again, third)}
    assert len(layouts) == 1


def test_other_content_or_settings_give_another_fingerprint(tmp_path: Path, album: Path) -> None:
    found = {make(tmp_path / "data/a", album).fingerprint}
    found.add(make(tmp_path / "data/b", album, channels=2).fingerprint)
    found.add(make(tmp_path / "data/c", album, sampling_rate=16000).fingerprint)
    found.add(make(tmp_path / "data/d", album, validation_fraction=0.4).fingerprint)
    (album / "one.wav").unlink()
    (album / "zz one again.wav").unlink()
    found.add(make(tmp_path / "data/e", album).fingerprint)
    assert len(found) == 5


def test_two_files_give_one_to_each_split(tmp_path: Path, tone: Tone, save: Save) -> None:
    save(tmp_path / "in/long.wav", tone(30, 8000), 8000)
    save(tmp_path / "in/short.wav", tone(3, 8000), 8000)
    index = make(tmp_path / "data/set", tmp_path / "in")
    assert names(index) == {"train": {"long.wav"}, "validation": {"short.wav"}}
    assert index.split_by == "file"


def test_a_single_file_is_split_by_time_without_a_joint(tmp_path: Path, tone: Tone, save: Save) -> None:
    path = save(tmp_path / "only.wav", tone(10, 8000), 8000, "PCM_16")
    index = make(tmp_path / "data/set", path)
    assert index.split_by == "time"
    assert [(s.split, s.frames, s.files[0].start) for s in index.segments] == [
        ("train", 72000, 0),
        ("validation", 8000, 72000),
    ]
    samples = np.fromfile(tmp_path / "data/set" / AUDIO, "<i2") / 2**15
    np.testing.assert_allclose(samples, tone(10, 8000)[:, 0], atol=2**-15)


def test_channels_and_clipping_are_recorded(tmp_path: Path, tone: Tone, save: Save) -> None:
    loud = tone(3, 8000, 2)
    loud[100:110] = 3.0
    save(tmp_path / "in/loud.wav", loud, 8000, "FLOAT")
    save(tmp_path / "in/mono.wav", tone(3, 8000, hz=300), 8000)
    index = make(tmp_path / "data/set", tmp_path / "in", channels=2)
    files = {Path(f.path).name: f for s in index.segments for f in s.files}
    assert (files["loud.wav"].channels, files["loud.wav"].clipped) == (2, 20)
    assert (files["mono.wav"].channels, files["mono.wav"].clipped) == (1, 0)
    assert Dataset(tmp_path / "data/set").crop(0, 0, 5).shape == (2, 5)


def test_an_existing_dataset_is_never_overwritten(tmp_path: Path, album: Path) -> None:
    first = make(tmp_path / "data/set", album)
    with pytest.raises(DataError, match="There is a dataset 'set' already") as caught:
        make(tmp_path / "data/set", album, channels=2)
    assert "another name" in caught.value.remedy
    assert Dataset(tmp_path / "data/set").index == first


def test_nothing_usable_says_why_of_each_and_leaves_nothing(tmp_path: Path, save: Save) -> None:
    for number in range(5):
        save(tmp_path / f"in/{number}.wav", np.zeros(8000 + number), 8000)
    with pytest.raises(NothingKeptError, match=r"None of the 5 files.*and 2 more") as caught:
        make(tmp_path / "data/set", tmp_path / "in")
    assert len(caught.value.skipped) == 5
    assert list((tmp_path / "data").iterdir()) == []
    (tmp_path / "nothing").mkdir()
    with pytest.raises(NothingKeptError, match="No audio was found"):
        make(tmp_path / "data/set", tmp_path / "nothing")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sampling_rate", 10),
        ("channels", 0),
        ("validation_fraction", 0.0),
        ("validation_fraction", 0.9),
        ("join_seconds", -1.0),
        ("silence_db", 3.0),
    ],
)
def test_senseless_settings_are_named(tmp_path: Path, key: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"data.{key}"):
        make(tmp_path / "data/set", tmp_path, **{key: value})


@pytest.mark.parametrize("moment", ["looking for files", "comparing files", "decoding 10 files", "writing"])
def test_an_interruption_leaves_nothing(tmp_path: Path, album: Path, moment: str) -> None:
    for path in ("text.wav", "no frames.wav", "silent.wav", "nan.wav", "blip.wav"):
        (album / path).unlink()

    def interrupt(_share: float, word: str) -> None:
        if word == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path / "data/set", [album], SETTINGS, interrupt)
    assert list((tmp_path / "data").iterdir()) == []


def test_progress_rises_to_one(tmp_path: Path, album: Path) -> None:
    shares: list[float] = []
    prepare(tmp_path / "data/set", [album], SETTINGS, lambda share, _word: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_kept(tmp_path: Path, album: Path) -> None:
    data = tmp_path / "data"
    dead, unborn, living = (data / f".{name}.preparing-1" for name in ("dead", "unborn", "living"))
    for path in (dead, unborn, living):
        path.mkdir(parents=True)
    for path in (dead, living):
        (path / "lock").touch()
        (path / "000000.i16").write_bytes(b"12")
    lock = os.open(living / "lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        make(data / "set", album)
        assert sorted(path.name for path in data.iterdir()) == [".living.preparing-1", "set"]
        assert list_datasets(data) == [data / "set"]
        with pytest.raises(DataError, match="Process 1 prepares 'living' right now"):
            make(data / "living", album)
    finally:
        os.close(lock)
    make(data / "living", album)
    assert sorted(path.name for path in data.iterdir()) == ["living", "set"]
    assert sorted(path.name for path in (data / "set").iterdir()) == ["audio.i16", "index.json"]
