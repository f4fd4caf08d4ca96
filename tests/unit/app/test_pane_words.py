import pytest
from textual.content import Content

from ravetui.app.panes.checkpoints import _value
from ravetui.app.panes.columns import cell, cut, spread
from ravetui.app.panes.log import event_words
from ravetui.runs.events import Event


@pytest.mark.parametrize(
    ("value", "half", "width", "said"),
    [
        (0.2104, 0.0213, 14, "0.210 ±0.021"),
        (0.2104, 0.0213, 11, "0.21 ±0.02"),
        (0.2104, 0.0213, 9, ".21±.02"),
        (0.2104, 0.0213, 6, "0.210"),
        (4.123, 0.31, 14, "4.12 ±0.31"),
        (4.123, 0.31, 9, "4.1 ±0.3"),
        (4.123, 0.31, 8, "4.1±.3"),
        (-0.012, 0.04, 9, "-.01±.04"),
        (123.4, 12.0, 14, "123.4 ±12.0"),
        (123.4, 12.0, 9, "123 ±12"),
    ],
)
def test_a_value_is_as_exact_as_its_interval(value: float, half: float, width: int, said: str) -> None:
    metrics = {"fad": {"value": value, "low": value - half, "high": value + half}}
    assert _value("fad", metrics, width) == said


def test_a_value_without_an_interval_or_no_value_at_all() -> None:
    assert _value("fad", {"fad": {"value": 0.21}}, 14) == "0.210"
    assert _value("fad", {"fad": {"value": None}}, 14) == "–"
    assert _value("fad", {}, 14) == "–"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(0.0, "created", 0, {"preset": "v1", "data": "graz"}), "created from preset v1 on graz"),
        (Event(0.0, "started", 2, {"step": 12000, "checkpoint": None}), "attempt 2 started at step 12 000"),
        (Event(0.0, "phase", 1, {"phase": 2, "step": 213400}), "phase 2 began at step 213 400"),
        (Event(0.0, "validated", 1, {"step": 10, "validation": 3.9}), "validated at step 10: 3.900"),
        (Event(0.0, "validated", 1, {"step": 10, "validation": None}), "validated at step 10"),
        (Event(0.0, "saved", 1, {"step": 10}), "saved a checkpoint at step 10"),
        (Event(0.0, "sampled", 1, {"step": 10}), "rendered samples at step 10"),
        (Event(0.0, "scored", 0, {"step": 10, "embedder": "mel"}), "scored the checkpoint at step 10 (mel)"),
        (Event(0.0, "warned", 1, {"reason": "no space"}), "warning: no space"),
        (Event(0.0, "unsaved", 1, {"step": 9, "reason": "no space"}), "no checkpoint at step 9: no space"),
        (Event(0.0, "skipped", 1, {"step": 8, "reason": "loss became NaN"}), "rolled back at step 8: loss became NaN"),
        (Event(0.0, "failed", 1, {"reason": "CUDA out of memory"}), "failed: CUDA out of memory"),
    ],
)
def test_events_in_plain_words(event: Event, said: str) -> None:
    assert event_words(event) == said


def test_columns_are_as_wide_as_they_are_told() -> None:
    assert cell("12", 5).plain == "12   "
    assert cell("étude", 4).plain == "étu…"
    assert spread(Content("a long name"), Content("right"), 12).plain == "a lon… right"
    assert cut(Content("日本語"), 4).cell_length <= 4
