"""What is heard while keys change what sounds: no gap, the same place in the clip, and what the screen says it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from ravetui.runs.samples import list_samples
from tests.pulse import RATE, PulseServer, pulse_server
from tests.run_maker import RATE as CLIP_RATE
from tests.run_maker import MadeRun, sampled_run, workspace_in
from tests.screen import Seen, screen_of

__all__ = ["pulse_server"]

SECONDS = 20.0
CHIRPS = {"reconstruction": (400.0, 20.0), "original": (1200.0, 60.0)}
"""Hz at the beginning and by how much it rises each second: a pitch tells both the version and the place."""
PITCHES = {("graz", 50): 300.0, ("graz", 100): 400.0, ("piano", 50): 500.0, ("piano", 150): 620.0}
ORIGINALS = {"graz": 900.0, "piano": 1100.0}
REACH = 0.6
"""Between the screen and the recorder lie the buffers of the player and of the sound server, s."""


@pytest.fixture
def server(pulse_server: PulseServer, monkeypatch: pytest.MonkeyPatch) -> PulseServer:
    for key, value in pulse_server.environment.items():
        monkeypatch.setenv(key, value)
    return pulse_server


@pytest.fixture
def chirping(tmp_path: Path) -> Iterator[MadeRun]:
    with sampled_run(tmp_path, 1, SECONDS) as made:
        time_axis = np.arange(round(SECONDS * CLIP_RATE)) / CLIP_RATE
        for clip in list_samples(made.folder, 50):
            for path, (hertz, rise) in zip((clip.reconstruction, clip.original), CHIRPS.values(), strict=True):
                phase = 2 * np.pi * (hertz + rise / 2 * time_axis) * time_axis
                soundfile.write(path, 0.3 * np.sin(phase), CLIP_RATE)
        yield made


@pytest.fixture
def two_runs(tmp_path: Path) -> Iterator[MadeRun]:
    """Two steps each of the same clip, all of other pitches; the older run is below the newer in the list."""
    workspace = workspace_in(tmp_path)
    made = {}
    for (name, step), hertz in PITCHES.items():
        if name not in made:
            created = "2026-01-02T00:00:00+00:00" if name == "graz" else "2026-01-01T00:00:00+00:00"
            made[name] = MadeRun(workspace, name, created).begin(live=True)
        run = made[name]
        run.train(step - run.step)
        run.validate(samples=0)
        run.render(1, seconds=60.0, reconstruction=hertz, original=ORIGINALS[name])
    yield made["graz"]
    for run in made.values():
        run.release()


async def test_o_switches_in_mid_play_without_a_gap_and_at_the_same_place(
    chirping: MadeRun, server: PulseServer
) -> None:
    async with screen_of(chirping.workspace) as seen:
        await seen.see("01 nocturne")
        with server.recording() as recording:
            await seen.press("space")
            for wanted in ("reconstruction", "original", "reconstruction", "original"):

                def heard(wanted: str = wanted) -> bool:
                    versions = [version for version, _ in heard_versions(recording.samples()[-RATE:])]
                    return len(versions) > 5 and set(versions) == {wanted}

                await seen.until(heard, f"a second of the {wanted}")
                await seen.press("o")
            await seen.press("space")
            await seen.until(lambda: "♪ 01 nocturne" not in seen.text, "the end of playing")
            sound = recording.sound()
    found = heard_versions(sound)
    places = np.array([place for _, place in found])
    # One place after the other, as time goes: a switch to another place would be a jump.
    np.testing.assert_allclose(np.diff(places), HOP / RATE, atol=0.1)
    assert places[0] < 0.5
    switches = [n for n in range(1, len(found)) if found[n][0] != found[n - 1][0]]
    assert len(switches) == 4 - (found[-1][0] == "original")
    for n in switches:
        around = sound[max(n - 2, 0) * HOP : (n + 2) * HOP + WINDOW]
        assert longest_silence_s(around) < 0.005


async def test_the_sound_goes_along_to_another_run_and_the_screen_says_what_sounds(
    two_runs: MadeRun, server: PulseServer
) -> None:
    told: list[tuple[int, str]] = []
    async with screen_of(two_runs.workspace, 160, 40) as seen:
        await seen.see("samples of step 100")
        with server.recording() as recording:

            async def goes_to(words: str, hertz: float, *keys: str) -> None:
                await seen.press(*keys)

                def come() -> bool:
                    told.append((len(recording), what_sounds(seen)))
                    newest = recording.samples()[-RATE // 2 :]
                    return words in seen.lines[0] and len(newest) == RATE // 2 and is_tone(newest, hertz)

                await seen.until(come, f"{words} at {hertz} Hz")

            await goes_to("graz step 100 · nocturne", PITCHES["graz", 100], "space")
            # The cursor is in the runs; the other run's newest samples are of step 150.
            await goes_to("piano step 150 · nocturne", PITCHES["piano", 150], "down")
            await goes_to("piano step 50 · nocturne", PITCHES["piano", 50], "less_than_sign")
            await goes_to("piano original · nocturne", ORIGINALS["piano"], "o")
            await goes_to("graz original · nocturne", ORIGINALS["graz"], "up")
            await goes_to("graz step 100 · nocturne", PITCHES["graz", 100], "o")
            # Passing by: what sounds in the end is what the cursor is on.
            await goes_to("graz step 100 · nocturne", PITCHES["graz", 100], "down", "up", "down", "up")
            await goes_to("piano step 150 · nocturne", PITCHES["piano", 150], "down", "up", "down")
            recorded = recording.samples()
            report = seen.app.main.sound
            assert report is not None and report.position_s > 2, "it went on at the same place"
            await seen.press("space")
    first = int(np.argmax(np.abs(recorded) > 1e-3))
    assert longest_silence_s(recorded[first:]) < 0.25, "it went on without a stop in between"
    for place, words in told:
        run, step = re.fullmatch(r"(\w+) (original|step \d+)", words).groups() if words else ("", "")  # type: ignore[union-attr]
        if not run:
            continue
        hertz = ORIGINALS[run] if step == "original" else PITCHES[run, int(step.removeprefix("step "))]
        around = recorded[max(place - round(REACH * RATE), 0) : place + round(REACH * RATE)]
        assert has_tone(around, hertz), f"the screen said {words}, which is {hertz} Hz"


HOP, WINDOW = RATE // 20, RATE // 20


def heard_versions(sound: NDArray[np.float64]) -> list[tuple[str, float]]:
    """Version and place in the clip, s, of each window that has one pitch."""
    found = []
    for begin in range(0, len(sound) - WINDOW, HOP):
        hertz, purity = pitch(sound[begin : begin + WINDOW])
        version = "reconstruction" if hertz < 1000 else "original"
        start, rise = CHIRPS[version]
        if purity > 0.9:
            found.append((version, (hertz - start) / rise - WINDOW / RATE / 2))
        elif found:
            # Two fade into each other: as long as that lasts, time goes on.
            found.append((found[-1][0], found[-1][1] + HOP / RATE))
    return found


def pitch(sound: NDArray[np.float64]) -> tuple[float, float]:
    """Strongest frequency, Hz, and its share of the power."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 16 * len(sound))) ** 2
    best = int(np.argmax(power))
    near = power[max(best - 40, 0) : best + 41].sum()
    return best * RATE / (16 * len(sound)), float(near / power.sum()) if power.sum() > 1e-6 else 0.0


def is_tone(sound: NDArray[np.float64], hertz: float) -> bool:
    """Whether all of it is that tone."""
    found, purity = pitch(sound)
    return purity > 0.98 and abs(found - hertz) < 5


def has_tone(sound: NDArray[np.float64], hertz: float) -> bool:
    """Whether a twentieth of a second of it is mostly that tone."""
    pieces = (sound[begin : begin + WINDOW] for begin in range(0, len(sound) - WINDOW + 1, HOP))
    return any(purity > 0.8 and abs(found - hertz) < 15 for found, purity in map(pitch, pieces))


def what_sounds(seen: Seen) -> str:
    """Run and step that the top line names: ``graz step 100``; empty when nothing sounds."""
    found = re.search(r"(\w+ (?:original|step \d+)) · nocturne", seen.lines[0])
    return found[1] if found else ""


def longest_silence_s(sound: NDArray[np.float64]) -> float:
    """Seconds in which every sample is near zero."""
    loud = np.flatnonzero(np.abs(sound) > 1e-3)
    return float(np.diff(loud).max()) / RATE
