"""The embedder clap against LAION's own network and preparation, with random weights in LAION's layout."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ravetui.metrics.clap.convert import convert
from ravetui.metrics.clap.embedder import ClapEmbedder, quantised
from ravetui.metrics.clap.layout import entries
from ravetui.metrics.windows import filled
from tests.laion import SAMPLES, LaionClap, laion_preparation, official_layout, random_laion_clap

pytestmark = pytest.mark.filterwarnings("ignore:torch.meshgrid")

Audio = NDArray[np.float32]


@pytest.fixture(scope="module")
def network() -> LaionClap:
    return random_laion_clap(seed=0)


@pytest.fixture(scope="module")
def embedder(network: LaionClap, tmp_path_factory: pytest.TempPathFactory) -> ClapEmbedder:
    """Ours, from a checkpoint such as LAION publishes."""
    folder = tmp_path_factory.mktemp("clap")
    torch.save(official_layout(network), folder / "random.pt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        convert(folder / "random.pt")
        return ClapEmbedder()


def sounds() -> list[Audio]:
    """Silence, sounds of exactly ten seconds and shorter ones, one of them beyond full scale."""
    random = np.random.default_rng(0)
    time = np.arange(SAMPLES) / 48000
    made = [
        np.zeros(SAMPLES),
        0.3 * random.standard_normal(SAMPLES),
        0.5 * np.sin(2 * np.pi * 440 * time),
        1.5 * np.sin(2 * np.pi * 200 * time**2)[:96000],
        np.linspace(0.1, 0, 150_001) * random.standard_normal(150_001),
        np.zeros(1000),
        random.uniform(-1, 1, 1),
        random.uniform(-1, 1, SAMPLES - 1) ** 5,
    ]
    return [audio.astype(np.float32) for audio in made]


def test_the_layout_is_that_of_the_network(network: LaionClap) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert {entry.name: entry.shape for entry in entries()} == expected


def test_preparation_equals_laions_for_clips_of_at_most_ten_seconds() -> None:
    random = np.random.default_rng(1)
    lengths = (SAMPLES, SAMPLES - 1, SAMPLES // 2, SAMPLES // 2 + 1, SAMPLES // 3, 7, 1)
    clips = [random.uniform(-1.2, 1.2, length).astype(np.float32) for length in lengths]
    for clip in clips:
        np.testing.assert_array_equal(quantised(filled(clip, SAMPLES, "zeros")), laion_preparation(clip))


@pytest.fixture(scope="module")
def embedded(embedder: ClapEmbedder) -> Audio:
    """Ours of all sounds, (8, 512)."""
    return embedder.embed(np.stack([filled(clip, embedder.window, embedder.padding) for clip in sounds()]))


@pytest.mark.parametrize(("batch", "count"), [(1, 2), (8, 8)])
def test_embeddings_equal_those_of_laions_network(network: LaionClap, embedded: Audio, batch: int, count: int) -> None:
    prepared = torch.from_numpy(np.stack([laion_preparation(clip) for clip in sounds()[-count:]]))
    with torch.no_grad():
        expected = torch.cat([network(part) for part in torch.split(prepared, batch)]).numpy()
    np.testing.assert_allclose(embedded[-count:], expected, atol=1e-5, rtol=0)


def test_embeddings_have_length_one_and_differ(embedded: Audio) -> None:
    np.testing.assert_allclose(np.linalg.norm(embedded, axis=1), 1, atol=1e-6)
    # Random as it is, the network tells noise from a sine by much more than the tolerance.
    assert np.abs(embedded[1] - embedded[2]).max() > 0.01


def test_a_window_has_the_same_vector_in_every_batch(embedder: ClapEmbedder, embedded: Audio) -> None:
    np.testing.assert_array_equal(embedder.embed(filled(sounds()[3], SAMPLES, "zeros")[None]), embedded[3:4])
