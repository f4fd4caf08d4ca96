"""The chart on a screen."""

from __future__ import annotations

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.geometry import Region

from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries, PhaseLine


class ChartApp(App[None]):
    """A screen with nothing but a chart, which counts what it has painted."""

    def __init__(self) -> None:
        super().__init__()
        self.chart = CountingChart()

    def compose(self) -> ComposeResult:
        yield self.chart


class CountingChart(Chart):
    """A chart that remembers which regions it asked to have painted."""

    def __init__(self) -> None:
        super().__init__(smoothing=0.9)
        self.asked: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Chart:  # type: ignore[override]
        self.asked.append(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


def two_series(n: int = 5000, *, last: float = 3.0) -> list[ChartSeries]:
    x = np.arange(float(n))
    y = 3 + 4 * np.exp(-x / 800) + np.random.default_rng(0).normal(size=n) * 0.2
    y[-1] = last
    every = x[::500]
    return [
        ChartSeries("train", x, y, "loss-train", band=True),
        ChartSeries("validation", every, 3.2 + 4 * np.exp(-every / 800), "loss-validation", markers=True),
    ]


def lines(chart: Chart) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height)]


@pytest.mark.parametrize("size", [(120, 34), (80, 24), (46, 9)])
async def test_shows_legend_ticks_and_phase_line(size: tuple[int, int]) -> None:
    app = ChartApp()
    async with app.run_test(size=size) as pilot:
        app.chart.show(two_series(), [PhaseLine(2500.0, "phase 2")], title="distance")
        await pilot.pause()
        rows = lines(app.chart)
        assert rows[0].startswith("distance  ━ train  • validation")
        assert rows[0].rstrip().endswith("ema 0.9")
        assert any("┊ phase 2" in row for row in rows)
        ticks = [float(row[:6]) for row in rows[1:-1] if row[:6].strip()]
        assert len(ticks) >= 2
        assert ticks == sorted(ticks, reverse=True)
        assert {"0", "2000", "4000"} <= set(rows[-1].split())
        assert "phase" in app.export_screenshot()


@pytest.mark.parametrize("size", [(20, 5), (3, 3), (1, 1), (2, 40), (200, 1)])
@pytest.mark.parametrize("no_color", [False, True])
async def test_any_size_with_and_without_colour(
    size: tuple[int, int], no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    app = ChartApp()
    async with app.run_test(size=size) as pilot:
        app.chart.show(two_series(), [PhaseLine(2500.0, "phase 2"), PhaseLine(1e9, "end")], title="distance")
        await pilot.pause()
        assert all(app.chart.render_line(y).cell_length == size[0] for y in range(size[1]))
        app.export_screenshot()


async def test_nothing_is_painted_when_nothing_changed() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(two_series(), title="distance")
        await pilot.pause()
        app.chart.asked.clear()
        app.chart.show(two_series(), title="distance")
        assert app.chart.asked == []


async def test_only_the_rows_that_changed_are_painted() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(two_series(), title="distance")
        await pilot.pause()
        before = lines(app.chart)
        app.chart.asked.clear()
        app.chart.show(two_series(last=7.0), title="distance")
        after = lines(app.chart)
        changed = [y for y in range(24) if before[y] != after[y]]
        assert 0 < len(changed) < 23
        (regions,) = app.chart.asked
        assert set(changed) <= {region.y for region in regions}
        assert len(regions) < 23


async def test_says_what_is_missing_while_there_is_no_point() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.chart.show([], empty="no step yet")
        await pilot.pause()
        assert "no step yet" in "".join(lines(app.chart))
        app.chart.show(two_series())
        assert "no step yet" not in "".join(lines(app.chart))


async def test_the_axis_and_the_smoothing_can_be_changed() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(two_series())
        await pilot.pause()
        seen = [lines(app.chart)]
        app.chart.log_scale = True
        seen.append(lines(app.chart))
        app.chart.smoothing = 0.0
        seen.append(lines(app.chart))
        assert seen[1][0].rstrip().endswith("log · ema 0.9")
        assert seen[2][0].rstrip().endswith("log")
        assert len({tuple(rows) for rows in seen}) == 3
        app.chart.log_scale, app.chart.smoothing = False, 0.9
        assert lines(app.chart) == seen[0]
        with pytest.raises(ValueError, match="smoothing"):
            app.chart.smoothing = 1.0


async def test_a_new_size_is_a_new_picture() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(two_series())
        await pilot.pause()
        await pilot.resize_terminal(46, 9)
        await pilot.pause()
        assert [len(row) for row in lines(app.chart)] == [46] * 9


async def test_colours_follow_the_theme_and_the_band_is_fainter_than_the_line() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(two_series(), title="distance")
        await pilot.pause()

        def colours() -> dict[str, set[Color]]:
            found: dict[str, set[Color]] = {"key": set(), "dots": set()}
            for y in range(24):
                for segment in app.chart.render_line(y):
                    assert segment.style is not None
                    if segment.style.color is None:
                        continue
                    colour = Color.from_rich_color(segment.style.color)
                    if segment.text.startswith("━"):
                        found["key"].add(colour)
                    if any("\u2800" < character <= "\u28ff" for character in segment.text):
                        found["dots"].add(colour)
            return found

        dark = colours()
        assert dark["key"] <= dark["dots"]
        assert len(dark["dots"]) == 3
        app.theme = "textual-light"
        await pilot.pause()
        assert colours()["dots"] != dark["dots"]


async def test_a_role_without_a_colour_is_drawn_as_text() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.chart.show([ChartSeries("odd", np.arange(5.0), np.arange(5.0), "no such role", band=True)])
        await pilot.pause()
        assert "━ odd" in lines(app.chart)[0]
