"""What the screen on the server says of a listener that comes, breaks off and returns, and of other ways to hear."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.delay_proxy import DelayProxy
from tests.functional.test_app_sound import pitch
from tests.listening import Laptop, Server, server
from tests.pulse import PATIENCE, RATE, PulseServer, need_pulse, pulse_server, tone
from tests.run_maker import RECONSTRUCTION, MadeRun, sampled_run
from tests.sshd import Sshd, sshd
from tests.terminal import RAVETUI, Terminal

__all__ = ["pulse_server", "server", "sshd"]

THIS_MACHINE = "♪ this machine (PulseAudio"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[MadeRun]:
    """With a sample that is long enough to break off in."""
    with sampled_run(tmp_path, 2, 60.0) as made:
        yield made


@pytest.fixture
def speakers() -> Iterator[PulseServer]:
    """Sound of the server itself."""
    need_pulse()
    made = PulseServer()
    yield made
    made.close()


def test_a_connection_that_dies_mid_play_is_said_in_the_screen_and_the_sound_goes_on(
    server: Server, sshd: Sshd, pulse_server: PulseServer, run: MadeRun
) -> None:
    with (
        DelayProxy(sshd.port) as proxy,
        Terminal([RAVETUI, "-w", str(run.workspace.root)], environment=server.environment) as terminal,
    ):
        laptop = Laptop(server, sshd, pulse_server, port=proxy.port).connected()
        terminal.wait_for("♪ laptop (listen")
        terminal.wait_for("01 nocturne")
        terminal.press(" ")
        terminal.wait_for("0:02/1:00")
        proxy.cut()
        terminal.wait_for(lambda text: "broke off at 0:0" in text and "♪ nowhere: on your laptop run" in text)
        laptop.wait_for("Trying again in 1 s.")
        # The screen answers as before.
        terminal.press("?")
        terminal.wait_for("Every run of the workspace.")
        terminal.press("escape")
        with pulse_server.recording() as recording:
            proxy.mend()
            recording.wait_for_sound(0.5)
            assert pitch(recording) == pytest.approx(RECONSTRUCTION, abs=5)
        text = terminal.wait_for(lambda text: "♪ laptop (listen" in text and "/1:00" in text)
        found = re.search(r"0:(\d\d)/1:00", text)
        assert found is not None and 2 <= int(found[1]) < 30
        terminal.press(" ")
        terminal.wait_for(lambda text: "/1:00" not in text)
        laptop.close()


def test_the_listener_comes_before_a_device_of_this_machine(
    server: Server, sshd: Sshd, pulse_server: PulseServer, speakers: PulseServer, run: MadeRun
) -> None:
    both = {**server.environment, **speakers.environment}
    with Terminal([RAVETUI, "-w", str(run.workspace.root)], environment=both) as terminal:
        terminal.wait_for("01 nocturne")
        with pulse_server.recording() as far, speakers.recording() as near:
            terminal.press(" ")
            terminal.wait_for(THIS_MACHINE)
            near.wait_for_sound(0.3)
            assert not np.any(np.abs(far.samples()) > 1e-4)
            terminal.press(" ")
            terminal.wait_for(lambda text: "/1:00" not in text)
            laptop = Laptop(server, sshd, pulse_server).connected()
            terminal.wait_for("♪ laptop (listen")
            begun = len(near)
            terminal.press(" ")
            far.wait_for_sound(0.3)
            # The earlier play's fade had run out by the time a laptop was there.
            assert not np.any(np.abs(near.samples(begun + RATE // 5)) > 1e-4)
            terminal.press(" ")
            terminal.wait_for(lambda text: "/1:00" not in text)
            laptop.close()
            terminal.wait_for(THIS_MACHINE)


def test_play_seeks_loops_and_is_louder_on_the_laptop_too(
    server: Server, sshd: Sshd, pulse_server: PulseServer, tmp_path: Path
) -> None:
    laptop = Laptop(server, sshd, pulse_server).connected()
    path = tone(tmp_path / "a.flac", 0.8)
    with pulse_server.recording() as recording:
        words = [RAVETUI, "play", str(path), "--seek", "0.6", "--gain", "-12"]
        done = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=PATIENCE)
        recording.wait_for_silence()
        sound = recording.sound()
    assert done.returncode == 0, done.stderr
    assert len(sound) / RATE == pytest.approx(0.2, abs=0.01)
    assert np.abs(sound).max() == pytest.approx(0.5 * 10 ** (-12 / 20), rel=0.02)
    with pulse_server.recording() as recording:
        with subprocess.Popen([RAVETUI, "play", str(path), "--loop"], stderr=subprocess.DEVNULL) as looping:
            recording.wait_for_sound(2.0)
            looping.send_signal(2)
            assert looping.wait(PATIENCE) == 130
        recording.wait_for_silence()
    laptop.close()


def test_where_ravetui_is_over_there_has_to_be_said_once(
    server: Server, sshd: Sshd, pulse_server: PulseServer, tmp_path: Path
) -> None:
    first = Laptop(server, sshd, pulse_server, folder=tmp_path).connected()
    first.close()
    assert str(server.program) in (tmp_path / "state" / "ravetui" / "hosts.json").read_text()
    Laptop(server, sshd, pulse_server, folder=tmp_path, knows_the_way=True).connected().close()
