import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.catalogue import METRICS
from ravetui.metrics.embed import embed_files
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.judge import judge
from ravetui.metrics.measure import Measure
from ravetui.metrics.mel import MelEmbedder
from ravetui.metrics.score import Score

RATE = 4000
Audio = NDArray[np.float32]


def quiet(fraction: float) -> None:
    """Tell nobody."""


def sounds(seed: int, files: int, each: int = 3, d: int = 6) -> EmbeddingSet:
    random = np.random.default_rng(seed)
    values = random.standard_normal((files, 1, d)) + 0.5 * random.standard_normal((files, each, d)) + 1
    return EmbeddingSet(values.reshape(-1, d), np.repeat(np.arange(files), each))


def phrase(random: np.random.Generator) -> Audio:
    """Two seconds of plucked harmonics over a little hiss."""
    time = np.arange(2 * RATE) / RATE
    audio = 10 ** random.uniform(-4, -3) * random.standard_normal(len(time))
    for _ in range(5):
        pitch, start = 110 * 2 ** (random.integers(0, 36) / 12), random.uniform(0, 2)
        envelope = np.exp(-3 * np.maximum(time - start, 0)) * (time >= start)
        for harmonic in range(1, int(RATE / 2 / pitch)):
            tone = np.sin(2 * np.pi * pitch * harmonic * time + random.uniform(0, 6))
            audio += 0.1 * envelope * tone / harmonic**1.2
    return audio.astype(np.float32)


def lowpass(audio: Audio, hz: float) -> Audio:
    spectrum = np.fft.rfft(audio)
    spectrum[np.fft.rfftfreq(len(audio), 1 / RATE) > hz] = 0
    return np.fft.irfft(spectrum, len(audio)).astype(np.float32)


@pytest.fixture(scope="module")
def heard() -> dict[str, dict[str, Measure]]:
    """Equal phrases, muffled ones and noisy ones, each judged against other phrases of the same kind."""
    random = np.random.default_rng(0)
    embedder = MelEmbedder(RATE)
    reference = embed_files([phrase(random) for _ in range(40)], embedder, None, quiet)
    clips = [phrase(random) for _ in range(40)]
    hiss = [random.standard_normal(len(clip)).astype(np.float32) for clip in clips]
    versions = {
        "same": clips,
        "muffled": [lowpass(clip, 1500) for clip in clips],
        "dull": [lowpass(clip, 500) for clip in clips],
        "hissing": [clip + np.float32(0.003) * noise for clip, noise in zip(clips, hiss, strict=True)],
        "noisy": [clip + np.float32(0.03) * noise for clip, noise in zip(clips, hiss, strict=True)],
        "one": [clips[0]] * 40,
    }
    return {
        name: judge(embed_files(audio, embedder, None, quiet), reference, quiet).measures
        for name, audio in versions.items()
    }


def number(measure: Measure) -> float:
    assert measure.value is not None
    return measure.value


@pytest.mark.parametrize("metric", ["fad", "fad_corrected", "kid"])
def test_mel_distances_put_damage_in_order(heard: dict[str, dict[str, Measure]], metric: str) -> None:
    value = {name: number(measures[metric]) for name, measures in heard.items()}
    assert value["same"] < value["muffled"] < value["dull"]
    assert value["same"] < value["hissing"] < value["noisy"]
    same = heard["same"][metric]
    for damaged in ("muffled", "dull", "hissing", "noisy", "one"):
        low = heard[damaged][metric].low
        assert low is not None
        assert same.high is not None
        assert low > same.high


@pytest.mark.parametrize("metric", ["fad", "fad_corrected", "kid"])
def test_real_sounds_are_as_good_as_real_and_damaged_ones_are_not(
    heard: dict[str, dict[str, Measure]], metric: str
) -> None:
    real = heard["same"][metric].real
    assert real is not None
    assert real[0] <= number(heard["same"][metric]) <= real[1]
    for damaged in ("dull", "noisy", "one"):
        band = heard[damaged][metric].real
        assert band is not None
        assert number(heard[damaged][metric]) > band[1]


