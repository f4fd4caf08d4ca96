"""Loader workers are real processes here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO
from ravetui.engine.data.loader import Loader
from ravetui.errors import RunError
from ravetui.runs.lock import acquire, held, is_held
from ravetui.runs.training_spec import AugmentSpec

Build = Callable[..., Dataset]
Open = Callable[..., Loader]


@pytest.fixture
def sampler(build: Build) -> CropSampler:
    dataset = build([("train", [30000]), ("validation", [9000])], 2)
    return CropSampler(dataset, 1000, 3, 5, AugmentSpec(phase_mangle=0, gain=6, mute=0.2))


@pytest.fixture
def ready() -> Iterator[Open]:
    """Opens loaders whose workers have started, and closes them."""
    opened: list[Loader] = []

    def make(sampler: CropSampler, workers: int, kept: tuple[int, ...] = ()) -> Loader:
        loader = Loader(sampler, workers, kept)
        opened.append(loader)
        wait_until_ready(loader)
        return loader

    yield make
    for loader in opened:
        loader.close()


def wait_until_ready(loader: Loader) -> None:
    deadline = time.monotonic() + 60
    while not all(worker.is_ready for worker in loader.workers):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def take(loader: Loader, window: int) -> bytes:
    """The batch of a window, when those after it are the next ones."""
    return loader.take(window, range(window + 1, window + 1 + loader.ahead)).tobytes()


def processes(loader: Loader) -> list[psutil.Process]:
    return [psutil.Process(worker.process.pid) for worker in loader.workers]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_bits_are_the_samplers_in_order_and_after_jumps(sampler: CropSampler, ready: Open, workers: int) -> None:
    sampler = CropSampler(sampler.dataset, 1000, 3, 5, AugmentSpec(speed=2, compress=0.5, equalise=3))
    loader = ready(sampler, workers)
    for window in [*range(20), 7, 8, 9, 9, 123_456, 123_457, *range(12)]:
        assert take(loader, window) == sampler.batch(window).tobytes(), window


def test_windows_that_are_left_out_are_left_out(sampler: CropSampler, ready: Open) -> None:
    loader = ready(sampler, 2)
    wanted = [0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 13, 14, 15]
    for place, window in enumerate(wanted[:3]):
        loader.take(window, wanted[place + 1 : place + 5])
    # 3 and 4 were ordered: 3 stays, 4 was found to be bad, and nobody gets it.
    for place, window in enumerate(wanted[3:9], 3):
        assert loader.take(window, wanted[place + 1 : place + 5]).tobytes() == sampler.batch(window).tobytes()


def test_the_workers_make_the_batches_and_the_trainer_only_the_first(
    sampler: CropSampler, ready: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = ready(sampler, 2)
    made: list[int] = []
    draw = CropSampler.batch

    def batch(self: CropSampler, step: int) -> object:
        made.append(step)
        return draw(self, step)

    monkeypatch.setattr(CropSampler, "batch", batch)
    for window in range(10, 20):
        take(loader, window)
    assert made == [10]


def test_a_run_begins_before_its_workers_have_started(sampler: CropSampler) -> None:
    loader = Loader(sampler, 1)
    # Stopped before it can say that it is there.
    os.kill(loader.workers[0].process.pid, signal.SIGSTOP)
    try:
        for window in range(3):
            assert take(loader, window) == sampler.batch(window).tobytes()
    finally:
        os.kill(loader.workers[0].process.pid, signal.SIGCONT)
        loader.close()


def test_a_worker_has_no_torch_and_one_thread(sampler: CropSampler, ready: Open) -> None:
    (process,) = processes(ready(sampler, 1))
    mapped = Path(f"/proc/{process.pid}/maps").read_text()
    assert "numpy" in mapped
    assert "libtorch" not in mapped
    assert process.num_threads() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_for_the_group_do_not_reach_a_worker(sampler: CropSampler, number: int) -> None:
    loader = Loader(sampler, 2)
    # At once: there is no moment at which one would be fatal.
    for process in processes(loader):
        process.send_signal(number)
    wait_until_ready(loader)
    for window in range(6):
        assert take(loader, window) == sampler.batch(window).tobytes()
    for process in processes(loader):
        process.send_signal(number)
    assert take(loader, 6) == sampler.batch(6).tobytes()
    loader.close()


def test_closing_ends_the_workers(sampler: CropSampler, ready: Open) -> None:
    loader = ready(sampler, 2)
    take(loader, 0)
    alive = processes(loader)
    loader.close()
    assert not any(process.is_running() for process in alive)
    loader.close()


@pytest.mark.parametrize("started", [False, True])
def test_a_worker_that_dies_is_one_clear_error(sampler: CropSampler, ready: Open, started: bool) -> None:
    loader = ready(sampler, 2) if started else Loader(sampler, 2)
    take(loader, 0)
    loader.workers[1].process.kill()
    loader.workers[1].process.wait()
    with pytest.raises(RunError, match=r"Loader worker 2 was killed by SIGKILL\. Memory may have run out"):
        for window in range(1, 6):
            take(loader, window)
    loader.close()


def test_a_dataset_that_is_cut_under_a_worker_is_named(sampler: CropSampler, ready: Open) -> None:
    loader = ready(sampler, 1)
    os.truncate(sampler.dataset.folder / AUDIO, 0)
    loader.workers[0].ask(0)
    with pytest.raises(RunError, match=r"killed by SIGBUS\. The dataset's file may have been cut"):
        loader.workers[0].receive()


def test_an_error_in_a_worker_is_told_in_a_sentence(sampler: CropSampler) -> None:
    (sampler.dataset.folder / AUDIO).rename(sampler.dataset.folder / "elsewhere")
    loader = Loader(sampler, 1)
    with pytest.raises(RunError, match=r"Loader worker 1 failed: .*audio\.i16"):
        wait_until_ready(loader)
    loader.close()


def test_a_lock_is_held_until_the_last_worker_is_gone(sampler: CropSampler, ready: Open, tmp_path: Path) -> None:
    path = tmp_path / "live.lock"
    assert held(path) == []
    own = acquire(path, inheritable=True)
    assert own is not None
    assert held(path) == [own]
    loader = ready(sampler, 1, tuple(held(path)))
    os.close(own)
    assert is_held(path)
    loader.close()
    assert not is_held(path)


_TRAINER = """
import sys
from pathlib import Path
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.loader import Loader
from ravetui.runs.training_spec import AugmentSpec
loader = Loader(CropSampler(Dataset(Path(sys.argv[1])), 1000, 3, 5, AugmentSpec(phase_mangle=0)), 2)
print(*[worker.process.pid for worker in loader.workers], flush=True)
window = 0
while True:
    loader.take(window, range(window + 1, window + 5))
    if window == int(sys.argv[2]):
        print("there", flush=True)
    window += 1
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("after", [None, 0, 200])
def test_workers_end_with_their_trainer_whatever_ends_it(
    sampler: CropSampler, number: signal.Signals, after: int | None
) -> None:
    command = [sys.executable, "-c", _TRAINER, str(sampler.dataset.folder), str(after)]
    if after is None:
        command[-1] = "-1"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as trainer:
        assert trainer.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in trainer.stdout.readline().split()]
        assert len(workers) == 2
        if after is not None:
            assert trainer.stdout.readline() == "there\n"
        trainer.send_signal(number)
    assert trainer.returncode == -number
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
