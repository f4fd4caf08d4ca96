"""Every preset at toy capacity: both phases, checkpoints, samples, and a resumed run that ends with the same bits."""

import dataclasses
from threading import Event

import numpy as np
import pytest
import torch
from torch import Tensor

from ravetui.engine.checkpoint import load_rave
from ravetui.engine.model.rave import RAVE, pad_to_hop
from ravetui.engine.presets import MODIFIERS, PRESETS, find_preset
from ravetui.engine.render import reconstruct
from ravetui.engine.train import train
from ravetui.engine.training.session import Session
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.samples import list_samples
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG
from tests.workspaces import small_run, small_workspace

TOY = {
    "capacity": "2",
    "latent_size": "4",
    "discriminator_capacity": "2",
    "crop": "8192",
    "batch_size": "2",
    "stft_scales": "128,64",
    "phase_1": "3 steps",
    "total": "8 steps",
    "validate_every": "8",
    "validation_crops": "2",
    "sample_clips": "1",
    "sample_seconds": "0.2",
}
TOY_DESCRIPT = {"discriminator_n_ffts": "128", "discriminator_periods": "2, 5"}
TOY_V2 = {"ratios": "2,2", "dilations": "1 3, 1", "noise_width": "4"}
"""Its real field is longer than the crop."""
TOY_DISCRETE = {"quantizers": "3", "codebook_size": "16"}
KINDS = [
    *PRESETS,
    *(f"v2+{name}" for name in MODIFIERS),
    "v1+causal",
    "v2+noise+snake+causal",
    "discrete+noise+snake+causal",
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("kinds"))


def toy_run(workspace: Workspace, kind: str, name: str) -> RunFolder:
    model = find_preset(kind).model
    changes = TOY | (TOY_V2 if model.architecture == "v2" else {})
    changes |= TOY_DESCRIPT if model.discriminator == "descript" else {}
    changes |= TOY_DISCRETE if model.latent == "discrete" else {}
    return small_run(workspace, name, preset=kind, **changes)


def attempt(run: RunFolder, stop_after: int | None = None) -> str:
    run.attempt(len(run.attempt_folders()) + 1).path.mkdir()
    session = Session(run, CONFIG, Event())
    do = session.step

    def stepping(batch: Tensor, data_seconds: float) -> None:
        do(batch, data_seconds)
        if session.state.step == stop_after:
            control.request(run, "stop")

    session.step = stepping  # type: ignore[method-assign]
    outcome = train(session)
    session.close()
    control.withdraw(run, "stop")
    return outcome


def newest_files(run: RunFolder) -> dict[str, bytes]:
    newest = list_checkpoints(run)[0]
    return {name: (newest.path / name).read_bytes() for name in newest.files}


@pytest.mark.parametrize("kind", KINDS)
def test_both_phases_resume_and_render(workspace: Workspace, kind: str) -> None:
    whole, parts = (toy_run(workspace, kind, f"{kind}-{name}".replace("+", "-")) for name in ("whole", "parts"))
    assert attempt(whole) == "finished"
    for step in (2, 5):
        assert attempt(parts, stop_after=step) == "stopped"
    assert attempt(parts) == "finished"
    assert newest_files(parts) == newest_files(whole)

    history = RunHistory(whole)
    history.poll()
    assert history.records("steps")["phase"].tolist() == [1.0] * 3 + [2.0] * 5
    for tag in ("loss", "regularization", "feature_matching", "adversarial", "loss_dis", "validation"):
        values = history.series(tag).value
        assert len(values), tag
        assert np.isfinite(values).all(), tag

    spec = read_spec(whole.spec_path)
    assert spec.preset == kind
    rave = load_rave(spec.model, list_checkpoints(whole)[0], torch.device("cpu"))
    audio = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 5000)).astype(np.float32)
    made = reconstruct(rave, audio, noise=True, device=torch.device("cpu"))
    assert made.shape == audio.shape
    assert np.isfinite(made).all()
    assert all(sample.reconstruction.is_file() for sample in list_samples(whole, 8))


