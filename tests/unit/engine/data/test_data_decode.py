import io
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.engine.data.decode import Decoded, Target, UnusableError, decode

Tone = Callable[..., NDArray[np.float64]]
Save = Callable[..., Path]

RATE = 16000


def run(path: Path, rate: int = RATE, channels: int = 1) -> tuple[Decoded, NDArray[np.int16]]:
    out = path.with_name("out.i16")
    with out.open("wb") as sink:
        decoded = decode(path, sink, Target(rate, channels, -70.0), lambda _share: None)
    return decoded, np.fromfile(out, "<i2").reshape(-1, channels)


def reason(path: Path) -> str:
    with pytest.raises(UnusableError) as caught:
        run(path)
    return str(caught.value)


def sine_fit(samples: NDArray[np.int16], hz: float, rate: int) -> tuple[float, float]:
    """Least-squares amplitude of a sine of ``hz``, and the RMS of what it leaves, both of full scale 1."""
    x = samples[:, 0] / 32768
    middle = slice(len(x) // 10, -len(x) // 10)
    phase = 2 * np.pi * hz * np.arange(len(x)) / rate
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)[middle]
    weights, *_ = np.linalg.lstsq(basis, x[middle])
    return float(np.hypot(*weights)), float(np.sqrt(np.mean((x[middle] - basis @ weights) ** 2)))


