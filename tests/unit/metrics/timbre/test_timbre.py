import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from ravetui.metrics.timbre.embedder import TimbreEmbedder
from ravetui.metrics.timbre.level import integrated_loudness, normalised
from ravetui.metrics.timbre.peaks import contrasting_peaks, refined
from ravetui.metrics.timbre.zwicker import BARK_STEP, specific_loudness, third_octave_levels

RATE = 44100
TIME = np.arange(4 * RATE) / RATE

Audio = NDArray[np.float64]


def measure(audio: Audio) -> dict[str, float]:
    embedder = TimbreEmbedder()
    values = embedder.embed(audio[None].astype(np.float32))[0]
    return dict(zip(embedder.attributes, values.tolist(), strict=True))


def noise(low: float, high: float) -> Audio:
    white = np.random.default_rng(0).standard_normal(TIME.size)
    return 0.1 * np.asarray(sosfilt(butter(4, [low, high], "bandpass", fs=RATE, output="sos"), white))


def strokes(attack_seconds: float, decay: float, hertz: float = 110) -> Audio:
    """Eight notes of eight partials."""
    made = np.zeros(TIME.size)
    time = np.arange(int(0.45 * RATE)) / RATE
    shape = np.minimum(time / attack_seconds, 1) * np.exp(-decay * time)
    for k in range(8):
        tone = sum(np.sin(2 * np.pi * hertz * 2 ** (k / 12) * p * time) / p for p in range(1, 9))
        made[k * RATE // 2 : k * RATE // 2 + time.size] = 0.2 * shape * tone
    return made


@pytest.fixture(scope="module")
def bands() -> dict[str, dict[str, float]]:
    """Noise of the same bandwidth in octaves, ever higher."""
    return {name: measure(noise(low, 4 * low)) for name, low in (("low", 60), ("middle", 500), ("high", 4000))}


@pytest.mark.parametrize("name", ["brightness", "sharpness"])
def test_higher_noise_is_brighter_and_sharper(bands: dict[str, dict[str, float]], name: str) -> None:
    assert bands["low"][name] + 10 < bands["middle"][name] < bands["high"][name] - 10


@pytest.mark.parametrize("name", ["depth", "warmth", "boominess"])
def test_lower_noise_is_deeper_warmer_and_boomier(bands: dict[str, dict[str, float]], name: str) -> None:
    assert bands["low"][name] - 10 > bands["middle"][name] >= bands["high"][name]


def test_beating_at_70_hz_is_rougher_than_none_and_than_slow_beating() -> None:
    carrier = 0.2 * np.sin(2 * np.pi * 1000 * TIME)
    rough = {hertz: measure((1 + np.sin(2 * np.pi * hertz * TIME)) * carrier)["roughness"] for hertz in (0, 4, 70, 400)}
    assert rough[70] > 20
    assert rough[70] > max(rough[0], rough[4], rough[400]) + 10


def test_fast_attacks_are_harder_than_slow_ones() -> None:
    assert measure(strokes(0.002, 8))["hardness"] > measure(strokes(0.15, 2))["hardness"] + 10


def test_gain_and_polarity_do_not_matter_and_every_value_is_on_its_scale(bands: dict[str, dict[str, float]]) -> None:
    audio = strokes(0.005, 6)
    expected = measure(audio)
    for gain in (0.05, -0.7):
        assert measure(gain * audio) == pytest.approx(expected, abs=0.2)
    for values in (expected, *bands.values()):
        assert all(0 <= value <= 100 for value in values.values())


def test_silence_a_click_and_a_constant_have_finite_values() -> None:
    assert set(measure(np.zeros(TIME.size)).values()) == {0.0}
    click = np.zeros(TIME.size)
    click[1000] = 1
    for audio in (click, np.full(TIME.size, 0.5), np.sin(2 * np.pi * 1000 * TIME) * (TIME < 0.01)):
        assert np.isfinite(list(measure(audio).values())).all()


def test_loudness_of_a_sine_is_that_of_bs_1770() -> None:
    """A full-scale sine of 997 Hz in one channel reads -3.01 LUFS; at any rate."""
    for rate in (44100, 48000):
        sine = np.sin(2 * np.pi * 997 * np.arange(4 * rate) / rate)
        assert integrated_loudness(sine, rate) == pytest.approx(-3.01, abs=0.02)
        level = normalised(sine, rate)
        assert level is not None
        assert integrated_loudness(level, rate) == pytest.approx(-24, abs=0.01)


def test_silence_around_a_sound_is_gated_out() -> None:
    sine = 0.1 * np.sin(2 * np.pi * 997 * TIME)
    # Three of its 40 blocks reach into the silence.
    assert integrated_loudness(np.pad(sine, (0, 4 * RATE)), RATE) == pytest.approx(-23.01, abs=0.2)
    assert normalised(1e-5 * sine, RATE) is None


def test_one_kilohertz_at_40_db_is_one_sone_and_60_db_four() -> None:
    """The definition of the sone; the standard's program is good to some per cent."""
    for level, sone in ((40, 1.0), (60, 4.0), (80, 16.0)):
        sine = np.sqrt(2) * 10 ** ((level - 100) / 20) * np.sin(2 * np.pi * 1000 * TIME[: RATE // 2])
        assert specific_loudness(sine[None], RATE)[0].sum() * BARK_STEP == pytest.approx(sone, rel=0.1)


def test_a_sine_is_in_its_third_octave() -> None:
    levels = third_octave_levels(np.sqrt(2) * 0.01 * np.sin(2 * np.pi * 1000 * TIME)[None], RATE)[0]
    assert levels[16] == pytest.approx(60, abs=0.3)
    assert np.delete(levels, 16).max() < 45


def test_masking_reaches_upwards_and_not_down() -> None:
    sine = np.sqrt(2) * 10 ** (-30 / 20) * np.sin(2 * np.pi * 1000 * TIME)
    pattern = specific_loudness(sine[None], RATE)[0]
    assert pattern[:60].max() < 0.1 * pattern.max()
    assert pattern[110] > 0.1 * pattern.max()
    assert (np.diff(pattern[95:]) <= 1e-9).all()


def test_peaks_stand_out_on_both_sides_by_the_contrast() -> None:
    values = np.array([0, 1, 0.95, 1.2, 0.1, 0.3, 0.2, 0.6, 0.55])
    assert contrasting_peaks(values, 0.2).tolist() == [3, 7]
    assert contrasting_peaks(values, 0.04).tolist() == [1, 3, 5, 7]
    assert contrasting_peaks(np.array([3.0, 2, 1]), 0.5).tolist() == [0]
    assert contrasting_peaks(np.zeros(5), 0.1).tolist() == []


def test_a_parabola_is_found_between_samples() -> None:
    at = np.arange(10.0)
    exact, height = refined(7 - 0.5 * (at - 4.3) ** 2, np.array([4]))
    assert exact[0] == pytest.approx(4.3)
    assert height[0] == pytest.approx(7)
