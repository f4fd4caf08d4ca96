"""The numbers and settings of the compared runs, a column a run."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from ravetui.app.comparison import Compared
from ravetui.app.differences import differences
from ravetui.app.words import distance, epoch_time, state_words
from ravetui.metrics.catalogue import METRICS
from ravetui.runs.format import steps
from ravetui.runs.trend import Trend

_SCORES = ("fad", "kid", "vendi")
_TOLD = {
    "acids-rave": (
        *("preset", "architecture", "sampling_rate", "n_band", "capacity", "latent_size", "ratios"),
        "phase_1_steps",
    ),
    "TensorBoard": ("preset",),
}
"""By program: the settings that its files tell."""


class ComparisonTable(DataTable[Text]):
    """First what decides between the runs, then every setting that is not the same in all of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
    ]

    def on_mount(self) -> None:
        """Rows, not cells, are what one looks along."""
        self.cursor_type = "row"
        self.zebra_stripes = False

    def show(self, runs: Sequence[Compared]) -> None:
        """Fill the table, in the order of the runs' colours; the place where one has scrolled to stays."""
        where, row = self.scroll_offset, self.cursor_row
        self.clear(columns=True)
        self.add_column(Text(""), key="what")
        for number, run in enumerate(runs, 1):
            self.add_column(Text(run.summary.name, style=f"bold {self._colour(number)}"), key=run.summary.name)
        for name, values in [*_numbers(runs), *_settings(runs)]:
            self.add_row(Text(name, style="dim"), *(Text(value) for value in values), key=name)
        self.fixed_columns = 1
        self.border_subtitle = ", ".join(sorted({run.score.embedder_label for run in runs if run.score is not None}))
        self.move_cursor(row=min(row, max(self.row_count - 1, 0)), scroll=False)
        self.scroll_to(where.x, where.y, animate=False)

    def _colour(self, number: int) -> str:
        return self.app.theme_variables[f"series-{number}"]


def _numbers(runs: Sequence[Compared]) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = [
        ("state", [state_words(run.summary.status) for run in runs]),
        ("phase", [str(run.summary.progress.phase) for run in runs]),
        ("step", [steps(run.summary.progress.step) for run in runs]),
        ("epoch", [f"{run.summary.progress.epoch:.1f}" for run in runs]),
        ("time", [epoch_time(run.summary.progress) for run in runs]),
        ("best validation", [_best(run) for run in runs]),
        ("last validation", [distance(run.last) for run in runs]),
        ("trend", [_trend(run.trend) for run in runs]),
    ]
    if runs and runs[0].series.tag != "validation":
        rows.append(("curve, last epoch", [distance(run.shown) for run in runs]))
        rows.append(("curve, trend", [_trend(run.shown_trend, "too few epochs") for run in runs]))
    if any(run.score is not None for run in runs):
        rows.append(("scored step", [steps(run.score.checkpoint) if run.score else "–" for run in runs]))
        rows.append(("embedding", [run.score.embedder if run.score else "–" for run in runs]))
        rows += [(_heading(name), [_score(run, name) for run in runs]) for name in _SCORES]
    return rows


def _settings(runs: Sequence[Compared]) -> list[tuple[str, list[str]]]:
    """Of a run of another program only what its configuration tells is known."""
    rows = []
    for item in differences([run.summary.spec for run in runs]):
        told = [not run.summary.foreign or item.setting in _TOLD.get(run.summary.foreign, ()) for run in runs]
        values = [value if known else "–" for value, known in zip(item.values, told, strict=True)]
        if len({value for value, known in zip(values, told, strict=True) if known}) > 1:
            rows.append((item.setting, values))
    return rows


def _heading(name: str) -> str:
    """With the power of ten that its values stand in."""
    metric = METRICS[name]
    return f"{metric.label} {metric.unit}" if metric.unit.startswith("×") else metric.label


def _best(run: Compared) -> str:
    return "–" if run.best_step is None else f"{distance(run.best)} at {steps(run.best_step)}"


def _trend(trend: Trend | None, unknown: str = "too few validations") -> str:
    """``−0.1 ± 0.2 % an epoch``."""
    if trend is None:
        return unknown
    half = (trend.high - trend.low) / 2
    return f"{100 * trend.slope:+.2g} ± {100 * half:.1g} % an epoch".replace("-", "−")


def _score(run: Compared, name: str) -> str:
    found = run.score.metrics.get(name) if run.score else None
    value = found.get("value") if found else None
    if found is None or value is None:
        return "–"
    shown, low, high = format(value, METRICS[name].format), found.get("low"), found.get("high")
    return shown if low is None or high is None else f"{shown} ± {(high - low) / 2:.2g}"
