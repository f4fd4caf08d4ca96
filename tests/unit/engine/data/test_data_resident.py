"""Batches made with torch against those made with numpy. Here on the CPU: the code is the same on a GPU."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from ravetui.config import EngineSettings
from ravetui.engine.data.augment.dequantise import STEP
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO
from ravetui.engine.data.resident.source import Resident
from ravetui.engine.training.prefetch import Prefetch
from ravetui.engine.training.source import open_source
from ravetui.errors import ConfigError, RunError
from ravetui.runs.training_spec import AugmentSpec

Build = Callable[..., Dataset]
CPU = torch.device("cpu")

NOTHING = AugmentSpec(phase_mangle=0)
SPECS = {
    "nothing": NOTHING,
    "published": AugmentSpec(),
    "gain": replace(NOTHING, gain=12),
    "mute": replace(NOTHING, mute=0.5),
    "compress": replace(NOTHING, compress=0.7),
    "speed": replace(NOTHING, speed=7),
    "equalise": replace(NOTHING, equalise=12),
    "everything": AugmentSpec(phase_mangle=0.7, gain=6, mute=0.2, compress=0.6, speed=5, equalise=6),
}


def loud_noise(build: Build, channels: int = 1, rate: int = 44100) -> Dataset:
    """Noise whose level rises and falls, near full scale."""
    dataset = build([("train", [40000]), ("train", [9000]), ("validation", [9000])], channels, rate)
    random = np.random.default_rng(1)
    envelope = 0.5 + 0.5 * np.sin(np.arange(58000) / 700)
    audio = random.uniform(-30000, 30000, (58000, channels)) * envelope[:, None]
    audio.astype("<i2").tofile(dataset.folder / AUDIO)
    return Dataset(dataset.folder)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(("channels", "rate", "crop"), [(1, 44100, 4096), (2, 48000, 3001), (1, 8000, 4096)])
def test_the_device_computes_what_numpy_does(build: Build, name: str, channels: int, rate: int, crop: int) -> None:
    sampler = CropSampler(loud_noise(build, channels, rate), crop, 4, 9, SPECS[name])
    resident = Resident(sampler, CPU)
    loudest = 0.0
    for step in (0, 1, 7, 500):
        expected = sampler.batch(step)
        found = resident.take(step, [])
        assert found.shape == expected.shape
        assert found.dtype == torch.float32
        # Either has its own noise of dequantisation, from 0 to half an int16 step.
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-4)
        loudest = max(loudest, float(np.abs(expected).max()))
    assert loudest > 0.3, "the audio is no noise of dequantisation"


def test_the_noise_is_that_of_dequantisation_and_of_its_window(build: Build) -> None:
    sampler = CropSampler(loud_noise(build), 4096, 4, 9, replace(NOTHING, mute=1.0))
    resident = Resident(sampler, CPU)
    first, second = resident.take(3, []), resident.take(4, [])
    assert 0 <= first.min() < 0.01 * STEP
    assert 0.99 * STEP < first.max() <= STEP
    assert float(first.mean()) == pytest.approx(STEP / 2, rel=0.02)
    assert not torch.equal(first, second)
    again = Resident(sampler, CPU)
    assert torch.equal(again.take(3, []), first), "a resumed run has the same"
    assert not torch.equal(Resident(CropSampler(sampler.dataset, 4096, 4, 8, sampler.augment), CPU).take(3, []), first)


def test_only_the_training_split_is_taken_to_the_device(build: Build) -> None:
    resident = Resident(CropSampler(loud_noise(build, 2), 4096, 4, 9, NOTHING), CPU)
    assert resident._samples.shape == (49000, 2)
    assert resident._samples.dtype == torch.int16
    resident.close()
    assert resident._samples.numel() == 0


def test_what_the_settings_ask_for_is_what_makes_the_batches(build: Build) -> None:
    sampler = CropSampler(loud_noise(build), 4096, 4, 9, NOTHING)
    for resident in ("auto", "off"):
        source = open_source(sampler, EngineSettings(resident=resident), CPU)
        assert isinstance(source, Prefetch), "on a CPU the networks need the cores"
        source.close()
    with pytest.raises(RunError, match="resident is on, but this run trains on cpu"):
        open_source(sampler, EngineSettings(resident="on"), CPU)
    with pytest.raises(ConfigError, match=r"engine\.resident must be auto, on or off, not 'yes'"):
        open_source(sampler, EngineSettings(resident="yes"), CPU)
    for workers in (-2, 65):
        with pytest.raises(ConfigError, match=r"engine\.workers must be from -1 to 64"):
            open_source(sampler, EngineSettings(workers=workers), CPU)
