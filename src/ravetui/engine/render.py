"""Audio out of a checkpoint: reconstructions of validation clips, as arrays and as a step's samples."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ravetui.engine.data.clips import Clip, read_clip
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.model.losses import MultiScaleSpectralDistance
from ravetui.engine.model.rave import RAVE, pad_to_hop
from ravetui.runs.atomic import publish_folder, sync_folder
from ravetui.runs.folder import RunFolder
from ravetui.runs.samples import ORIGINALS, RenderedClip, write_manifest
from ravetui.runs.spec import RunSpec

RENDER_SEED = 0
"""Of the noise branch, the same everywhere, so that two checkpoints differ by their weights alone."""

Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Reconstruction:
    """A clip and what the network made of it."""

    name: str
    """The clip's, such as its source file's."""
    place: str
    """What tells its original from others of that name, such as where it begins."""
    original: Audio
    """(channels, samples)."""
    reconstruction: Audio
    """(channels, samples), as long as the original."""


def reconstruct(rave: RAVE, audio: Audio, *, noise: bool, device: torch.device) -> Audio:
    """Audio (channels, samples) through the posterior's mean and back, as long as it was and not late."""
    rave.seed_noise(RENDER_SEED)
    with torch.inference_mode():
        x = F.pad(torch.from_numpy(audio)[None].to(device), (0, rave.delay))
        made = rave(pad_to_hop(x, rave.hop_length), noise=noise)[0, :, rave.delay :]
        y: Audio = made[:, : audio.shape[-1]].float().cpu().numpy()
    return y


def reconstructions(
    rave: RAVE, dataset: Dataset, clips: Sequence[Clip], *, phase: int, device: torch.device
) -> Iterator[Reconstruction]:
    """Reconstruct clip after clip; the noise branch sounds in the phases in which it does in training."""
    for clip in clips:
        original = read_clip(dataset, clip)
        made = reconstruct(rave, original, noise=phase >= rave.noise_phase, device=device)
        yield Reconstruction(clip.name, str(clip.start), original, made)


def render_samples(
    run: RunFolder,
    spec: RunSpec,
    rave: RAVE,
    dataset: Dataset,
    clips: Sequence[Clip],
    *,
    step: int,
    phase: int,
    device: torch.device,
    given_up: Callable[[], bool] = lambda: False,
) -> Path | None:
    """Reconstruct clips of a dataset and publish them; see :func:`publish_samples`."""
    made = reconstructions(rave, dataset, clips, phase=phase, device=device)
    distance = MultiScaleSpectralDistance(spec.loss.stft_scales, spec.loss.log_epsilon)
    rate = spec.model.sampling_rate
    return publish_samples(run, made, distance, rate, step=step, phase=phase, given_up=given_up)


def publish_samples(
    run: RunFolder,
    made: Iterable[Reconstruction],
    distance: MultiScaleSpectralDistance,
    sampling_rate: int,
    *,
    step: int,
    phase: int,
    given_up: Callable[[], bool] = lambda: False,
) -> Path | None:
    """Publish a step's samples: FLAC beside FLAC, then the manifest, then the folder under its name.

    Samples that are there already are replaced by the new ones, whole.

    Args:
        made: One after another, each made when it is asked for.
        distance: Of each reconstruction from its original.
        sampling_rate: Hz.
        given_up: Asked before each clip; True leaves everything as it was.

    Returns:
        The folder ``samples/step-…``; None when given up.

    Raises:
        OSError: The disk is full; nothing half-made is left.
    """
    originals = run.samples / ORIGINALS
    originals.mkdir(parents=True, exist_ok=True)
    final = run.step_folder(run.samples, step)
    beside = run.samples / f".tmp-{final.name}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    rendered = []
    try:
        for number, item in enumerate(made, 1):
            if given_up():
                shutil.rmtree(beside)
                return None
            rendered.append(_write_pair(beside, originals, number, item, distance, sampling_rate))
        write_manifest(beside, step=step, phase=phase, sampling_rate=sampling_rate, clips=rendered)
        sync_folder(originals)
        if final.exists():
            shutil.rmtree(final)
        publish_folder(beside, final)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return final


def _write_pair(
    beside: Path, originals: Path, number: int, item: Reconstruction, distance: MultiScaleSpectralDistance, rate: int
) -> RenderedClip:
    """Write a reconstruction, and its original unless it is there."""
    original = originals / f"{number:02d}-{_file_name(item.name)}-{item.place}.flac"
    if not original.exists():
        write_flac(original, item.original, rate)
    name = f"{number:02d}-{_file_name(item.name)}.flac"
    write_flac(beside / name, item.reconstruction, rate)
    return RenderedClip(
        name=item.name,
        seconds=item.original.shape[-1] / rate,
        reconstruction=name,
        original=f"../{ORIGINALS}/{original.name}",
        distance=_distance(distance, item),
    )


def _distance(distance: MultiScaleSpectralDistance, item: Reconstruction) -> float | None:
    with torch.inference_mode():
        pair = (torch.from_numpy(item.original)[None], torch.from_numpy(item.reconstruction)[None])
        value = float(distance(*pair))
    return value if np.isfinite(value) else None


def write_flac(path: Path, audio: Audio, sampling_rate: int) -> None:
    """Write audio (channels, samples) as 16-bit FLAC, whole or not at all; what lies beyond ±1 is clipped."""
    import soundfile

    beside = path.with_name(f".{path.name}")
    soundfile.write(beside, np.clip(np.nan_to_num(audio.T), -1, 1), sampling_rate, format="FLAC", subtype="PCM_16")
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def _file_name(name: str) -> str:
    """A clip's name as a file name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)[:60] or "clip"
