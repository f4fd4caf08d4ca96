"""A clip of any length as windows of one length."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def window_starts(samples: int, window: int, hop: int) -> list[int]:
    """First samples of the windows that cover a clip; the last one ends where the clip ends.

    Silence is never appended: a window that is partly padding would be judged as a sound of its own.
    """
    last = samples - window
    if last <= 0:
        return [0]
    starts = list(range(0, last + 1, hop))
    return starts if starts[-1] == last else [*starts, last]


def filled(audio: NDArray[np.float32], window: int, padding: Literal["wrap", "zeros"]) -> NDArray[np.float32]:
    """A clip that is at least a window long.

    Args:
        audio: Mono, (samples,), at least one sample.
        window: Samples a window.
        padding: Of a shorter clip: ``wrap`` repeats it until it fills a window; ``zeros`` repeats it as often as it
            fits whole, then adds zeros, which is LAION's "repeatpad".
    """
    if audio.size >= window:
        return audio
    if padding == "wrap":
        return np.resize(audio, window)
    whole = np.tile(audio, window // audio.size)
    return np.pad(whole, (0, window - whole.size))


def cut_windows(
    audio: NDArray[np.float32], window: int, hop: int, padding: Literal["wrap", "zeros"] = "wrap"
) -> list[NDArray[np.float32]]:
    """Cut a clip into windows.

    They start every `hop` samples; a last one is aligned to the clip's end when the others do not reach it. Only a clip
    shorter than a window is filled up, see `filled`.

    Args:
        audio: Mono, (samples,), at least one sample.
        window: Samples a window.
        hop: Samples between the starts of two windows.
        padding: Of a shorter clip.

    Returns:
        Windows, (window,) each: parts of ``audio``, not copies.
    """
    if audio.ndim != 1 or audio.size == 0:
        raise ValueError(f"audio must be mono with at least one sample, not of shape {audio.shape}")
    audio = filled(audio, window, padding)
    return [audio[start : start + window] for start in window_starts(audio.size, window, hop)]
