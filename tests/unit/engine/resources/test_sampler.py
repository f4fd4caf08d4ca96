"""The thread that measures: it journals, and nothing that happens in it reaches training."""

from threading import Event
from typing import Any

from ravetui.engine.resources.sampler import ResourceSampler


def test_it_writes_until_it_is_closed() -> None:
    rows: list[dict[str, float]] = []
    enough = Event()

    def write(row: dict[str, float]) -> None:
        rows.append(row)
        if len(rows) == 5:
            enough.set()

    sampler = ResourceSampler(lambda: {"cpu_cores": 1.0}, write, lambda *_, **__: None, first=(0.0,), every=0.001)
    assert enough.wait(30)
    sampler.close()
    written = len(rows)
    assert not Event().wait(0.05) and len(rows) == written


def test_a_look_that_fails_ends_it_and_is_told_once() -> None:
    told: list[tuple[str, Any]] = []
    said = Event()

    def measure() -> dict[str, float]:
        raise OSError("no such device")

    def tell(kind: str, **fields: Any) -> None:
        told.append((kind, fields["reason"]))
        said.set()

    sampler = ResourceSampler(measure, lambda _row: None, tell, first=(), every=0.001)
    assert said.wait(30)
    sampler.close()
    assert told == [("warned", "what the run uses is no longer measured: no such device")]


def test_a_look_that_hangs_holds_up_no_end_and_writes_nothing_after_it() -> None:
    looking, go_on = Event(), Event()
    rows: list[dict[str, float]] = []

    def measure() -> dict[str, float]:
        looking.set()
        go_on.wait(30)
        return {}

    sampler = ResourceSampler(measure, rows.append, lambda *_, **__: None, first=(), every=0.001)
    assert looking.wait(30)
    sampler.close()
    go_on.set()
    sampler.close()
    assert rows == []
