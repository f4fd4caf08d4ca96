"""Reading the curves with keys."""

from pathlib import Path

from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of


async def test_keys_look_closer_read_and_turn_the_curves(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin().train(400)
    made.validate()
    made.end("stopped", "asked")
    async with screen_of(made.workspace) as seen:
        curves = seen.app.main.board.curves
        await seen.see("━ train", "1 of")
        whole = curves.charts[0].window
        await seen.press("plus", "plus")
        await seen.see("zoomed")
        near = curves.charts[0].window
        assert whole is not None and near is not None
        assert near[1] == whole[1] and near[1] - near[0] == (whole[1] - whole[0]) / 4
        await seen.press("left_square_bracket")
        moved = curves.charts[0].window
        assert moved is not None and moved[1] < near[1]
        await seen.press("comma")
        await seen.see("step 3", "epoch 7.", "train 4.", "(ema 4.", "best 4.")
        await seen.press("0")
        await seen.see("1 of")
        assert "zoomed" not in seen.text and curves.charts[0].window == whole
        await seen.press("h")
        await seen.see("by epoch")
        await seen.press("h")
        await seen.see("by hours")
        await seen.press("h")
        await seen.until(lambda: "by " not in seen.line("━ train"), "steps again")


async def test_another_run_is_seen_whole(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    for number in (1, 2):
        made = MadeRun(workspace, f"run-{number}", f"2026-01-0{number}T00:00:00+00:00").begin().train(100 * number)
        made.end("stopped", "asked")
    async with screen_of(workspace) as seen:
        await seen.see("━ train")
        await seen.press("plus", "comma")
        await seen.see("zoomed", "ema")
        await seen.press("down")
        await seen.until(lambda: "run-1 ·" in seen.text and "zoomed" not in seen.text, "the other run whole")


async def test_a_plateau_is_advised_upon_with_its_evidence(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz", phase_1_steps=5000, total_steps=9000).begin()
    for _ in range(45):
        made.train(100)
        made.validate(samples=0, save=False)
    made.end("stopped", "asked")
    async with screen_of(made.workspace, 80, 24) as seen:
        await seen.see("validation flat for ", "phase 1 has little left", "^p palette")


async def test_a_transition_that_did_not_come_is_an_alarm(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz", phase_1_steps=100, total_steps=900).begin().train(200)
    made.validate()
    made.end("stopped", "asked")
    async with screen_of(made.workspace) as seen:
        await seen.see("phase 2 should have begun at step 100 and has not")
        assert seen.app.main.query_one("#advice").has_class("-urgent")
