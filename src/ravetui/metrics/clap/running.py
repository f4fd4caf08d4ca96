"""Windows through the network: on a CPU one a core, on a GPU many at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ravetui.metrics.clap.network import ClapNetwork

AT_ONCE = 32
"""Windows in a GPU at once."""

Windows = NDArray[np.float32]


def run_on_cpu(network: ClapNetwork, windows: Windows) -> Windows:
    """Embed windows, each by a thread of its own that computes alone.

    Threads that share one window meet after each of some thousand small operations, which costs more than it saves, and
    several times as much where others use the cores too. Alone, a window also has the same bits whatever the number
    of cores.

    Args:
        network: On the CPU.
        windows: Quantised audio, (n, 480000).

    Returns:
        Vectors of length 1, (n, 512).
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(min(threads, len(windows)) or 1) as pool:
            return np.concatenate(list(pool.map(lambda window: _embedded(network, window[None]), windows)))
    finally:
        torch.set_num_threads(threads)


def run_on_gpu(network: ClapNetwork, windows: Windows, device: torch.device) -> Windows:
    """Embed windows in batches that any GPU holds, (n, 512)."""
    parts = torch.split(torch.from_numpy(windows), AT_ONCE)
    return np.concatenate([_array(network(part.to(device))) for part in parts])


def _embedded(network: ClapNetwork, window: Windows) -> Windows:
    return _array(network(torch.from_numpy(window)))


def _array(vectors: Tensor) -> Windows:
    made: Windows = vectors.cpu().numpy()
    return made