def test_codebooks_learn_with_the_encoder_and_stay_with_it(workspace: Workspace) -> None:
    """What they have learned at the end of phase 1 is what they are at the end of a phase 2 with a frozen encoder."""
    changes = TOY | TOY_V2 | TOY_DISCRETE | {"freeze_encoder": "true", "validate_every": "1"}
    run = small_run(workspace, "discrete-frozen", preset="discrete", **changes)
    attempt(run, stop_after=2)
    early = load_rave(read_spec(run.spec_path).model, list_checkpoints(run)[0], torch.device("cpu")).encoder
    attempt(run)
    found = {checkpoint.step: checkpoint for checkpoint in list_checkpoints(run)}
    encoders = [load_rave(read_spec(run.spec_path).model, found[step], torch.device("cpu")).encoder for step in (3, 8)]
    names = [name for name in early.state_dict() if name.startswith("latent.")]
    assert names == ["latent.sums", "latent.usage", "latent.placed"]
    first, boundary, end = (encoder.state_dict() for encoder in (early, *encoders))
    assert not torch.equal(first["latent.sums"], boundary["latent.sums"])
    assert all(torch.equal(boundary[name], end[name]) for name in names)


def test_v2_trains_on_what_its_spec_says(workspace: Workspace) -> None:
    """Beta rises, the discriminator takes every fourth step, noise is heard, and bands lose their margins."""
    run = toy_run(workspace, "v2+noise", "v2-rules")
    run.attempt(1).path.mkdir()
    session = Session(run, CONFIG, Event())
    state = session.state
    assert state.margins[0] > 0
    assert state.margins[1] > 0
    assert state.with_noise
    assert [state.beta(step) for step in (1, 10_000, 20_000, 30_000)] == pytest.approx(
        [1e-6 * (5e4) ** (1 / 20_000), (1e-6 * 5e-2) ** 0.5, 5e-2, 5e-2]
    )
    session.close()
    attempt(run)
    history = RunHistory(run)
    history.poll()
    assert history.series("loss_dis").step.tolist() == [4, 8]


def test_margins_leave_out_what_lies_beyond_the_crop(workspace: Workspace) -> None:
    """The multiband distance does not hear how bands at the ends differ; without the crop it does."""
    from ravetui.engine.training.state import build_state
    from ravetui.engine.training.update import distances

    spec = read_spec(toy_run(workspace, "v2", "v2-margins").spec_path)
    audio = 0.1 * torch.randn(1, 1, 8192, generator=torch.Generator().manual_seed(0))
    for valid_crop in (True, False):
        changed = dataclasses.replace(spec, loss=dataclasses.replace(spec.loss, valid_crop=valid_crop))
        state = build_state(changed, torch.device("cpu"))
        bands = torch.zeros(1, 16, 512)
        other = bands.clone()
        other[..., 0] = other[..., -1] = 1.0
        first, second = (distances(state, audio, b, audio).multiband.item() for b in (bands, other))
        assert (first == second) is valid_crop


def test_a_causal_network_is_compared_with_audio_as_late_as_its_filter_bank(workspace: Workspace) -> None:
    """A perfect network, which returns the bands it got, is nearly at distance 0."""
    from ravetui.engine.training.state import build_state
    from ravetui.engine.training.update import distances

    time = torch.arange(8192) / 44100
    audio = 0.5 * torch.sin(2 * torch.pi * (200 + 4000 * time) * time)[None, None]
    found = {}
    for kind in ("v1", "v1+causal"):
        state = build_state(read_spec(toy_run(workspace, kind, f"late-{kind[2:]}x").spec_path), torch.device("cpu"))
        bands = state.rave.pqmf.analysis(audio)
        made = state.rave.pqmf.synthesis(bands)
        assert distances(state, audio, bands, made).multiband.item() == 0
        inner = slice(1024, -1024)
        found[kind] = (state.rave.aligned(audio)[..., inner] - made[..., inner]).abs().max().item()
    assert found["v1+causal"] < 0.01 < found["v1"], (
        "v1's bank is 16 samples late and, as in the reference, not waited for"
    )


def test_a_causal_networks_audio_is_rendered_on_time() -> None:
    """A click goes in where what comes out begins, though the network hears it half a bank later."""
    rave = RAVE(ModelSpec(capacity=2, latent_size=4, ratios=(2, 1), causal=True, noise_bands=0)).eval()
    rave.decode_bands = lambda z, *, noise: rave.pqmf.analysis(click)  # type: ignore[method-assign]
    audio = np.zeros((1, 5000), np.float32)
    audio[0, 3000] = 1
    click = pad_to_hop(torch.from_numpy(np.pad(audio, ((0, 0), (0, rave.delay))))[None], rave.hop_length)
    made = reconstruct(rave, audio, noise=False, device=torch.device("cpu"))
    assert int(np.abs(made[0]).argmax()) == 3000
