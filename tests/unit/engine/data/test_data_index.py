import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.enough import check_enough
from ravetui.engine.data.index import (
    AUDIO,
    INDEX,
    DatasetIndex,
    Segment,
    Skipped,
    SourceFile,
    check_audio,
    list_datasets,
    read_index,
    write_index,
)
from ravetui.errors import DataError

Build = Callable[..., Dataset]


def index_of(train: list[int], validation: list[int], rate: int = 1000) -> DatasetIndex:
    segments = []
    offset = 0
    for split, lengths in (("train", train), ("validation", validation)):
        for frames in lengths:
            file = SourceFile("/a/ü.wav", "ab", 0, frames, rate, 1, 0)
            segments.append(Segment(offset, frames, split, (file,)))  # type: ignore[arg-type]
            offset += frames
    skipped = (Skipped("/a/b.wav", "silent"),)
    return DatasetIndex(rate, 1, "2026-01-01T00:00:00+00:00", "f" * 32, "file", tuple(segments), skipped, {".jpg": 2})


def test_an_index_reads_back_as_it_was_written(tmp_path: Path) -> None:
    index = index_of([5000, 300], [700])
    write_index(tmp_path, index)
    assert read_index(tmp_path) == index


def test_lengths_and_crops_are_of_the_split() -> None:
    index = index_of([5000, 300, 2999], [1700, 999])
    assert index.seconds("train") == 8.299
    assert index.frames("validation") == 2699
    assert index.training_crops(1000) == 5 + 0 + 2
    assert index.validation_crops(1000) == 1


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.integers(1, 10**5))
def test_crops_are_the_windows_that_fit_into_each_segment(train: list[int], crop: int) -> None:
    windows = sum(len(range(0, frames - crop + 1, crop)) for frames in train)
    assert index_of(train, [1]).training_crops(crop) == windows


def test_datasets_are_listed_by_name_without_hidden_and_unfinished_ones(tmp_path: Path) -> None:
    for name in ("b", "a", ".c.preparing-7", "unfinished"):
        (tmp_path / name).mkdir()
        if name != "unfinished":
            write_index(tmp_path / name, index_of([10], [10]))
    assert list_datasets(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert list_datasets(tmp_path / "nowhere") == []


def test_a_missing_dataset_names_those_there_are(tmp_path: Path, build: Build) -> None:
    with pytest.raises(DataError) as caught:
        read_index(tmp_path / "x")
    assert "data prepare" in caught.value.remedy
    build([("train", [10])])
    with pytest.raises(DataError) as caught:
        read_index(tmp_path / "x")
    assert "built-1" in caught.value.remedy


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda table: "{", "not JSON"),
        (lambda table: "[]", "not JSON"),
        (lambda table: json.dumps({**table, "format": 99}), "another version"),
        (lambda table: json.dumps({**table, "segments": []}), "no audio"),
        (lambda table: json.dumps({**table, "segments": None}), "does not fit"),
        (lambda table: json.dumps({**table, "colour": "red"}), "colour"),
        (lambda table: json.dumps({k: v for k, v in table.items() if k != "fingerprint"}), "fingerprint"),
        (lambda table: json.dumps(table).replace('"offset": 10', '"offset": 11'), "segment at frame 11"),
        (lambda table: json.dumps(table).replace('"split": "train"', '"split": "test"'), "segment at frame 0"),
        (lambda table: json.dumps(table).replace('"frames": 10, "sam', '"frames": 9, "sam'), "files of the segment"),
    ],
)
def test_a_damaged_index_says_what_is_wrong(tmp_path: Path, damage: Callable[[object], str], words: str) -> None:
    write_index(tmp_path, index_of([10], [10]))
    path = tmp_path / INDEX
    path.write_text(damage(json.loads(path.read_text())))
    with pytest.raises(DataError, match=words) as caught:
        read_index(tmp_path)
    assert str(path) in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("change", [-2, 2, None])
def test_lost_or_surplus_samples_are_noticed_on_opening(build: Build, change: int | None) -> None:
    dataset = build([("train", [10]), ("validation", [5])], channels=2)
    path = dataset.folder / AUDIO
    if change is None:
        path.unlink()
        words = "missing"
    else:
        path.write_bytes(bytes(60 + change))
        words = f"{60 + change} bytes long instead of 60"
    with pytest.raises(DataError, match=words):
        Dataset(dataset.folder)
    with pytest.raises(DataError, match=words):
        dataset.verify()
    with pytest.raises(DataError, match=words):
        check_audio(dataset.folder, dataset.index)


def test_too_little_audio_is_said_with_numbers() -> None:
    check_enough(index_of([8000], [1000]), crop=1000, batch_size=8)
    with pytest.raises(DataError) as caught:
        check_enough(index_of([5500], [1000]), crop=1000, batch_size=8)
    assert caught.value.message == ("There are 5 crops of 1.00 s to train on (5.5 s of audio), and a step needs 8.")
    assert caught.value.remedy == "Prepare about 3 s more, or choose a smaller batch_size or crop."
    with pytest.raises(DataError, match=r"no crops of 9\.00 s"):
        check_enough(index_of([5500], [1000]), crop=9000, batch_size=8)
    with pytest.raises(DataError, match=r"Validation has 0\.90 s at a stretch, and a crop is 1\.00 s"):
        check_enough(index_of([8000], [900, 800]), crop=1000, batch_size=8)
