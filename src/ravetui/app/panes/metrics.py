"""Every metric of one score: value, interval, the band of real audio, and the verdict."""

from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from ravetui.app.panes.columns import cell, cut
from ravetui.app.panes.listing import Listing
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.score_page import ScorePage
from ravetui.app.verdict import short_verdict
from ravetui.metrics.catalogue import METRICS, MetricInfo
from ravetui.runs.format import steps

_LABEL, _VALUE, _INTERVAL, _REAL = 18, 8, 17, 15
_COARSE = 100.0
"""From here on nobody reads decimals."""
_FIRST = ("kid", "fad", "fad_corrected", "paired_distance", "spectral_distance", "recognised", "vendi_ratio")
"""What answers "is it better?" comes first, so that it is seen on a small screen."""


class MetricsPane(Listing):
    """A table; the metric under the cursor is explained and drawn over the checkpoints elsewhere."""

    def compose(self) -> ComposeResult:
        """A line of headings and the rows."""
        self.border_title = "metrics"
        yield Static(id="metrics-head", markup=False)
        yield Rows(id="metric-rows")

    @property
    def selected(self) -> str | None:
        """Name of the metric under the cursor."""
        return self.rows.selected

    def show(self, page: ScorePage) -> None:
        """Show a score."""
        metrics = page.record.metrics if page.record else {}
        known = page.comparison.differences if page.comparison else {}
        width, rows = self.rows.room, []
        for name in filter(metrics.__contains__, dict.fromkeys((*_FIRST, *METRICS))):
            row = _row(METRICS[name], metrics[name], short_verdict(known.get(name)))
            rows.append(Row(name, cut(row, width)))
        self.rows.show(rows)
        versus = f"vs step {steps(page.against)}" if page.against is not None and page.comparison else ""
        names = ("", "value", "95 %", "real audio", versus)
        widths = (_LABEL, _VALUE, _INTERVAL, _REAL, max(len(versus), 1))
        cells = [cell(name, size, "$quiet") for name, size in zip(names, widths, strict=True)]
        self.query_one("#metrics-head", Static).update(cut(Content.assemble(" ", *cells), width + 1))


def _row(info: MetricInfo, found: Mapping[str, Any], verdict: str) -> Content:
    value, low, high, real = (found.get(key) for key in ("value", "low", "high", "real"))
    number = "–" if value is None else _minus(format(value, info.format))
    interval = "" if low is None or high is None else _range(low, high, info.format)
    band = _range(real[0], real[1], info.format) if real else ""
    label = f"{info.label} {info.unit}" if info.unit.startswith("×") else info.label
    mark = "= " if info.compares == "pairs" else "  "
    tint = {"better": "$run-live", "worse": "$run-failed"}.get(verdict, "$quiet")
    return Content.assemble(
        cell(mark + label, _LABEL),
        cell(number, _VALUE, "$number"),
        cell(interval, _INTERVAL, "$quiet"),
        cell(band, _REAL, "$quiet"),
        (verdict, tint),
    )


def _range(low: float, high: float, form: str) -> str:
    if max(abs(low), abs(high)) >= _COARSE:
        form = ".0f"
    return _minus(f"{low:{form}} … {high:{form}}")


def _minus(text: str) -> str:
    return text.replace("-", "−")
