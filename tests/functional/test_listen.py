"""From a key on the server to sound on the laptop: real ssh, real sound, both on this machine."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ravetui.app.sound.playback import Playback
from ravetui.app.sound.wire.link import Link
from tests.delay_proxy import DelayProxy
from tests.functional.test_app_sound import pitch
from tests.functional.test_sound import Reports, peak_and_snr
from tests.listening import Laptop, Server, server
from tests.pulse import PATIENCE, RATE, PulseServer, pulse_server, tone
from tests.run_maker import RECONSTRUCTION, MadeRun, sampled_run
from tests.sshd import Sshd, sshd
from tests.terminal import RAVETUI, Terminal

__all__ = ["pulse_server", "server", "sshd"]

LAPTOP = "laptop (listen, PulseAudio: Null Output)"


@pytest.fixture
def laptop(server: Server, sshd: Sshd, pulse_server: PulseServer) -> Iterator[Laptop]:
    """Listening."""
    made = Laptop(server, sshd, pulse_server).connected()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[MadeRun]:
    with sampled_run(tmp_path, 2, 1.0) as made:
        yield made


def sent_by(playback: Playback) -> int:
    """Bytes of audio that went to the laptop."""
    link = playback._outlet
    assert isinstance(link, Link) and link._sender is not None
    return link._sender.sent_bytes


def test_a_key_in_the_screen_is_heard_on_the_laptop(
    laptop: Laptop, server: Server, run: MadeRun, pulse_server: PulseServer
) -> None:
    with Terminal([RAVETUI, "-w", str(run.workspace.root)], environment=server.environment) as terminal:
        terminal.wait_for("♪ laptop (listen")
        terminal.wait_for("01 nocturne")
        with pulse_server.recording() as recording:
            terminal.press(" ")
            terminal.wait_for("♪ 01 nocturne")
            recording.wait_for_silence()
            sound = recording.sound()
        terminal.wait_for(lambda text: "♪ 01 nocturne" not in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    hertz, snr = peak_and_snr(sound)
    assert hertz == pytest.approx(RECONSTRUCTION, abs=1)
    assert len(sound) / RATE == pytest.approx(1.0, rel=0.02)
    assert snr > 60


def test_the_status_line_follows_the_listener(
    server: Server, sshd: Sshd, pulse_server: PulseServer, run: MadeRun
) -> None:
    with Terminal([RAVETUI, "-w", str(run.workspace.root)], environment=server.environment) as terminal:
        user = sshd.command()[-1].partition("@")[0]
        terminal.wait_for(f"♪ nowhere: on your laptop run `ravetui listen {user}@192.0.2.1`")
        laptop = Laptop(server, sshd, pulse_server, "--json").connected()
        terminal.wait_for("♪ laptop (listen")
        code, out = laptop.close()
        terminal.wait_for("♪ nowhere: on your laptop run")
    assert code == 0
    assert json.loads(out)["connections"] == 1
    assert server.sockets() == []


def test_play_is_heard_on_the_laptop_and_sent_once(
    laptop: Laptop, server: Server, tmp_path: Path, pulse_server: PulseServer
) -> None:
    path = tone(tmp_path / "a.flac", 1.0)
    with pulse_server.recording() as recording:
        done = subprocess.run([RAVETUI, "play", str(path), "--json"], capture_output=True, text=True, timeout=PATIENCE)
        recording.wait_for_silence()
        sound = recording.sound()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"path": str(path), "played": True, "route": LAPTOP, "reason": "", "seconds": 1.0}
    assert peak_and_snr(sound)[0] == pytest.approx(660, abs=1)
    assert len(list((laptop.folder / "cache" / "ravetui" / "clips").glob("*.clip"))) == 1


async def test_the_second_play_sends_nothing(laptop: Laptop, tmp_path: Path) -> None:
    path = tone(tmp_path / "a.flac", 0.5)
    first, second = Reports(), Reports()
    playback = Playback(first)
    await playback.play(path)
    end = await first.until_state("idle", 0.5)
    assert end.complete
    sent = sent_by(playback)
    await playback.play(path)
    await first.until_state("playing")
    await first.until_state("idle", 0.5)
    assert 0 < sent == sent_by(playback)
    await playback.close()
    # Another screen knows from the start what the laptop has, under whatever name.
    other = Playback(second)
    copy = tmp_path / "b.flac"
    copy.write_bytes(path.read_bytes())
    await other.play(copy)
    assert (await second.until_state("idle", 0.5)).complete
    assert sent_by(other) == 0
    await other.close()


async def test_seek_loop_gain_and_switch(laptop: Laptop, tmp_path: Path, pulse_server: PulseServer) -> None:
    assert await seek_loop_gain_and_switch(tmp_path, pulse_server) == LAPTOP


async def test_seek_loop_gain_and_switch_on_this_machine(
    server: Server, tmp_path: Path, pulse_server: PulseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in pulse_server.environment.items():
        monkeypatch.setenv(key, value)
    assert await seek_loop_gain_and_switch(tmp_path, pulse_server) == "this machine (PulseAudio: Null Output)"


async def seek_loop_gain_and_switch(tmp_path: Path, pulse_server: PulseServer) -> str:
    """Do it all with one playback; where it was heard."""
    one, other = tone(tmp_path / "a.flac", 30.0, 440), tone(tmp_path / "b.flac", 30.0, 1000)
    reports = Reports()
    playback = Playback(reports)
    with pulse_server.recording() as recording:
        await playback.play(one, 20.0)
        assert reports.all[-1].duration_s == 30
        await playback.seek(5.0)
        await reports.until(lambda report: 5.2 < report.position_s < 10)
        begun = len(recording.samples())
        await playback.prepare(other)
        await playback.switch(other)
        assert reports.all[-1].path == other
        await asyncio.to_thread(recording.wait, lambda _: pitch(recording) == pytest.approx(1000, abs=10))
        assert 5.2 < playback.report.position_s < 19
        recorded = recording.samples()[begun:]
        quiet = "".join("q" if item else "l" for item in np.abs(recorded) < 1e-3)
        assert max(map(len, quiet.split("l"))) / RATE < 0.005
        await playback.set_gain(-20.0)
        await asyncio.to_thread(
            recording.wait, lambda samples: np.abs(samples[-RATE // 5 :]).max() == pytest.approx(0.05, rel=0.05)
        )
        await playback.set_loop(True)
        await playback.seek(29.8)
        await reports.until_state("playing", 29.8)
        await reports.until(lambda report: 0.1 < report.position_s < 2)
        assert reports.all[-1].loop
        await playback.stop()
    assert playback.report.state == "idle"
    assert not playback.report.complete
    label = playback.route.label
    await playback.close()
    return label


async def test_a_connection_that_dies_mid_play_is_said_and_the_sound_goes_on_later(
    server: Server, sshd: Sshd, pulse_server: PulseServer, tmp_path: Path
) -> None:
    path = tone(tmp_path / "a.flac", 120.0)
    reports = Reports()
    playback = Playback(reports)
    playback.watch()
    with DelayProxy(sshd.port) as proxy:
        laptop = Laptop(server, sshd, pulse_server, port=proxy.port).connected()
        await playback.play(path, 60.0)
        await reports.until_state("playing", 60.3)
        proxy.cut()
        lost = await reports.until_state("waiting")
        assert lost.message.startswith("The connection to the laptop broke off at 1:00")
        assert not lost.route.audible
        await asyncio.to_thread(laptop.wait_for, "Trying again")
        with pulse_server.recording() as recording:
            proxy.mend()
            await asyncio.to_thread(recording.wait_for_sound, 0.3)
        again = await reports.until_state("playing", lost.position_s)
        assert again.position_s < lost.position_s + 10
        await playback.stop()
        await playback.close()
        laptop.close()


async def test_a_laptop_that_does_not_answer_is_said_and_heard_again(
    server: Server, sshd: Sshd, pulse_server: PulseServer, tmp_path: Path
) -> None:
    path = tone(tmp_path / "a.flac", 120.0)
    reports = Reports()
    playback = Playback(reports)
    with DelayProxy(sshd.port) as proxy:
        laptop = Laptop(server, sshd, pulse_server, port=proxy.port).connected()
        await playback.play(path)
        await reports.until_state("playing", 0.3)
        proxy.hold()
        await reports.until_state("waiting")
        assert playback.report.message.startswith("The laptop does not answer")
        proxy.mend()
        await reports.until_state("playing", 0.4)
        await playback.close()
        laptop.close()


async def test_the_newest_listener_wins_and_the_older_takes_over_again(
    laptop: Laptop, server: Server, sshd: Sshd, pulse_server: PulseServer, tmp_path: Path
) -> None:
    path = tone(tmp_path / "a.flac", 0.3)
    reports = Reports()
    playback = Playback(reports)
    playback.watch()
    await playback.play(path)
    await reports.until_state("idle", 0.3)
    second = Laptop(server, sshd, pulse_server, "--json").connected()
    assert len(server.sockets()) == 2
    while playback._outlets.link_path != max(server.sockets(), key=lambda item: item.lstat().st_ctime_ns):
        await asyncio.sleep(0.02)
    await playback.play(path)
    await reports.until_state("idle", 0.3)
    _, out = await asyncio.to_thread(second.close)
    assert json.loads(out)["plays"] == 1
    while len(server.sockets()) != 1 or playback._outlets.link_path != server.sockets()[0]:
        await asyncio.sleep(0.02)
    await playback.play(path)
    await reports.until_state("idle", 0.3)
    await playback.close()


def test_a_laptop_without_sound_is_refused(server: Server, sshd: Sshd) -> None:
    laptop = Laptop(server, sshd, None)
    laptop.wait_for("No sound: Nothing can be heard: this machine has no sound device.")
    assert laptop.process.wait(PATIENCE) == 1
    laptop.close()


def test_a_killed_bridge_leaves_a_socket_that_the_next_look_removes(laptop: Laptop, server: Server) -> None:
    (stale,) = server.sockets()
    os.kill(int(stale.stem.rpartition("-")[2]), signal.SIGKILL)
    laptop.wait_for("Connected again")
    assert stale in server.sockets()
    (fresh,) = set(server.sockets()) - {stale}
    assert sound_of_doctor() == f"goes to {LAPTOP}"
    fresh.unlink()
    assert sound_of_doctor().startswith("goes nowhere: on your laptop run `ravetui listen ")
    assert not stale.exists()


def sound_of_doctor() -> str:
    """What `ravetui doctor` says of sound."""
    done = subprocess.run([RAVETUI, "doctor", "--json"], capture_output=True, text=True, timeout=PATIENCE)
    said: str = next(check for check in json.loads(done.stdout)["checks"] if check["name"] == "sound")["said"]
    return said
