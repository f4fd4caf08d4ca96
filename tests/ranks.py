"""Runs of several ranks in tests: who they are, what is left of them, and how one of them is made to misbehave."""

import multiprocessing
import os
import socket
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from ravetui.engine.launch.rank import AGENT_VARIABLE
from ravetui.engine.training.ranks import Ranks, join
from ravetui.runs.folder import RunFolder
from tests.stand_in import PATIENCE, until

TWO = {"ranks": "2", "batch_size": "1"}
"""As many crops a step as a small run of one rank."""


def processes(run: RunFolder) -> list[psutil.Process]:
    """Every living process of a run: shim, torchrun and ranks are told the run's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(run.path) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def rank(run: RunFolder, number: int) -> psutil.Process:
    """The process of one rank, once it is there."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        found[:] = [p for p in processes(run) if "ravetui.engine.launch.rank" in p.cmdline()]
        return any(_number(process) == number for process in found)

    until(is_there, f"rank {number} of {run.name}")
    return next(process for process in found if _number(process) == number)


def misbehaving(folder: Path, number: int, code: str) -> dict[str, str]:
    """Environment in which one rank runs some code before everything else."""
    folder.mkdir()
    body = "\n".join(f"    {line}" for line in code.strip().splitlines())
    (folder / "sitecustomize.py").write_text(f'import os\nif os.environ.get("RANK") == "{number}":\n{body}\n')
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)}


def together(work: Callable[[Ranks], Any], size: int = 2) -> list[Any]:
    """What some work makes in processes that have joined one another, or the text of what it raises there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Forked: torch, which takes seconds to import, is there already.
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe(duplex=False) for _ in range(size)]
    workers = [context.Process(target=_work, args=(work, n, size, port, pipes[n][1])) for n in range(size)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for worker in workers:
            worker.start()
    try:
        return [read.recv() if read.poll(PATIENCE) else None for read, _ in pipes]
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _work(work: Callable[[Ranks], Any], number: int, size: int, port: int, answer: Connection) -> None:
    place = {"RANK": number, "LOCAL_RANK": number, "WORLD_SIZE": size, "MASTER_PORT": port, "MASTER_ADDR": "127.0.0.1"}
    os.environ.update({name: str(value) for name, value in place.items()}, GLOO_SOCKET_IFNAME="lo")
    os.environ[AGENT_VARIABLE] = str(os.getppid())
    try:
        answer.send(work(join()))
    except Exception as error:
        answer.send(f"{type(error).__name__}: {error}")


def _number(process: psutil.Process) -> int:
    try:
        return int(process.environ().get("RANK", "-1"))
    except psutil.Error:
        return -1
