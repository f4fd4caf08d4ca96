"""What a run uses, on the screen."""

from pathlib import Path

import pytest

from ravetui.app.sound.whereabouts import listen_command
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of

GIB = 1024.0**3


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_the_status_line_says_how_busy_the_machine_is(
    tmp_path: Path, columns: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "you")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    made = MadeRun(workspace_in(tmp_path), "graz").begin(live=True).train(100)
    async with screen_of(made.workspace, columns, rows) as seen:
        await seen.see("1 training")
        assert "cores" not in seen.lines[0]
        made.use(cpu_cores=7.2, cpu_total_cores=16, memory_bytes=3.1 * GIB, memory_total_bytes=64 * GIB)
        if columns > 80:
            await seen.see("CPU 7.2/16 cores 3.1/64 GB")
        made.use(gpu_percent=97, gpu_memory_bytes=11.2 * GIB, gpu_total_bytes=24 * GIB)
        await seen.see("GPU 97 % 11.2/24 GB  1 training" if columns > 80 else "GPU 97 % 11.2/24 GB")
        # What is to be typed on the laptop is never cut for it.
        assert listen_command() in seen.lines[0]
        made.end("stopped", "asked")
        made.begin(live=True)
        made.use(ago=100, gpu_percent=97, gpu_memory_bytes=11.2 * GIB, gpu_total_bytes=24 * GIB)
        made.train(1)
        await seen.until(lambda: "GPU" not in seen.lines[0], "a look of long ago is not told")
    made.release()


async def test_what_a_run_used_is_a_curve_and_what_was_not_measured_is_none(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin(live=True)
    for _ in range(20):
        made.train(10).use(cpu_cores=1.5, cpu_total_cores=2)
    made.release()
    async with screen_of(made.workspace, 120, 34) as seen:
        await seen.see("fullband_spectral_distance")
        while "CPU cores" not in seen.text:
            await seen.press("right")
        await seen.see("busy", "there are")
        await seen.until(lambda: any("\u2800" < letter <= "\u28ff" for letter in seen.text), "a braille curve")
        await seen.press("left", "left")
        await seen.see("GPU, %", "the trainer computes on no GPU")
        assert "×" not in seen.text
