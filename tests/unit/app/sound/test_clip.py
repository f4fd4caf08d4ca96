"""What a device takes from a clip is the file, frame for frame."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.app.sound.clip import AHEAD_SECONDS, Clip
from ravetui.app.sound.source import Source
from ravetui.errors import SoundError

RATE = 8000


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NDArray[np.float32]]:
    """Stereo, 2.5 s."""
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (20000, 2)).astype(np.float32)
    path = tmp_path_factory.mktemp("clip") / "noise.wav"
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    return path, audio


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 7000), min_size=1, max_size=8), start=st.floats(0, 3))
def test_taken_blocks_are_the_file_from_start_to_end(
    noise: tuple[Path, NDArray[np.float32]], sizes: list[int], start: float
) -> None:
    path, audio = noise
    clip = Clip(1, Source(path), start, 0.5)
    taken, calls = [], 0
    while not clip.at_end(1000):
        clip.refill()
        count = sizes[calls % len(sizes)]
        block = clip.take(count)
        assert len(block) <= count
        taken.append(block)
        calls += 1
    first = len(taken[0]) if start * RATE >= 0.5 else 0  # that block rises from silence
    whole = np.concatenate(taken)
    assert len(whole) == len(audio) - clip.start == clip.handed
    np.testing.assert_array_equal(whole[first:], audio[clip.start + first :] * np.float32(0.5))
    assert clip.heard(1000) == clip.handed
    clip.close()


def test_what_the_device_holds_back_is_not_heard_yet(noise: tuple[Path, NDArray[np.float32]]) -> None:
    clip = Clip(1, Source(noise[0]), 2.0, 1.0)
    clip.refill()
    assert clip.heard(500) == 0
    clip.take(300)
    assert clip.heard(500) == 0
    clip.take(3400)
    assert clip.heard(500) == 3200
    clip.take(400)  # 300 of the file, 100 of silence
    assert clip.heard(500) == 3600
    assert not clip.at_end(500)
    clip.take(400)
    assert clip.heard(500) == 4000
    assert clip.at_end(500)
    clip.close()


def test_only_a_second_lies_ready(noise: tuple[Path, NDArray[np.float32]]) -> None:
    clip = Clip(1, Source(noise[0]), 0.0, 1.0)
    clip.refill()
    ready = len(clip.take(10**6))
    assert AHEAD_SECONDS * RATE <= ready < 20000
    assert not clip.at_end(0)
    clip.close()


def test_a_fade_ends_in_silence_and_takes_nothing_after(noise: tuple[Path, NDArray[np.float32]]) -> None:
    path, audio = noise
    clip = Clip(1, Source(path), 0.0, 1.0)
    clip.refill()
    clip.take(100)
    clip.fade()
    last = clip.take(200)
    np.testing.assert_allclose(last, audio[100:300] * np.linspace(1, 0, 200)[:, None], atol=1e-6)
    assert clip.done
    assert len(clip.take(200)) == 0
    clip.close()


@pytest.mark.parametrize("name", ["a.flac", "a.wav", "a.ogg", "a.mp3", "a.aiff", "a.opus"])
def test_the_usual_formats_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    audio = 0.5 * np.sin(np.arange(48000) / 10)
    kind = {"format": "OGG", "subtype": "OPUS"} if name.endswith("opus") else {}
    soundfile.write(path, audio, 48000, **kind)
    clip = Clip(1, Source(path), 0.0, 1.0)
    clip.refill()
    assert clip.seconds == pytest.approx(1.0, abs=0.06)
    assert np.std(clip.take(48000)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    clip.close()


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"no audio"])
def test_what_is_not_audio_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundError, match=r"broken\.wav"):
        Clip(1, Source(path), 0.0, 1.0)


def test_an_empty_clip_is_not_played(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0), RATE)
    with pytest.raises(SoundError, match="holds no audio"):
        Clip(1, Source(path), 0.0, 1.0)


def test_a_file_that_breaks_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "torn.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 5 * RATE), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clip = Clip(1, Source(path), 0.0, 1.0)
    with pytest.raises(SoundError, match=r"torn\.flac breaks off"):
        for _ in range(10):
            clip.refill()
            clip.take(RATE)
    clip.close()
