import math
from pathlib import Path

import pytest

from ravetui.config import Config, LaunchSettings
from ravetui.engine.launch.gpus import allowed, find_gpus, gpu_use
from ravetui.engine.launch.slots import Slots, Training, look_at_slots
from ravetui.errors import ConfigError
from ravetui.runs.workspace import make_workspace
from tests.nvidia_smi import NvidiaSmi, uuid


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NvidiaSmi:
    folder = tmp_path / "bin with space"
    folder.mkdir()
    return NvidiaSmi(folder, monkeypatch)


def test_no_driver_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_gpus() == ()


def test_a_driver_that_fails_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed' \nexit 9\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == ()


def test_how_busy_the_gpus_of_a_run_are(smi: NvidiaSmi) -> None:
    smi.say(1024, 3072, 5120, percent="40")
    found = gpu_use([uuid(2), uuid(0)])
    assert found is not None
    assert (found.percent, found.used, found.total) == (40.0, 6 * 1024**3, 2 * 24564 * 1024**2)
    smi.say(1024, percent="[N/A]")
    found = gpu_use([uuid(0)])
    assert found is not None and math.isnan(found.percent) and found.used == 1024**3
    assert gpu_use([uuid(0), uuid(7)]) is None


def test_gpus_and_who_is_on_them(smi: NvidiaSmi) -> None:
    apps = f"{uuid(1)}, 4711, /usr/bin/python3, 20480\n{uuid(1)}, 4712, /opt/a b/blender, 21000\n"
    smi.say(403, 22_000, apps=apps + f"{uuid(0)}, 9, [Not Found], [N/A]\n")
    first, second = find_gpus()
    assert (first.index, first.uuid, first.used, first.total) == (0, uuid(0), 403, 24564)
    assert not first.is_filled, "a desktop fills no GPU"
    assert second.is_filled
    assert second.users == ("blender (pid 4712, 21000 MiB)", "python3 (pid 4711, 20480 MiB)")


@pytest.mark.parametrize(
    ("setting", "visible", "found"),
    [
        ("auto", None, [0, 1, 2]),
        ("auto", "1", [1]),
        ("auto", f"{uuid(2)[:12]},0", [0, 2]),
        ("auto", "", []),
        ("off", None, []),
        ("2, 0", None, [2, 0]),
    ],
)
def test_which_gpus_runs_may_be_given(smi: NvidiaSmi, setting: str, visible: str | None, found: list[int]) -> None:
    smi.say(0, 0, 0)
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert [gpu.index for gpu in allowed(find_gpus(), setting, environment)] == found


@pytest.mark.parametrize("setting", ["all", "0,x", ""])
def test_a_setting_that_names_no_gpus_is_refused(smi: NvidiaSmi, setting: str) -> None:
    smi.say(0)
    with pytest.raises(ConfigError, match=r"launch\.gpus"):
        allowed(find_gpus(), setting)
    with pytest.raises(ConfigError, match="names GPU 7; there are 0"):
        allowed(find_gpus(), "7")


def test_a_gpu_is_free_when_no_run_and_nobody_else_has_it(smi: NvidiaSmi) -> None:
    smi.say(10, 20_000, 0, apps=f"{uuid(1)}, 5, python, 19000\n")
    slots = Slots(3, (Training("graz", (uuid(2),)),), find_gpus())
    assert slots.choose(1) == (uuid(0),)
    assert slots.why_full(1) == ""
    assert slots.why_full(2) == (
        "GPU 1 is filled by python (pid 5, 19000 MiB): 20000 of 24564 MiB; GPU 2 is taken by graz"
    )
    assert slots.why_full(4) == "it has 4 ranks and there are 3 GPUs to give"


@pytest.mark.parametrize(("setting", "gpus", "limit"), [(0, 0, 1), (0, 2, 2), (3, 2, 3), (1, 2, 1)])
def test_as_many_slots_as_gpus_unless_it_is_said(
    smi: NvidiaSmi, tmp_path: Path, setting: int, gpus: int, limit: int
) -> None:
    smi.say(*[0] * gpus)
    workspace = make_workspace(tmp_path / "ws")
    workspace.__dict__["config"] = Config(launch=LaunchSettings(max_running=setting))
    assert look_at_slots(workspace).limit == limit


def test_full_slots_name_who_trains() -> None:
    assert Slots(1, (Training("graz", ()),), ()).why_full() == "1 of 1 slots is taken (graz)"
    assert Slots(1, (), ()).why_full() == ""