@pytest.mark.parametrize(
    ("name", "subtype", "loss"),
    [
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-4),
        ("a.wav", "PCM_U8", 1e-2),
        ("a.wav", "FLOAT", 1e-4),
        ("a.wav", "DOUBLE", 1e-4),
        ("a.flac", "PCM_24", 1e-4),
        ("a.ogg", "VORBIS", 2e-2),
        ("a.aiff", "PCM_16", 1e-4),
        ("a.caf", "PCM_24", 1e-4),
        ("a.au", "PCM_16", 1e-4),
        ("a.w64", "FLOAT", 1e-4),
        ("a.mp3", None, 2e-2),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_keeps_the_tone(
    tmp_path: Path, tone: Tone, save: Save, name: str, subtype: str | None, loss: float, channels: int
) -> None:
    path = save(tmp_path / name, tone(1.0, 44100, channels), 44100, subtype)
    decoded, samples = run(path)
    assert (decoded.sampling_rate, decoded.channels, decoded.clipped) == (44100, channels, 0)
    assert abs(decoded.frames - RATE) <= 1
    assert len(samples) == decoded.frames
    amplitude, rest = sine_fit(samples, 440.0, RATE)
    assert amplitude == pytest.approx(0.5, rel=max(loss, 1e-4) * 2)
    assert rest < loss


@pytest.mark.parametrize("source", [8000, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("target", [16000, 44100, 48000])
def test_resampling_keeps_frequency_amplitude_and_length(
    tmp_path: Path, tone: Tone, save: Save, source: int, target: int
) -> None:
    path = save(tmp_path / "a.wav", tone(0.5, source, hz=1000.0), source, "FLOAT")
    decoded, samples = run(path, target)
    assert decoded.frames == pytest.approx(target / 2, abs=1)
    amplitude, rest = sine_fit(samples, 1000.0, target)
    assert amplitude == pytest.approx(0.5, rel=1e-4)
    # The rest of a perfect conversion is the rounding to int16: 2^-15 / sqrt(12) = 8.8e-6.
    assert rest < 1.2e-5


def test_what_the_target_cannot_hold_is_not_aliased(tmp_path: Path, tone: Tone, save: Save) -> None:
    audio = tone(0.5, 96000, hz=12000.0) + tone(0.5, 96000, hz=500.0, amplitude=0.1)
    _, samples = run(save(tmp_path / "a.wav", audio, 96000, "FLOAT"))
    amplitude, rest = sine_fit(samples, 500.0, RATE)
    assert amplitude == pytest.approx(0.1, rel=1e-3)
    assert rest < 2e-5


def test_sixteen_bit_audio_at_the_target_rate_passes_unchanged(tmp_path: Path, save: Save) -> None:
    steps = np.random.default_rng(0).integers(-32768, 32768, (5000, 2), np.int16)
    steps[:2] = [[-32768, 32767], [0, -1]]
    for name in ("a.wav", "a.flac"):
        decoded, samples = run(save(tmp_path / name, steps, RATE), channels=2)
        np.testing.assert_array_equal(samples, steps)
        assert decoded.clipped == 0


def test_samples_beyond_full_scale_are_limited_and_counted(tmp_path: Path, tone: Tone, save: Save) -> None:
    audio = tone(0.1, RATE)
    audio[10:15] = 1.5
    audio[20] = -2.0
    audio[30] = 1.0
    decoded, samples = run(save(tmp_path / "a.wav", audio, RATE, "FLOAT"))
    assert decoded.clipped == 6
    assert samples[[10, 20, 30], 0].tolist() == [32767, -32768, 32767]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_located(tmp_path: Path, tone: Tone, save: Save, bad: float) -> None:
    audio = tone(2.0, RATE, 2)
    audio[int(1.5 * RATE), 1] = bad
    assert reason(save(tmp_path / "a.wav", audio, RATE, "FLOAT")) == "holds NaN or infinity at 1.50 s"


def test_silence_is_told_by_the_peak(tmp_path: Path, tone: Tone, save: Save) -> None:
    assert reason(save(tmp_path / "zero.wav", np.zeros(RATE), RATE)) == "silent: its peak is zero"
    assert "-80 dBFS" in reason(save(tmp_path / "low.wav", tone(1, RATE, amplitude=1e-4), RATE, "FLOAT"))
    run(save(tmp_path / "soft.wav", tone(1, RATE, amplitude=1e-3), RATE, "FLOAT"))


def test_channels_that_cancel_are_silent_only_once_folded(tmp_path: Path, tone: Tone, save: Save) -> None:
    path = save(tmp_path / "a.wav", tone(1, RATE, 2) * [1, -1], RATE)
    assert "once its 2 channels are folded" in reason(path)
    run(path, channels=2)


def test_unusable_files_say_why(tmp_path: Path, tone: Tone, save: Save) -> None:
    text = tmp_path / "text.wav"
    text.write_text("not audio at all")
    assert reason(text) == "unreadable: Format not recognised"
    raw = tmp_path / "a.raw"
    raw.write_bytes(bytes(1000))
    assert reason(raw).startswith("unreadable")
    assert reason(save(tmp_path / "none.wav", np.zeros((0, 1)), RATE)) == "empty: no audio in it"
    assert reason(save(tmp_path / "click.wav", tone(0.005, RATE), RATE)) == "shorter than 10 ms"
    assert reason(save(tmp_path / "rate.wav", tone(1, 10), 10)) == "unbelievable sampling rate of 10 Hz"


@pytest.mark.parametrize("name", ["a.flac", "a.mp3"])
def test_a_file_that_breaks_off_is_unusable(tmp_path: Path, save: Save, name: str) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, RATE * 10)
    path = save(tmp_path / name, noise, RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert reason(path).startswith(("unreadable", "breaks off after"))


def test_names_need_not_be_utf_8(tmp_path: Path, tone: Tone, save: Save) -> None:
    plain = save(tmp_path / "a.wav", tone(0.1, RATE), RATE)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff \xe4.wav"))
    plain.rename(odd)
    assert run(odd)[0].frames == RATE // 10


def test_memory_does_not_grow_with_the_file(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "long.wav", np.random.default_rng(0).normal(0, 0.1, (96000 * 60, 2)), 96000)
    tracemalloc.start()
    try:
        decoded, _ = run(path, 44100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert decoded.frames == 44100 * 60
    # The file is 46 MB as float32; the result itself, read back by the test, 5.3 MB.
    assert peak < 12e6


def test_progress_ends_at_one_and_may_stop_the_work(tmp_path: Path, tone: Tone, save: Save) -> None:
    path = save(tmp_path / "a.wav", tone(60, RATE), RATE)
    shares: list[float] = []
    decode(path, io.BytesIO(), Target(RATE, 1, -70), shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 2
    assert shares[-1] == 1.0

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode(path, io.BytesIO(), Target(RATE, 1, -70), stop)


def test_an_mp3_longer_than_a_block_is_decoded_as_if_read_at_once(tmp_path: Path) -> None:
    import soundfile

    from ravetui.engine.data import decode as module

    path = tmp_path / "long.mp3"
    seconds = 4 * module._BLOCK / 44100
    time = np.arange(int(seconds * 44100)) / 44100
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * time), 44100)
    whole, _ = soundfile.read(path, dtype="float32")
    _, samples = run(path, 44100)
    np.testing.assert_allclose(samples[:, 0] / 32768, whole, atol=1e-4)
