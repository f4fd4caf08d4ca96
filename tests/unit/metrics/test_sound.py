from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from ravetui.errors import ScoreError
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.embed import embed_files
from ravetui.metrics.mel import MelEmbedder
from ravetui.metrics.sound import derived_sound, file_sound, resampled

if TYPE_CHECKING:
    from ravetui.metrics.sound import Audio

RATE = 44100


def tone(rate: int, seconds: float, hertz: float = 440) -> Audio:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def test_a_file_is_its_bytes_whatever_its_name_and_date(tmp_path: Path) -> None:
    for name, gain in (("a", 1.0), ("b", 1.0), ("c", 0.5)):
        soundfile.write(tmp_path / f"{name}.wav", gain * tone(RATE, 1), RATE)
    keys = [file_sound(tmp_path / f"{name}.wav").key() for name in "abc"]
    assert keys[0] == keys[1] != keys[2]
    # Same size, same date: only the content differs.
    stat = (tmp_path / "a.wav").stat()
    (tmp_path / "a.wav").write_bytes((tmp_path / "c.wav").read_bytes())
    import os

    os.utime(tmp_path / "a.wav", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file_sound(tmp_path / "a.wav").key() == keys[2]


def test_a_stereo_file_at_another_rate_is_folded_and_resampled(tmp_path: Path) -> None:
    left, right = tone(RATE, 1.5), tone(RATE, 1.5, 1000)
    soundfile.write(tmp_path / "s.wav", np.stack([left, right], axis=1), RATE, subtype="FLOAT")
    made = file_sound(tmp_path / "s.wav").mono(48000)
    expected = (tone(48000, 1.5) + tone(48000, 1.5, 1000)) / 2
    assert made.shape == expected.shape
    np.testing.assert_allclose(made[500:-500], expected[500:-500], atol=1e-3)


@pytest.mark.parametrize(("samples", "rate", "expected"), [(44100, 44100, 48000), (1, 44100, 2), (1001, 22050, 2180)])
def test_length_is_rounded_up_as_librosa_does(samples: int, rate: int, expected: int) -> None:
    assert resampled(np.ones(samples, np.float32), rate, 48000).size == expected


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no audio")
    for name in ("text.wav", "none.wav"):
        with pytest.raises(ScoreError, match=name):
            embed_files([tmp_path / name], MelEmbedder(RATE), EmbeddingCache(10**6, tmp_path / "c"), lambda done: None)


def test_a_derived_sound_is_made_only_when_it_is_not_in_the_cache(tmp_path: Path) -> None:
    made: list[int] = []

    def render() -> tuple[Audio, int]:
        made.append(1)
        return tone(RATE, 1), RATE

    cache, embedder = EmbeddingCache(10**6, tmp_path), MelEmbedder(RATE)
    first = embed_files([derived_sound(("abc", "clip 1"), render, "clip 1")], embedder, cache, lambda done: None)
    again = embed_files([derived_sound(("abc", "clip 1"), render, "clip 1")], embedder, cache, lambda done: None)
    np.testing.assert_array_equal(first.values, again.values)
    assert len(made) == 1
    embed_files([derived_sound(("ab", "cclip 1"), render, "clip 1")], embedder, cache, lambda done: None)
    assert len(made) == 2
