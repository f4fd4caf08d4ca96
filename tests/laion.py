"""LAION's own CLAP network, out of the wheel laion-clap 1.1.7, which is never imported: an import needs the network.

Its Swin transformer runs as it is. What it takes from torchlibrosa is written anew from that library's documentation.
"""

import ast
import functools
import importlib
import json
import os
import subprocess
import sys
import tempfile
import types
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

WHEEL = "laion-clap==1.1.7"
SAMPLES = 480_000
"""Of a window: ten seconds at 48 kHz."""
_FOLDER = Path(__file__).resolve().parents[1] / ".pytest_cache" / "laion-clap-1.1.7"


@functools.cache
def laion_root() -> Path:
    """The package's folder, from the package index once; skips aloud where that is out of reach, fails in CI.

    It cannot be a dependency of the tests: it asks for numpy below 2, and brings a package ``tests`` of its own.
    """
    if not _FOLDER.is_dir():
        _FOLDER.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_FOLDER.parent) as beside:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", f"{beside}/made", WHEEL]
            done = subprocess.run(pip, capture_output=True, text=True, check=False)
            if done.returncode:
                sentence = f"NOT TESTED: {WHEEL}, the oracle of CLAP, cannot be had: {done.stderr.strip()[-300:]}"
                pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)
            with suppress(OSError):  # Another worker was faster.
                Path(beside, "made").rename(_FOLDER)
    return _FOLDER / "laion_clap"


class _Spectrogram(nn.Module):
    """Power of the STFT, with the weights of torchlibrosa's convolutions beside it."""

    def __init__(self, n_fft: int, hop_length: int, **_settings: object) -> None:
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.stft = nn.Module()
        self.stft.conv_real = nn.Conv1d(1, n_fft // 2 + 1, n_fft, bias=False)
        self.stft.conv_imag = nn.Conv1d(1, n_fft // 2 + 1, n_fft, bias=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        window: Any = self.window
        spectrum = torch.stft(waveform, self.n_fft, self.hop_length, window=window, return_complex=True)
        return (spectrum.real**2 + spectrum.imag**2).transpose(1, 2)[:, None]


class _LogMel(nn.Module):
    def __init__(self, n_fft: int, n_mels: int, **_settings: object) -> None:
        super().__init__()
        self.melW = nn.Parameter(torch.zeros(n_fft // 2 + 1, n_mels))

    def forward(self, power: Tensor) -> Tensor:
        return 10 * torch.log10(torch.clamp(power @ self.melW, min=1e-10))


class LaionClap(nn.Module):
    """The audio half of LAION's CLAP, HTSAT-base without fusion."""

    def __init__(self) -> None:
        super().__init__()
        config = json.loads((laion_root() / "clap_module/model_configs/HTSAT-base.json").read_text())
        settings = types.SimpleNamespace(**config["audio_cfg"])
        self.audio_branch = _htsat().create_htsat_model(settings, False, "None")
        self.audio_projection = nn.Sequential(nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, 512))

    def forward(self, waveform: Tensor) -> Tensor:
        """Unit vectors, (n, 512), of prepared audio, (n, 480000)."""
        inner = self.audio_branch({"waveform": waveform}, None, device=waveform.device)["embedding"]
        return functional.normalize(self.audio_projection(inner), dim=-1)


@functools.cache
def _htsat() -> Any:
    def module(name: str, **members: object) -> None:
        made = types.ModuleType(name)
        vars(made).update(members)
        sys.modules[name] = made

    module("clap_module", __path__=[str(laion_root() / "clap_module")])
    module("clap_module.utils", do_mixup=None, interpolate=lambda x, ratio: x.repeat_interleave(ratio, 1))
    module("torchlibrosa")
    module("torchlibrosa.stft", Spectrogram=_Spectrogram, LogmelFilterBank=_LogMel)
    module("torchlibrosa.augmentation", SpecAugmentation=lambda **_settings: nn.Identity())
    found: Any = importlib.import_module("clap_module.htsat")
    found.trunc_normal_ = lambda tensor, **_settings: tensor
    return found


def random_laion_clap(seed: int) -> LaionClap:
    """The network with random weights and statistics, and the mel filters of its front end."""
    generator = torch.Generator().manual_seed(seed)
    network = LaionClap().eval()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith("melW"):
                tensor.copy_(torch.from_numpy(slaney_filters()))
            elif name.endswith("running_var"):
                tensor.uniform_(50, 150, generator=generator)
            elif "norm" in name and name.endswith("weight"):
                tensor.uniform_(0.5, 1.5, generator=generator)
            elif tensor.is_floating_point() and "attn_mask" not in name and "stft" not in name:
                fan = tensor[0].numel() if tensor.ndim > 1 else 20
                tensor.normal_(0, fan**-0.5, generator=generator)
    return network


def official_layout(network: LaionClap) -> dict[str, Any]:
    """A checkpoint as LAION publishes them: both halves under ``state_dict``, each key with ``module.`` before it."""
    state: dict[str, Tensor] = {f"module.{name}": tensor for name, tensor in network.state_dict().items()}
    state["module.text_branch.embeddings.position_ids"] = torch.arange(514)[None]
    state["module.text_projection.0.weight"] = torch.zeros(4, 4)
    state["module.audio_transform.sequential.0.weight"] = torch.zeros(4, 4)
    state["module.logit_scale_a"] = torch.tensor(2.6)
    return {"epoch": 15, "name": "random", "best": np.float64(0.914), "state_dict": state}


def laion_preparation(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """What ``get_audio_embedding_from_filelist`` makes of decoded audio at 48 kHz before the network, (480000,)."""
    tree = ast.parse((laion_root() / "training/data.py").read_text())
    wanted = {"get_audio_features", "int16_to_float32", "float32_to_int16"}
    kept: list[ast.stmt] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in wanted]
    space: dict[str, Any] = {"torch": torch, "F": functional, "np": np, "suppress": suppress}
    exec(compile(ast.Module(body=kept, type_ignores=[]), "data.py", "exec"), space)
    quantised = space["int16_to_float32"](space["float32_to_int16"](audio))
    made = space["get_audio_features"](
        {}, torch.from_numpy(quantised).float(), SAMPLES, data_truncating="rand_trunc", data_filling="repeatpad",
        audio_cfg={"hop_size": 480},
    )  # fmt: skip
    prepared: NDArray[np.float32] = made["waveform"].numpy()
    return prepared


def slaney_filters() -> NDArray[np.float32]:
    """64 triangles of unit area on Slaney's scale, 50 to 14000 Hz, bin by bin from the formula, (513, 64)."""

    def mel(hz: float) -> float:
        return hz * 3 / 200 if hz < 1000 else 15 + 27 * np.log(hz / 1000) / np.log(6.4)

    def hertz(mels: float) -> float:
        return mels * 200 / 3 if mels < 15 else 1000 * 6.4 ** ((mels - 15) / 27)

    edges = [hertz(m) for m in np.linspace(mel(50), mel(14000), 66)]
    filters = np.zeros((513, 64))
    for band in range(64):
        low, centre, high = edges[band : band + 3]
        for index in range(513):
            hz = index * 48000 / 1024
            height = min((hz - low) / (centre - low), (high - hz) / (high - centre))
            filters[index, band] = max(height, 0) * 2 / (high - low)
    return filters.astype(np.float32)
