import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ravetui.engine.data.source import audio_suffixes, find_audio, hash_content


def touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_suffixes_are_those_of_the_installed_libsndfile() -> None:
    suffixes = audio_suffixes()
    assert {"wav", "flac", "ogg", "opus", "aif", "aiff", "caf", "w64", "mp3", "au"} <= suffixes
    assert "raw" not in suffixes


def test_folders_are_searched_all_the_way_down_in_order_of_name(tmp_path: Path) -> None:
    expected = [touch(tmp_path / name) for name in ("b.WAV", "sub/a.flac", "sub/deep er/ü.ogg")]
    assert find_audio([tmp_path]).files == expected


def test_what_is_no_audio_is_counted_and_other_audio_is_named(tmp_path: Path) -> None:
    for name in ("a.wav", "cover.jpg", "back.JPG", "notes", ".hidden.wav", ".git/x.wav", "song.m4a"):
        touch(tmp_path / name)
    found = find_audio([tmp_path])
    assert found.files == [tmp_path / "a.wav"]
    assert found.ignored == {".jpg": 2, "no suffix": 1, "hidden": 1}
    ((path, reason),) = [(item.path, item.reason) for item in found.skipped]
    assert path == str(tmp_path / "song.m4a")
    assert ".m4a" in reason


def test_a_named_file_is_tried_whatever_its_name_is(tmp_path: Path) -> None:
    file = touch(tmp_path / ".recording.bin")
    assert find_audio([file]).files == [file]


def test_a_file_reached_twice_counts_once(tmp_path: Path) -> None:
    file = touch(tmp_path / "a.wav")
    (tmp_path / "link.wav").symlink_to(file)
    found = find_audio([file, tmp_path, tmp_path / "." / "a.wav"])
    assert found.files == [file]
    assert found.skipped == []


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    file = touch(tmp_path / "sub/a.wav")
    (tmp_path / "sub/up").symlink_to(tmp_path)
    (tmp_path / "sub/here").symlink_to(tmp_path / "sub")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    found = find_audio([tmp_path])
    assert found.files == [file]
    assert [Path(item.path).name for item in found.skipped] == ["loop.wav"]


def test_datasets_and_runs_in_a_folder_are_passed_over(tmp_path: Path, build: Callable[..., object]) -> None:
    build([("train", [100])])
    touch(tmp_path / "built-1/export.wav")
    touch(tmp_path / "run/spec.toml")
    touch(tmp_path / "run/samples/r.flac")
    file = touch(tmp_path / "own/a.wav")
    assert find_audio([tmp_path]).files == [file]
    assert find_audio([tmp_path / "run"]).files == [tmp_path / "run/samples/r.flac"]


def test_empty_missing_and_special_files_are_named(tmp_path: Path) -> None:
    touch(tmp_path / "empty.wav", b"")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "broken.wav").symlink_to(tmp_path / "nowhere.wav")
    found = find_audio([tmp_path, tmp_path / "typo.wav"])
    assert found.files == []
    reasons = {Path(item.path).name: item.reason for item in found.skipped}
    assert reasons.keys() == {"empty.wav", "pipe.wav", "broken.wav", "typo.wav"}
    assert reasons["empty.wav"] == "empty file"
    assert reasons["pipe.wav"] == "not a regular file"
    assert "No such file" in reasons["typo.wav"]


def test_a_name_that_is_not_utf_8_is_found_and_escaped_when_skipped(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.wav"))).write_bytes(b"")
    (item,) = find_audio([tmp_path]).skipped
    assert item.path.endswith(r"\xff.wav")
    item.path.encode()


@pytest.mark.parametrize(
    ("content", "digest"),
    [(b"", "99aa06d3014798d86001c324468d497f"), (b"a", "a96faf705af16834e6c632b61e964e1f")],
)
def test_hash_is_xxh3_128(tmp_path: Path, content: bytes, digest: str) -> None:
    assert hash_content(touch(tmp_path / "a", content), lambda _share: None) == digest


def test_hash_tells_how_far_it_is(tmp_path: Path) -> None:
    shares: list[float] = []
    hash_content(touch(tmp_path / "a", bytes(3 << 20)), shares.append)
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
