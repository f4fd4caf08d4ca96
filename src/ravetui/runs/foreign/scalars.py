"""Numbers out of many events at once: events of one length that differ only in time, step and value are one matrix."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ravetui.runs.foreign.crc import LONGEST, masked_rows
from ravetui.runs.foreign.message import EventMessage, read_event

FEWEST = 8
"""For fewer events it does not pay."""
MOST = 256
"""So many ways in which the events of one length are laid out are looked for."""


@dataclass(frozen=True)
class Batch:
    """Numbers of one tag. Arrays have shape (count,)."""

    tag: str
    order: NDArray[np.int64]
    """Which of the records each comes from."""
    step: NDArray[np.int64]
    time: NDArray[np.float64]
    """Unix time, seconds."""
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Sorted:
    """What could be made of some records."""

    batches: list[Batch]
    rest: NDArray[np.int64]
    """Which records have to be read one by one."""
    damaged: NDArray[np.int64]
    """Which have the wrong checksum."""


def read_many(
    content: bytes, start: NDArray[np.int64], length: NDArray[np.int64], stored: NDArray[np.uint32]
) -> Sorted:
    """Read the events that carry numbers and nothing else.

    Args:
        content: The bytes they lie in.
        start: Of each event, shape (count,).
        length: Of each event.
        stored: The masked CRC-32C that each should have.
    """
    everything = np.frombuffer(content, np.uint8)
    batches: list[Batch] = []
    rest: list[NDArray[np.int64]] = []
    damaged: list[NDArray[np.int64]] = []
    for width in np.unique(length).tolist():
        left = np.flatnonzero(length == width)
        if width > LONGEST or width < 16:
            rest.append(left)
            continue
        rows = sliding_window_view(everything, width)[start[left]]
        for _ in range(MOST):
            if len(left) < FEWEST:
                break
            alike, made, wrong = _alike(rows, left, stored[left])
            batches += made
            damaged.append(wrong)
            if not made:
                rest.append(left[alike])
            rows, left = rows[~alike], left[~alike]
        rest.append(left)
    return Sorted(batches, _joined(rest), _joined(damaged))


def _alike(
    rows: NDArray[np.uint8], places: NDArray[np.int64], stored: NDArray[np.uint32]
) -> tuple[NDArray[np.bool_], list[Batch], NDArray[np.int64]]:
    """Which rows are laid out as the first one, their numbers, and which of them are damaged."""
    first, like = np.zeros(len(rows), np.bool_), rows[0]
    first[0] = True
    none = np.empty(0, np.int64)
    try:
        event = read_event(like.tobytes())
    except (ValueError, IndexError):
        return first, [], none
    plain = event.values and all(value.kind in ("<f4", "<f8") for value in event.values)
    if event.starts or event.time_at < 0 or not plain:
        return first, [], none
    free = np.zeros(rows.shape[1], np.bool_)
    free[event.time_at : event.time_at + 8] = True
    for value in event.values:
        free[value.start : value.start + value.length] = True
    if event.step_at >= 0:
        free[event.step_at : event.step_at + event.step_length] = True
    alike = ((rows == like) | free).all(axis=1) & _same_varint(rows, event)
    if alike.sum() < FEWEST:
        return alike, [], none
    chosen, found = rows[alike], places[alike]
    good = masked_rows(chosen, like, np.flatnonzero(free)) == stored[alike]
    order, step = found[good], _steps(chosen, event)[good]
    time = _numbers(chosen, event.time_at, "<f8")[good]
    batches = [
        Batch(value.tag, order, step, time, _numbers(chosen, value.start, value.kind)[good]) for value in event.values
    ]
    return alike, batches, found[~good]


def _same_varint(rows: NDArray[np.uint8], event: EventMessage) -> NDArray[np.bool_]:
    if event.step_at < 0:
        return np.ones(len(rows), np.bool_)
    more = rows[:, event.step_at : event.step_at + event.step_length] >= 0x80
    return np.asarray(more[:, :-1].all(axis=1) & ~more[:, -1])


def _steps(rows: NDArray[np.uint8], event: EventMessage) -> NDArray[np.int64]:
    step = np.zeros(len(rows), np.uint64)
    for place in range(event.step_length if event.step_at >= 0 else 0):
        part = (rows[:, event.step_at + place] & 0x7F).astype(np.uint64)
        step |= part << np.uint64(7 * place)
    return step.view(np.int64)


def _numbers(rows: NDArray[np.uint8], start: int, kind: str) -> NDArray[np.float64]:
    columns = np.ascontiguousarray(rows[:, start : start + int(kind[-1])])
    return columns.view(kind).ravel().astype(np.float64)


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)
