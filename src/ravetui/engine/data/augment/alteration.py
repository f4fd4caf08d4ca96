"""What is done to one crop."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ravetui.engine.data.augment.compress import Compression, draw_compression
from ravetui.engine.data.augment.equalise import Gains, draw_gains
from ravetui.engine.data.augment.gain import draw_gain
from ravetui.engine.data.augment.mangle import draw_pole
from ravetui.engine.data.augment.speed import Speed, draw_speed
from ravetui.runs.training_spec import AugmentSpec

Streams = Callable[[int], np.random.Generator]
"""Gives a crop's random stream of a number."""

_SPEED, _EQUALISE, _COMPRESS, _GAIN, _MUTE = range(3, 8)
"""One stream each: to switch one on or off changes nothing about another. Those before are the sampler's."""


@dataclass(frozen=True)
class Alteration:
    """The drawn parameters of one crop, in the order in which they act; None is nothing."""

    speed: Speed | None = None
    pole: float | None = None
    """Frequency of the all-pass filter's pole, Hz."""
    equalise: Gains | None = None
    compress: Compression | None = None
    gain: float = 0.0
    """dB."""
    mute: bool = False


def draw_alteration(spec: AugmentSpec, item: np.random.Generator, streams: Streams) -> Alteration:
    """Draw what is done to one crop; only what is switched on takes time.

    Args:
        spec: Strengths and probabilities.
        item: The item's own stream, which gives the all-pass filter.
        streams: The others.
    """
    pole = draw_pole(item) if item.random() < spec.phase_mangle else None
    compressing = streams(_COMPRESS) if spec.compress else None
    return Alteration(
        speed=draw_speed(streams(_SPEED), spec.speed) if spec.speed else None,
        pole=pole,
        equalise=draw_gains(streams(_EQUALISE), spec.equalise) if spec.equalise else None,
        compress=draw_compression(compressing) if compressing and compressing.random() < spec.compress else None,
        gain=draw_gain(streams(_GAIN), spec.gain) if spec.gain else 0.0,
        mute=bool(spec.mute) and bool(streams(_MUTE).random() < spec.mute),
    )
