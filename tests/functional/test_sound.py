"""Sound that is really played, recorded from the sink it went to."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.app.sound.playback import Playback
from ravetui.app.sound.report import PlaybackReport
from tests.pulse import PATIENCE, RATE, PulseServer, need_pulse, pulse_server, tone

__all__ = ["pulse_server"]

RAVETUI = (sys.executable, "-c", "from ravetui.cli import main; main()")


@pytest.fixture
def pulse(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PulseServer:
    """The session's server, as the only sound of this machine."""
    server: PulseServer = request.getfixturevalue("pulse_server")
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    return server


@pytest.fixture
def doomed() -> Iterator[PulseServer]:
    """A server of the test's own."""
    need_pulse()
    server = PulseServer()
    yield server
    server.close()


def ravetui(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*RAVETUI, *words], env={**os.environ, **environment}, capture_output=True, text=True, timeout=PATIENCE
    )


def peak_and_snr(sound: NDArray[np.float64]) -> tuple[float, float]:
    """Frequency of the strongest bin in Hz, and its power over all the rest in dB."""
    middle = sound[len(sound) // 20 : -len(sound) // 20]
    # Blackman-Harris: side lobes at -92 dB, within 4 bins of the peak nothing but the peak.
    phase = 2 * np.pi * np.arange(len(middle)) / len(middle)
    window = 0.35875 - 0.48829 * np.cos(phase) + 0.14128 * np.cos(2 * phase) - 0.01168 * np.cos(3 * phase)
    power = np.abs(np.fft.rfft(middle * window, 4 * len(middle))) ** 2
    best = int(np.argmax(power))
    lobe = slice(max(0, best - 20), best + 21)
    return best * RATE / (4 * len(middle)), 10 * np.log10(power[lobe].sum() / (power.sum() - power[lobe].sum()))


class Reports:
    """Reports of a playback, awaited by condition."""

    def __init__(self) -> None:
        self.all: list[PlaybackReport] = []
        self._news = asyncio.Event()

    def __call__(self, report: PlaybackReport) -> None:
        self.all.append(report)
        self._news.set()

    async def until_state(self, state: str, position: float = 0.0) -> PlaybackReport:
        """The newest report, once it has that state and at least that position."""
        return await self.until(lambda report: report.state == state and report.position_s >= position)

    async def until(self, condition: Callable[[PlaybackReport], bool]) -> PlaybackReport:
        """The newest report, once it satisfies a condition."""
        async with asyncio.timeout(PATIENCE):
            while not (self.all and condition(self.all[-1])):
                self._news.clear()
                await self._news.wait()
        return self.all[-1]


def test_a_tone_reaches_the_sink_whole_and_clean(pulse: PulseServer, tmp_path: Path) -> None:
    path = tone(tmp_path / "a.flac", 1.0)
    with pulse.recording() as recording:
        done = ravetui("play", str(path), "--json")
        recording.wait_for_silence()
        sound = recording.sound()
    assert done.returncode == 0, done.stderr
    route = "this machine (PulseAudio: Null Output)"
    assert json.loads(done.stdout) == {"path": str(path), "played": True, "route": route, "reason": "", "seconds": 1.0}
    assert done.stderr == f"a.flac on {route}\n"
    assert len(sound) / RATE == pytest.approx(1.0, rel=0.02)
    hertz, snr = peak_and_snr(sound)
    assert hertz == pytest.approx(660, abs=1)
    assert snr > 60


def test_the_workspace_sets_the_volume(pulse: PulseServer, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[sound]\nvolume = 0.25\n")
    path = tone(tmp_path / "c.flac", 0.3, rate=44100)
    with pulse.recording() as recording:
        done = ravetui("--workspace", str(tmp_path), "play", str(path))
        recording.wait_for_silence()
        assert np.abs(recording.sound()).max() == pytest.approx(0.125, rel=0.02)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Played 0.3 s of {path} on this machine (PulseAudio: Null Output)\n"


def test_ctrl_c_ends_the_sound(pulse: PulseServer, tmp_path: Path) -> None:
    path = tone(tmp_path / "d.flac", 120.0)
    with pulse.recording() as recording:
        with subprocess.Popen([*RAVETUI, "play", str(path), "--json"], stdout=subprocess.PIPE, text=True) as playing:
            recording.wait_for_sound(0.3)
            playing.send_signal(signal.SIGINT)
            said, _ = playing.communicate(timeout=PATIENCE)
        recording.wait_for_silence()
    assert playing.returncode == 130
    document = json.loads(said)
    assert not document["played"]
    assert 0 <= document["seconds"] < 100


def test_nothing_plays_on_when_its_parent_is_killed(pulse: PulseServer, tmp_path: Path) -> None:
    path = tone(tmp_path / "e.flac", 120.0)
    with pulse.recording() as recording:
        with subprocess.Popen([*RAVETUI, "play", str(path)], stderr=subprocess.DEVNULL) as playing:
            recording.wait_for_sound(0.2)
            (player,) = Path(f"/proc/{playing.pid}/task/{playing.pid}/children").read_text().split()
            ended = os.pidfd_open(int(player))
            playing.kill()
        recording.wait_for_silence()
    assert select.select([ended], [], [], PATIENCE)[0]
    os.close(ended)


async def test_stop_ends_the_sound_where_it_says(pulse: PulseServer, tmp_path: Path) -> None:
    path = tone(tmp_path / "f.flac", 120.0)
    reports = Reports()
    playback = Playback(reports)
    try:
        with pulse.recording() as recording:
            await playback.play(path)
            assert playback.report.message == "f.flac on this machine (PulseAudio: Null Output)"
            assert playback.report.duration_s == 120
            await reports.until_state("playing", 0.5)
            await playback.stop()
            await asyncio.to_thread(recording.wait_for_silence)
            heard = np.sum(np.abs(recording.samples()) > 1e-4) / RATE
    finally:
        await playback.close()
    stopped = reports.all[-1]
    assert stopped.state == "idle"
    assert not stopped.complete
    assert stopped.position_s == pytest.approx(heard, abs=0.3)


async def test_positions_rise_to_the_end_and_a_start_skips(pulse: PulseServer, tmp_path: Path) -> None:
    path = tone(tmp_path / "g.flac", 3.0)
    reports = Reports()
    playback = Playback(reports)
    try:
        with pulse.recording() as recording:
            await playback.play(path, start=2.4)
            end = await reports.until_state("idle", 3.0)
            await asyncio.to_thread(recording.wait_for_silence)
            length = len(recording.sound()) / RATE
    finally:
        await playback.close()
    positions = [report.position_s for report in reports.all if report.state == "playing"]
    assert end.complete
    assert end.position_s == 3.0
    assert positions == sorted(positions)
    assert positions[0] == 2.4
    assert len(positions) > 2
    assert length == pytest.approx(0.6, rel=0.02)


async def test_one_clip_takes_over_from_another_without_a_gap(pulse: PulseServer, tmp_path: Path) -> None:
    original, other = tone(tmp_path / "h.flac", 120.0, 440), tone(tmp_path / "i.flac", 0.5, 1000)
    reports = Reports()
    playback = Playback(reports)
    try:
        with pulse.recording() as recording:
            await playback.play(original)
            await reports.until_state("playing", 0.3)
            await playback.play(other)
            await reports.until_state("idle", 0.5)
            await asyncio.to_thread(recording.wait_for_silence)
            sound = recording.sound()
    finally:
        await playback.close()
    assert peak_and_snr(sound[: RATE // 4])[0] == pytest.approx(440, abs=4)
    assert peak_and_snr(sound[-RATE // 4 :])[0] == pytest.approx(1000, abs=4)
    quiet = np.abs(sound) < 1e-3
    longest = max(map(len, "".join("q" if item else "l" for item in quiet).split("l")))
    assert longest / RATE < 0.005


async def test_clips_leave_no_connection_behind(pulse: PulseServer, tmp_path: Path) -> None:
    paths = [tone(tmp_path / f"{rate}.flac", 0.1, rate=rate) for rate in (22050, 32000, 44100, 48000)]
    reports = Reports()
    playback = Playback(reports)
    counts = []
    try:
        for path in paths:
            await playback.play(path)
            await reports.until_state("idle", 0.1)
            counts.append(pulse.clients())
    finally:
        await playback.close()
    assert counts == [counts[0]] * len(paths)


async def test_a_server_that_dies_mid_clip_is_not_passed_over(
    doomed: PulseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in doomed.environment.items():
        monkeypatch.setenv(key, value)
    path = tone(tmp_path / "j.flac", 120.0)
    reports = Reports()
    playback = Playback(reports)
    try:
        await playback.play(path)
        await reports.until_state("playing", 0.2)
        doomed.kill()
        broken = await reports.until_state("failed")
        assert broken.fault == "device"
        reason = "Null Output takes no more audio and may have been unplugged"
        assert broken.message == f"{reason}; the file is {path}"
        await playback.play(path)
        assert playback.report.state == "failed"
        assert playback.route.reason == "this machine has no sound device"
    finally:
        await playback.close()


def test_a_server_with_only_its_dummy_output_is_nowhere(tmp_path: Path) -> None:
    need_pulse()
    server = PulseServer("module-always-sink")
    path = tone(tmp_path / "k.flac", 0.2)
    try:
        done = ravetui("play", str(path), "--json", **server.environment)
    finally:
        server.close()
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert not document["played"]
    assert "dummy output" in document["reason"]
