"""The curves of ``monitor_data`` in the formats of other monitors."""

import json
import struct
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from monitor_data import Floats
from numpy.typing import NDArray

Curves = Mapping[str, tuple[NDArray[np.int64], Floats]]
TLOG = """
import os, sys
os.chdir(sys.argv[1])
import tlog
tlog.init(project="p", name="run")
tlog.log({"loss": 1.0}, step=0)
if len(sys.argv) < 3:
    tlog.finish()
os._exit(0)
"""
WANDB = """
import os, sys
import numpy
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true")
import wandb
found = numpy.load(sys.argv[1])
run = wandb.init(project="p", dir=sys.argv[2], settings=wandb.Settings(x_disable_stats=True, console="off"))
steps = found["steps"]
columns = {tag: found[tag].tolist() for tag in found.files if tag != "steps"}
for number, step in enumerate(steps.tolist()):
    run.log({tag: values[number] for tag, values in columns.items() if values[number] == values[number]}, step=step)
run.finish()
"""
_CASTAGNOLI = 0x82F63B78
"""The reversed polynomial of CRC-32C."""


def write_events(folder: Path, curves: Curves) -> Path:
    """One TensorBoard event file, as a trainer writes it: step after step, all tags of a step together."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "events.out.tfevents.1700000000.bench.1.0"
    version = b"\x09" + struct.pack("<d", 1.7e9) + b"\x1a\x0dbrain.Event:2"
    steps = max((step for step, _ in curves.values()), key=len)
    with path.open("wb") as file:
        file.write(_framed(np.frombuffer(version, dtype=np.uint8)[None, :]).tobytes())
        # Steps of one length as a varint make records of one length.
        for low, high in ((1, 1 << 7), (1 << 7, 1 << 14), (1 << 14, 1 << 21)):
            inside = steps[(steps >= low) & (steps < high)]
            for some in np.array_split(inside, max(1, inside.size // 50_000)):
                blocks, owners = [], []
                for tag, (step, value) in curves.items():
                    mine = np.isin(step, some)
                    if mine.any():
                        blocks.append(_framed(_scalars(tag, step[mine], value[mine])))
                        owners.append(step[mine])
                file.write(_interleaved(blocks, owners))
    return path


def append_event(path: Path, tag: str, step: int, value: float) -> None:
    """One more scalar at the end of an event file."""
    with path.open("ab") as file:
        file.write(_framed(_scalars(tag, np.array([step]), np.array([value]))).tobytes())


def write_tlog(python: Path, folder: Path, curves: Curves, *, live: bool = False) -> Path:
    """A run of tlog's: made by its own program, its metrics as its writer writes them; returns their file."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([python, "-c", TLOG, folder, *(["live"] if live else [])], check=True, capture_output=True)
    (path,) = folder.rglob("metrics.jsonl")
    steps, columns = _table(curves)
    with path.open("w") as file:
        for number, step in enumerate(steps.tolist()):
            values = {tag: column[number] for tag, column in columns.items() if column[number] == column[number]}
            file.write(json.dumps({"_step": step, "_ts": 1.7e9 + 0.4 * step, **values}, separators=(",", ":")) + "\n")
    return path


def write_wandb(python: Path, folder: Path, curves: Curves, seconds: float) -> Path:
    """An offline run of W&B's, logged through its own library; returns its file.

    Raises:
        TimeoutExpired: Logging took longer than that many seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    steps, columns = _table(curves)
    np.savez(folder / "curves.npz", steps=steps, **{tag: np.array(column) for tag, column in columns.items()})
    command = [python, "-c", WANDB, folder / "curves.npz", folder]
    subprocess.run(command, check=True, capture_output=True, timeout=seconds)
    (path,) = folder.rglob("*.wandb")
    return path


def append_tlog(path: Path, tag: str, step: int, value: float) -> None:
    """One more line of a run of tlog's."""
    with path.open("a") as file:
        file.write(json.dumps({"_step": step, "_ts": time.time(), tag: value}, separators=(",", ":")) + "\n")


def _table(curves: Curves) -> tuple[NDArray[np.int64], dict[str, list[float]]]:
    """Every step, and a value or NaN for each."""
    steps = max((step for step, _ in curves.values()), key=len)
    columns = {}
    for tag, (step, value) in curves.items():
        column = np.full(steps.size, np.nan)
        column[np.searchsorted(steps, step)] = value
        columns[tag] = column.tolist()
    return steps, columns


def _scalars(tag: str, steps: NDArray[np.int64], values: Floats) -> NDArray[np.uint8]:
    """Event messages of one length, shape (n, bytes): wall time, step, a summary with one simple value."""
    name = tag.encode()
    value = b"\x0a" + bytes([len(name)]) + name + b"\x15"
    length = 1
    while steps[0] >> 7 * length:
        length += 1
    head = [np.full((steps.size, 1), 0x09), (1.7e9 + 0.4 * steps).astype("<f8").view(np.uint8).reshape(-1, 8)]
    varint = [(steps >> 7 * place & 0x7F) | (0x80 if place < length - 1 else 0) for place in range(length)]
    summary = b"\x2a" + bytes([len(value) + 6, 0x0A, len(value) + 4]) + value
    tail = np.broadcast_to(np.frombuffer(summary, dtype=np.uint8), (steps.size, len(summary)))
    number = values.astype("<f4").view(np.uint8).reshape(-1, 4)
    parts = [*head, np.full((steps.size, 1), 0x10), np.stack(varint, axis=1), tail, number]
    return np.concatenate(parts, axis=1).astype(np.uint8)


def _framed(messages: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """TFRecords of messages of one length, shape (n, bytes + 16)."""
    count, width = messages.shape
    size = np.broadcast_to(np.frombuffer(struct.pack("<Q", width), dtype=np.uint8), (count, 8))
    return np.concatenate((size, _masked(size), messages, _masked(messages)), axis=1)


def _masked(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The masked CRC-32C of each row, shape (n, 4)."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, np.uint32(_CASTAGNOLI) ^ (table >> 1), table >> 1)
    crc = np.full(len(rows), 0xFFFFFFFF, dtype=np.uint32)
    for column in rows.T:
        crc = table[(crc ^ column) & 0xFF] ^ (crc >> 8)
    crc = ~crc
    return ((crc >> 15 | crc << 17) + np.uint32(0xA282EAD8)).astype("<u4").view(np.uint8).reshape(-1, 4)


def _interleaved(blocks: list[NDArray[np.uint8]], owners: list[NDArray[np.int64]]) -> bytes:
    """The rows of several blocks in order of their steps, then of the blocks."""
    if not blocks:
        return b""
    order = np.argsort(np.concatenate(owners), kind="stable")
    widths = np.concatenate([np.full(len(block), block.shape[1]) for block in blocks])
    starts = np.cumsum(widths) - widths
    everything = np.concatenate([block.reshape(-1) for block in blocks])
    sizes = widths[order]
    begin = np.repeat(starts[order] - (np.cumsum(sizes) - sizes), sizes)
    return everything[begin + np.arange(begin.size)].tobytes()
