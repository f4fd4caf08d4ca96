"""A device that nobody can hear is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ravetui.app.sound.device import NO_DEVICE, OutputDevice
from ravetui.errors import SoundError
from tests.pulse import NO_SOUND, silence_libraries


def test_the_null_backend_is_refused_though_it_opens() -> None:
    with pytest.raises(SoundError, match=NO_DEVICE):
        OutputDevice(48000, 2, backends=("NULL",))


@pytest.mark.skipif(sys.platform != "linux", reason="hides shared libraries as the Linux loader finds them")
def test_without_sound_libraries_miniaudio_pretends_and_we_do_not(tmp_path: Path) -> None:
    program = """
import miniaudio
print(miniaudio.PlaybackDevice().backend)
from ravetui.app.sound.device import OutputDevice
from ravetui.errors import SoundError
try:
    OutputDevice(48000, 2)
except SoundError as error:
    print(error.message)
"""
    environment = {**os.environ, **silence_libraries(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["Null", NO_DEVICE]


def test_without_server_or_card_there_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "from ravetui.app.sound.device import OutputDevice; OutputDevice(48000, 2)"
    environment = {**os.environ, **NO_SOUND}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == f"ravetui.errors.SoundError: {NO_DEVICE}"
