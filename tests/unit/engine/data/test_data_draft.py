"""Decoded in place, or moved where a file is not as its header says: the same samples either way."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import ravetui.engine.data.prepare as preparing
from ravetui.config import DataSettings
from ravetui.engine.data.decode import expected_frames
from ravetui.engine.data.draft import Draft
from ravetui.engine.data.index import AUDIO, DatasetIndex
from ravetui.engine.data.joining import _gather

RATE = 16000


def album(folder: Path, *, silent: bool) -> Path:
    folder.mkdir()
    random = np.random.default_rng(1)
    for number, (seconds, rate) in enumerate(((3.0, 16000), (2.2, 22050), (0.4, 16000), (0.3, 48000), (4.1, 8000))):
        soundfile.write(folder / f"{number}.flac", 0.3 * random.standard_normal(int(seconds * rate)), rate)
    if silent:
        for number in range(3):
            soundfile.write(folder / f"silent-{number}.wav", np.zeros(RATE + number), RATE)
    return folder


def prepared(folder: Path, name: str) -> tuple[DatasetIndex, bytes]:
    settings = DataSettings(RATE, 1, validation_fraction=0.3, join_seconds=1.0)
    index = preparing.prepare(folder.parent / name, [folder], settings, lambda _done, _note: None)
    assert sorted(path.name for path in (folder.parent / name).iterdir()) == [AUDIO, "index.json"]
    return index, (folder.parent / name / AUDIO).read_bytes()


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Told whenever samples were moved."""
    seen: list[object] = []

    def gather(*arguments: Any) -> None:
        seen.append(arguments)
        _gather(*arguments)

    monkeypatch.setattr("ravetui.engine.data.joining._gather", gather)
    return seen


def test_files_that_are_as_their_headers_say_are_never_copied(tmp_path: Path, copies: list[object]) -> None:
    prepared(album(tmp_path / "a", silent=False), "one")
    assert not copies


def test_a_file_that_is_not_used_or_longer_or_shorter_changes_no_sample(
    tmp_path: Path, copies: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, audio = prepared(album(tmp_path / "a", silent=False), "one")
    with_silence, same = prepared(album(tmp_path / "b", silent=True), "two")
    assert (same, with_silence.fingerprint, len(with_silence.skipped)) == (audio, index.fingerprint, 3)
    assert len(copies) == 1
    expected = expected_frames
    for number, wrong in enumerate((lambda n: n + 700, lambda n: n - 700, lambda n: 0, lambda n: 100), 2):
        monkeypatch.setattr(
            preparing, "expected_frames", lambda path, target, wrong=wrong: wrong(expected(path, target))
        )
        again, same = prepared(tmp_path / "a", f"again-{number}")
        assert (same, again.fingerprint, again.segments[0].frames) == (
            audio,
            index.fingerprint,
            index.segments[0].frames,
        )
        assert len(copies) == number


def test_what_finds_no_room_goes_to_a_file_of_its_own_whole(tmp_path: Path) -> None:
    with Draft(tmp_path / "draft", [(0, 4), (4, 4)], 1) as draft:
        first, second = draft.region(0), draft.region(1)
        for block in (np.arange(3, dtype="<i2"), np.arange(3, 6, dtype="<i2")):
            first.write(block.data)
        second.write(np.arange(10, 14, dtype="<i2").data)
        for region in (first, second):
            region.close()
            draft.done(region)
    assert (first.is_whole, second.is_whole) == (False, True)
    assert first.scratch is not None
    assert np.fromfile(first.scratch, "<i2").tolist() == [0, 1, 2, 3, 4, 5]
    assert np.fromfile(tmp_path / "draft", "<i2")[4:].tolist() == [10, 11, 12, 13]
