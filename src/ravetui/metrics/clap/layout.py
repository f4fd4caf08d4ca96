"""Which tensors LAION's checkpoint has for the audio half of CLAP, and what transformers calls them.

The network is HTSAT-base (Chen et al. 2022, arXiv 2202.00874), a Swin transformer of four stages, with the two linear
layers that project to the space shared with text (Wu et al. 2023, arXiv 2211.06687).
"""

from collections.abc import Iterator
from dataclasses import dataclass

DEPTHS = (2, 2, 12, 2)
"""Blocks of each stage."""
HEADS = (4, 8, 16, 32)
"""Attention heads of each stage."""
WIDTH = 128
"""Channels of the first stage; each further one has twice as many."""
INNER = WIDTH * 2 ** (len(DEPTHS) - 1)
"""Channels of the last stage."""
DIMENSIONS = 512
"""Of an embedding."""
N_FFT, HOP_LENGTH, MELS = 1024, 480, 64
"""Front end, samples at 48 kHz and bands."""
FILTERS = "audio_branch.logmel_extractor.melW"
"""Mel filters of the checkpoint, (n_fft // 2 + 1, mels)."""
_WINDOW = 8
"""Patches along a side of an attention window."""
_PATCHES = 64
"""Patches along a side of the first stage."""


@dataclass(frozen=True)
class Entry:
    """One tensor of the checkpoint."""

    name: str
    """LAION's key, without ``module.``."""
    shape: tuple[int, ...]
    targets: tuple[str, ...] = ()
    """Keys of transformers that get equal parts of its rows; none: the network here does not use it."""


def entries() -> tuple[Entry, ...]:
    """Every tensor under ``audio_branch`` and ``audio_projection``."""
    return (*_front_end(), *(entry for stage in range(len(DEPTHS)) for entry in _stage(stage)), *_end())


def foreign(name: str) -> bool:
    """Whether a key, without ``module.``, is of another half of CLAP: text, logit scales, training transforms."""
    return name.startswith(("text_", "logit_scale", "audio_transform."))


def _affine(name: str, target: str, *shape: int) -> tuple[Entry, Entry]:
    """Weight and bias."""
    targets = tuple(f"{target}.{part}" for part in ("weight", "bias")) if target else ()
    return (
        Entry(f"{name}.weight", shape, targets[:1]),
        Entry(f"{name}.bias", shape[:1], targets[1:]),
    )


def _front_end() -> Iterator[Entry]:
    branch, encoder, bins = "audio_branch", "audio_model.audio_encoder", N_FFT // 2 + 1
    for part in ("real", "imag"):
        yield Entry(f"{branch}.spectrogram_extractor.stft.conv_{part}.weight", (bins, 1, N_FFT))
    yield Entry(FILTERS, (bins, MELS))
    yield from _affine(f"{branch}.bn0", f"{encoder}.batch_norm", MELS)
    for part in ("running_mean", "running_var"):
        yield Entry(f"{branch}.bn0.{part}", (MELS,), (f"{encoder}.batch_norm.{part}",))
    yield Entry(f"{branch}.bn0.num_batches_tracked", ())
    yield from _affine(f"{branch}.patch_embed.proj", f"{encoder}.patch_embed.proj", WIDTH, 1, 4, 4)
    yield from _affine(f"{branch}.patch_embed.norm", f"{encoder}.patch_embed.norm", WIDTH)


def _stage(stage: int) -> Iterator[Entry]:
    width = WIDTH * 2**stage
    name, target = f"audio_branch.layers.{stage}", f"audio_model.audio_encoder.layers.{stage}"
    for block in range(DEPTHS[stage]):
        yield from _block(f"{name}.blocks.{block}", f"{target}.blocks.{block}", width, HEADS[stage])
        windows = (_PATCHES // 2**stage // _WINDOW) ** 2
        if block % 2 and windows > 1:
            yield Entry(f"{name}.blocks.{block}.attn_mask", (windows, _WINDOW**2, _WINDOW**2))
    if stage < len(DEPTHS) - 1:
        yield Entry(
            f"{name}.downsample.reduction.weight", (2 * width, 4 * width), (f"{target}.downsample.reduction.weight",)
        )
        yield from _affine(f"{name}.downsample.norm", f"{target}.downsample.norm", 4 * width)


def _block(name: str, target: str, width: int, heads: int) -> Iterator[Entry]:
    yield from _affine(f"{name}.norm1", f"{target}.layernorm_before", width)
    yield from _affine(f"{name}.norm2", f"{target}.layernorm_after", width)
    table = "relative_position_bias_table"
    yield Entry(f"{name}.attn.{table}", ((2 * _WINDOW - 1) ** 2, heads), (f"{target}.attention.self.{table}",))
    yield Entry(f"{name}.attn.relative_position_index", (_WINDOW**2, _WINDOW**2))
    for part, shape in (("weight", (3 * width, width)), ("bias", (3 * width,))):
        thirds = tuple(f"{target}.attention.self.{role}.{part}" for role in ("query", "key", "value"))
        yield Entry(f"{name}.attn.qkv.{part}", shape, thirds)
    yield from _affine(f"{name}.attn.proj", f"{target}.attention.output.dense", width, width)
    yield from _affine(f"{name}.mlp.fc1", f"{target}.intermediate.dense", 4 * width, width)
    yield from _affine(f"{name}.mlp.fc2", f"{target}.output.dense", width, 4 * width)


def _end() -> Iterator[Entry]:
    yield from _affine("audio_branch.norm", "audio_model.audio_encoder.norm", INNER)
    classes = 527
    yield from _affine("audio_branch.tscam_conv", "", classes, INNER, 2, 3)
    yield from _affine("audio_branch.head", "", classes, classes)
    yield from _affine("audio_projection.0", "audio_projection.linear1", DIMENSIONS, INNER)
    yield from _affine("audio_projection.2", "audio_projection.linear2", DIMENSIONS, DIMENSIONS)
