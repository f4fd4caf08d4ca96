"""1 to 5 rate what is selected; the stars are in the panes, on the curves and in the commands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ravetui.app.judged import RATING_TAG
from ravetui.cli import ravetui
from ravetui.runs.ratings import rate, read_ratings
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    made = MadeRun(workspace_in(tmp_path), "graz").begin(live=True).train(50)
    made.validate(samples=3)
    yield made
    made.release()


async def test_a_number_rates_and_goes_to_the_next(made: MadeRun) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("01 nocturne")
        await seen.press("4", "2")
        await seen.see("★★★★·", "★★···", "3.0★", "rated nocturne at step 50: 4 of 5")
        assert seen.app.main.board.samples.selected is not None
        assert seen.app.main.board.samples.selected.name == "scale"
        await seen.press("5", "1")
        await seen.until(lambda: read_ratings(made.folder).stars(50, "scale") == 1, "the last one, rated again")
        judged = seen.app.main.board.detail
        assert judged is not None
        await seen.until(
            lambda: (
                (found := seen.app.main.board.detail) is not None
                and found.curves.judged[RATING_TAG].value.tolist() == [pytest.approx(7 / 3)]
            ),
            "the curve",
        )


async def test_another_screens_rating_comes_by_itself(made: MadeRun) -> None:
    async with screen_of(made.workspace, 80, 24) as seen:
        await seen.until(lambda: seen.app.main.board.detail is not None)
        rate(made.folder, "nocturne", 50, 5)
        await seen.press("tab", "tab", "tab")
        await seen.see("01 nocturne", "★★★★★")


def test_the_command_rates_undoes_and_show_tells(made: MadeRun) -> None:
    def run(*words: str) -> str:
        found = CliRunner().invoke(ravetui, ["-w", str(made.workspace.root), *words], catch_exceptions=False)
        return found.output

    told = json.loads(run("rate", "graz", "nocturne", "4", "--json"))
    assert (told["sample"], told["step"], told["stars"]) == ("nocturne", 50, 4)
    assert "étude at step 50 of graz: 2 of 5, poor." in run("rate", "graz", "2", "2")
    shown = json.loads(run("run", "show", "graz", "--json"))["ratings"]
    assert [(item["clip"], item["step"], item["stars"]) for item in shown] == [("nocturne", 50, 4), ("étude", 50, 2)]
    assert "not rated any more" in run("rate", "graz", "nocturne", "--undo")
    assert [item["clip"] for item in json.loads(run("run", "show", "graz", "--json"))["ratings"]] == ["étude"]
    assert "has no sample nothing" in str(
        CliRunner().invoke(ravetui, ["-w", str(made.workspace.root), "rate", "graz", "nothing", "3"]).exception
    )