def test_intervals_of_equal_distributions_hold_zero_and_one(heard: dict[str, dict[str, Measure]]) -> None:
    truths = {"fad_corrected": 0.0, "kid": 0.0, "vendi_ratio": 1.0, "distance_ratio": 1.0}
    for name, truth in truths.items():
        measure = heard["same"][name]
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low <= truth <= measure.high


def test_diversity_sees_the_same_clip_again_and_again(heard: dict[str, dict[str, Measure]]) -> None:
    assert number(heard["one"]["vendi"]) <= 2
    high = heard["one"]["vendi_ratio"].high
    assert high is not None
    assert high < 0.5


def test_judging_is_deterministic_and_tells_its_progress() -> None:
    told: list[float] = []
    first = judge(sounds(0, 12), sounds(1, 20), told.append).measures
    assert first == judge(sounds(0, 12), sounds(1, 20), quiet).measures
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_plain_fad_contains_the_bias_and_its_band_moves_with_it() -> None:
    measures = judge(sounds(0, 20), sounds(1, 40), quiet).measures
    plain, corrected = measures["fad"], measures["fad_corrected"]
    bias = number(plain) - number(corrected)
    assert bias > 0
    assert plain.real is not None
    assert corrected.real is not None
    assert plain.real == pytest.approx([end + bias for end in corrected.real])


def test_too_few_files_give_numbers_without_intervals_that_say_why() -> None:
    measures = judge(sounds(0, 3), sounds(1, 20), quiet).measures
    for name in ("fad", "kid", "vendi", "vendi_ratio", "mean_distance", "distance_ratio"):
        measure = measures[name]
        assert measure.value is not None
        assert (measure.low, measure.high, measure.se) == (None, None, None)
        assert "at least 4 files, not of 3" in measure.reason
    assert measures["fad_corrected"].value is None
    assert measures["fad_corrected"].reason


def test_corrected_fad_of_few_files_over_many_dimensions_promises_nothing() -> None:
    measure = judge(sounds(0, 6, d=40), sounds(1, 60, d=40), quiet).measures["fad_corrected"]
    assert measure.value is not None
    assert measure.low is None
    assert "6 files" in measure.reason


def test_a_small_reference_has_no_band() -> None:
    measures = judge(sounds(0, 20), sounds(1, 7), quiet).measures
    assert measures["kid"].real is None
    assert measures["kid"].low is not None


@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 6), st.integers(1, 3), st.integers(1, 5)),
    kind=st.sampled_from(["spread", "equal", "zero", "huge", "tiny"]),
)
@settings(deadline=None, max_examples=60)
def test_no_score_is_nan_and_what_is_missing_has_a_reason(
    seed: int, shape: tuple[int, int, int, int, int], kind: str
) -> None:
    files, each, reference_files, reference_each, d = shape
    generated, reference = sounds(seed, files, each, d), sounds(seed + 1, reference_files, reference_each, d)
    scale = {"spread": 1.0, "equal": 0.0, "zero": 0.0, "huge": 1e40, "tiny": 1e-40}[kind]
    generated = EmbeddingSet(scale * generated.values + (kind == "equal"), generated.files)
    for name, measure in judge(generated, reference, quiet).measures.items():
        assert name in METRICS
        text = json.dumps(measure.as_dict(), allow_nan=False)
        plain: dict[str, Any] = json.loads(text)
        assert (plain["value"] is not None and plain["low"] is not None) or plain["reason"]


def test_sets_of_different_embedders_are_refused() -> None:
    with pytest.raises(ScoreError, match="6 and 9 dimensions"):
        judge(sounds(0, 5), sounds(1, 5, d=9), quiet)


def test_a_score_is_plain_json() -> None:
    generated, reference = sounds(0, 9), sounds(1, 12)
    score = Score(
        metrics=judge(generated, reference, quiet).measures,
        n=len(generated),
        n_files=generated.n_files,
        reference_n=len(reference),
        reference_files=reference.n_files,
        embedder="mel",
        embedder_version="1",
        sampling_rate=RATE,
    )
    plain = json.loads(json.dumps(score.as_dict(), allow_nan=False))
    assert (plain["n"], plain["n_files"], plain["reference_n"]) == (27, 9, 36)
    assert set(plain["metrics"]["kid"]) == {"value", "low", "high", "se", "real", "p", "reason"}
    assert plain["metrics"]["kid"]["real"] is not None
