import errno
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.engine.data.index import SourceFile
from ravetui.engine.data.joining import Piece, join_short, write_audio


def piece(frames: int, scratch: Path = Path("x"), start: int = 0) -> Piece:
    return Piece(scratch, SourceFile(f"{frames}.wav", "h", start, frames, 8000, 1, 0))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30), st.integers(0, 200))
def test_nothing_is_dropped_and_segments_are_long_enough(lengths: list[int], shortest: int) -> None:
    pieces = [piece(length) for length in lengths]
    groups = join_short(pieces, shortest)
    joined = [item.source.frames for group in groups for item in group]
    assert sorted(joined) == sorted(lengths)
    for group in groups:
        total = sum(item.source.frames for item in group)
        assert total >= shortest or len(groups) == 1


def test_long_files_stand_alone_and_the_remainder_joins_the_last() -> None:
    groups = join_short([piece(n) for n in (3, 20, 4, 5, 10, 2)], 10)
    assert [[item.source.frames for item in group] for group in groups] == [[20], [10], [3, 4, 5, 2]]
    groups = join_short([piece(n) for n in (20, 4)], 10)
    assert [[item.source.frames for item in group] for group in groups] == [[20, 4]]


def test_joints_are_faded_and_nothing_else_is_touched(tmp_path: Path) -> None:
    rate, fade = 8000, 40
    full = np.full(1000, 20000, "<i2")
    for name in ("a", "b", "c"):
        full.tofile(tmp_path / name)
    pieces = [piece(1000, tmp_path / name) for name in ("a", "b", "c")]
    segments, _ = write_audio(tmp_path / "out", [("train", pieces[:2]), ("validation", pieces[2:])], rate, 1, print)
    audio = np.fromfile(tmp_path / "out", "<i2")
    assert [(s.offset, s.frames, s.split) for s in segments] == [(0, 2000, "train"), (2000, 1000, "validation")]
    assert (audio[: 1000 - fade] == 20000).all()
    assert (audio[1000 + fade :] == 20000).all()
    falling = audio[1000 - fade : 1000]
    assert all(a > b for a, b in pairwise(falling.tolist()))
    assert falling[-1] < 200
    np.testing.assert_array_equal(falling[::-1], audio[1000 : 1000 + fade])
    assert not any((tmp_path / name).exists() for name in ("a", "b", "c"))


def test_the_two_parts_of_one_file_make_the_whole(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-30000, 30000, (500, 2)).astype("<i2")
    samples.tofile(tmp_path / "a")
    parts = [piece(400, tmp_path / "a"), piece(100, tmp_path / "a", start=400)]
    write_audio(tmp_path / "out", [("train", parts[:1]), ("validation", parts[1:])], 8000, 2, print)
    np.testing.assert_array_equal(np.fromfile(tmp_path / "out", "<i2").reshape(-1, 2), samples)


def test_the_fingerprint_is_of_samples_and_layout(tmp_path: Path) -> None:
    def fingerprint(samples: list[int], lengths: list[int], rate: int = 8000) -> str:
        groups = []
        start = 0
        np.array(samples, "<i2").tofile(tmp_path / "a")
        for length in lengths:
            groups.append(("train" if start == 0 else "validation", [piece(length, tmp_path / "a", start)]))
            start += length
        return write_audio(tmp_path / "out", groups, rate, 1, print)[1]  # type: ignore[arg-type]

    base = fingerprint([1, 2, 3, 4], [3, 1])
    assert fingerprint([1, 2, 3, 4], [3, 1]) == base
    assert len({base, fingerprint([1, 2, 3, 5], [3, 1]), fingerprint([1, 2, 3, 4], [2, 2])}) == 3
    assert fingerprint([1, 2, 3, 4], [3, 1], 16000) != base


@pytest.mark.parametrize("in_kernel", [True, False])
def test_pieces_of_any_length_come_to_lie_side_by_side_faded_at_their_joints_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_kernel: bool
) -> None:
    """Also where a piece is shorter than its two fades, and on a filesystem that cannot copy by itself."""

    def refuse(*_: object) -> int:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    if not in_kernel:
        monkeypatch.setattr(os, "copy_file_range", refuse)
    rate, fade, lengths = 8000, 40, (700, 50, 90, 3000)
    random = np.random.default_rng(0)
    audio = [random.integers(-32768, 32767, (length, 2)).astype("<i2") for length in lengths]
    pieces = []
    for number, samples in enumerate(audio):
        samples.tofile(tmp_path / str(number))
        pieces.append(piece(len(samples), tmp_path / str(number)))
    write_audio(tmp_path / "out", [("train", pieces[:3]), ("validation", pieces[3:])], rate, 2, lambda _share: None)
    expected = []
    for number, samples in enumerate(audio):
        gain = np.ones(len(samples))
        for end in range(fade):
            height = 0.5 - 0.5 * np.cos(np.pi * (end + 1) / (fade + 1))
            if number in (1, 2):
                gain[end] *= height
            if number in (0, 1):
                gain[-1 - end] *= height
        expected.append(np.rint(samples * gain[:, None]))
    np.testing.assert_array_equal(np.fromfile(tmp_path / "out", "<i2").reshape(-1, 2), np.concatenate(expected))
