"""What a device is given when clips are switched, looped and sought: to the sample."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from ravetui.app.sound.deck import Deck
from ravetui.app.sound.device import Block, OutputDevice
from ravetui.app.sound.source import Source

RATE, BLOCK = 8000, 640


class Device:
    """Takes blocks when it is told to: a device whose clock stands still in between."""

    latency = 2 * BLOCK
    backend, name = "test", "device"

    def __init__(self, rate: int, channels: int) -> None:
        self.rate, self.channels, self.running = rate, channels, False
        self.mix: Callable[[int], Block]

    def start(self, mix: Callable[[int], Block]) -> None:
        self.mix, self.running = mix, True

    def stop(self) -> None:
        self.running = False

    def close(self) -> None:
        self.running = False


class Played:
    """A deck, its device, and what came of it."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.device: Device
        self.now = 0.0
        self.periods: list[int] = []

        def report(kind: str, **values: Any) -> None:
            self.reports.append({"report": kind, **values})

        self.deck = Deck(report, self._open, lambda: self.now)

    def _open(self, rate: int, channels: int, period_ms: int) -> OutputDevice:
        self.periods.append(period_ms)
        self.device = Device(rate, channels)
        return cast(OutputDevice, self.device)

    def take(self, blocks: int) -> NDArray[np.float32]:
        taken = []
        for _ in range(blocks):
            self.deck.tick()
            taken.append(self.device.mix(BLOCK))
        return np.concatenate(taken)[:, 0]

    def said(self, kind: str) -> list[dict[str, Any]]:
        return [report for report in self.reports if report["report"] == kind]


@pytest.fixture
def ramps(tmp_path: Path) -> tuple[Path, Path]:
    """Two clips whose value tells the frame: the second is the negative of the first. 3 s."""
    values = np.arange(3 * RATE) / (4 * RATE)
    for name, factor in (("a", 1), ("b", -1)):
        soundfile.write(tmp_path / f"{name}.wav", factor * values, RATE, subtype="FLOAT")
    return tmp_path / "a.wav", tmp_path / "b.wav"


def frames(sound: NDArray[np.float32]) -> NDArray[np.int64]:
    """Which frame each value is of."""
    return np.asarray(np.rint(np.abs(sound) * 4 * RATE), dtype=np.int64)


def test_a_switch_goes_on_at_the_very_next_sample(ramps: tuple[Path, Path]) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    first = played.take(5)
    played.deck.play(2, Source(ramps[1]), 0.0, 1.0, switch=True)
    across, after = played.take(1), played.take(3)
    assert frames(first).tolist() == list(range(5 * BLOCK))
    # One block is the crossfade from the value to its negative, then the other clip goes on where the first would be.
    steps = np.arange(5 * BLOCK, 6 * BLOCK) / (4 * RATE)
    np.testing.assert_allclose(across, steps * np.linspace(1, -1, BLOCK), atol=1e-6)
    assert frames(after).tolist() == list(range(6 * BLOCK, 9 * BLOCK))
    assert (after < 0).all()
    assert [report["id"] for report in played.said("started")] == [1, 2]
    assert played.said("ended")[0]["id"] == 1


def test_a_switch_to_the_same_sound_cannot_be_heard(ramps: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes(ramps[0].read_bytes())
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    sound = [played.take(3)]
    for number in range(2, 6):
        played.deck.play(number, Source(copy), 0.0, 1.0, switch=True)
        sound.append(played.take(2))
    assert frames(np.concatenate(sound)).tolist() == list(range(11 * BLOCK))


def test_positions_go_with_the_clock_between_the_devices_blocks(ramps: tuple[Path, Path]) -> None:
    """The device plays its two blocks and takes the next when one of them is over: 12.5 a second, shown 15 times."""
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    played.device.mix(BLOCK)
    taken = 1
    for frame in range(1, 40):
        played.now = frame / 15
        while taken * BLOCK / RATE <= played.now + BLOCK / RATE:
            late, played.now = played.now, (taken - 1) * BLOCK / RATE
            played.device.mix(BLOCK)
            taken, played.now = taken + 1, late
        played.deck.tick()
        assert played.said("position")[-1]["seconds"] == pytest.approx(played.now, abs=1.5 / RATE)
    assert len({report["seconds"] for report in played.said("position")}) >= 39
    # A device that asks for nothing more is not believed for longer than a block.
    played.now += 1.0
    played.deck.tick()
    assert played.said("position")[-1]["seconds"] == pytest.approx((taken - 1) * BLOCK / RATE)


def test_a_device_that_came_late_gets_longer_blocks_once_it_is_silent(ramps: tuple[Path, Path]) -> None:
    played = Played()

    def play(number: int, waits: tuple[float, ...]) -> None:
        played.deck.play(number, Source(ramps[0]), 0.0, 1.0)
        played.device.mix(BLOCK)
        for wait in waits:
            played.now += wait * BLOCK / RATE
            played.take(1)

    play(1, (1.0, 1.9, 0.1, 1.0))  # As it is wherever much is done: its buffer holds two.
    play(2, (1.0, 2.1, 1.0))
    assert played.periods == [80], "not while it runs: that would be a gap of its own"
    for number, longer in ((3, 160), (4, 320), (5, 320)):
        played.deck.stop()
        played.take(2)
        played.deck.tick()
        assert not played.device.running
        # However long it was silent, that is not late.
        played.now += 60.0
        play(number, (3.0,))
        assert played.periods[-1] == longer


def test_positions_do_not_jump_when_clips_are_switched(ramps: tuple[Path, Path]) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    played.take(8)
    played.deck.play(2, Source(ramps[1]), 0.0, 1.0, switch=True)
    played.take(6)
    positions = [report["seconds"] for report in played.said("position")]
    assert max(np.diff(positions)) <= BLOCK / RATE + 1e-9
    assert min(np.diff(positions)) >= 0


class Late:
    """A source whose audio comes when it is let through: so many frames of it are there."""

    def __init__(self, path: Path) -> None:
        self._whole = Source(path)
        self.rate, self.channels, self.frames = self._whole.rate, self._whole.channels, self._whole.frames
        self.there = 0

    def blocks(self, start: int) -> Iterator[Block]:
        for block in self._whole.blocks(start):
            while self.there < start + len(block):
                yield block[:0]
            start += len(block)
            yield block

    def close(self) -> None:
        self._whole.close()


@pytest.mark.parametrize("blocks", [1, 5, 13, 20])
def test_a_switch_waits_for_audio_that_comes_late_while_the_first_sounds_on(
    ramps: tuple[Path, Path], blocks: int
) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    played.take(2)
    late = Late(ramps[1])
    played.deck.play(2, late, 0.0, 1.0, switch=True)
    waiting = played.take(blocks)
    # A little of it, and that little already past, is not enough to begin with.
    late.there = 4096
    waiting = np.concatenate([waiting, played.take(1)])
    assert frames(waiting).tolist() == list(range(2 * BLOCK, (3 + blocks) * BLOCK))
    assert (waiting >= 0).all()
    late.there = late.frames
    across, after = played.take(1), played.take(6)
    at = (3 + blocks) * BLOCK
    np.testing.assert_allclose(across, np.arange(at, at + BLOCK) / (4 * RATE) * np.linspace(1, -1, BLOCK), atol=1e-6)
    assert frames(after).tolist() == list(range(at + BLOCK, at + 7 * BLOCK))
    assert (after < 0).all()
    assert played.said("position")[-1]["seconds"] == pytest.approx((at + 4 * BLOCK) / RATE)


def test_a_loop_has_no_seam_and_its_end_comes_at_the_end(ramps: tuple[Path, Path]) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 2.0, 1.0, loop=True)
    sound = played.take(40)[BLOCK:]
    assert frames(sound).tolist() == [(2 * RATE + BLOCK + n) % (3 * RATE) for n in range(39 * BLOCK)]
    assert played.said("position")[-1]["seconds"] == pytest.approx(((2 * RATE + 37 * BLOCK) % (3 * RATE)) / RATE)
    at = (2 * RATE + 40 * BLOCK) % (3 * RATE)
    played.deck.set_loop(1, False)
    rest = played.take(50)
    assert frames(rest[: 3 * RATE - at]).tolist() == list(range(at, 3 * RATE))
    assert not rest[3 * RATE - at :].any()
    (end,) = played.said("ended")
    assert (end["complete"], end["seconds"]) == (True, 3.0)


def test_a_loop_may_be_asked_for_when_the_end_lies_decoded_already(ramps: tuple[Path, Path]) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 2.5, 1.0)
    played.take(3)
    played.deck.set_loop(1, True)
    sound = played.take(8)
    assert frames(sound).tolist() == [(int(2.5 * RATE) + 3 * BLOCK + n) % (3 * RATE) for n in range(8 * BLOCK)]


def test_a_seek_goes_there_and_the_rest_is_as_it_is(ramps: tuple[Path, Path]) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    played.take(2)
    played.deck.seek(1, 2.0)
    sound = played.take(3)
    across = np.arange(BLOCK) / (4 * RATE)
    fades = np.linspace(0, 1, BLOCK)
    np.testing.assert_allclose(sound[:BLOCK], (across + 0.5) * fades + (across + 0.04) * (1 - fades), atol=1e-6)
    assert frames(sound[BLOCK:]).tolist() == list(range(2 * RATE + BLOCK, 2 * RATE + 3 * BLOCK))
    assert played.said("ended") == []
    played.take(40)
    assert [report["complete"] for report in played.said("ended")] == [True]


def test_a_seek_to_what_has_not_come_lets_it_sound_on_for_as_long_as_it_has_audio(ramps: tuple[Path, Path]) -> None:
    played = Played()
    late = Late(ramps[0])
    late.there = 2 * RATE
    played.deck.play(1, late, 0.0, 1.0)
    played.take(2)
    played.deck.seek(1, 2.5)
    sound = played.take(20)
    loud = frames(sound)[: 10 * BLOCK]
    assert loud.tolist() == list(range(2 * BLOCK, 12 * BLOCK))
    assert not sound[-2 * BLOCK :].any()
    late.there = late.frames
    again = played.take(2)
    assert frames(again[BLOCK:]).tolist() == list(range(int(2.5 * RATE) + BLOCK, int(2.5 * RATE) + 2 * BLOCK))
    played.deck.seek(1, 0.0)
    played.deck.stop()
    played.take(1)
    assert not played.take(2).any()
    assert [report["complete"] for report in played.said("ended")] == [False]


def test_a_gain_slides_within_a_block(ramps: tuple[Path, Path]) -> None:
    played = Played()
    played.deck.play(1, Source(ramps[0]), 0.0, 1.0)
    played.take(4)
    played.deck.set_volume(1, 0.5)
    slide, after = played.take(1), played.take(1)
    steps = np.arange(4 * BLOCK, 6 * BLOCK) / (4 * RATE)
    np.testing.assert_allclose(slide, steps[:BLOCK] * np.linspace(1, 0.5, BLOCK), atol=1e-6)
    np.testing.assert_allclose(after, steps[BLOCK:] * 0.5, atol=1e-6)


def test_a_switch_beyond_the_end_of_a_shorter_version_ends(ramps: tuple[Path, Path], tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.full(RATE, 0.5), RATE)
    played = Played()
    played.deck.play(1, Source(ramps[0]), 2.0, 1.0)
    played.take(3)
    played.deck.play(2, Source(tmp_path / "short.wav"), 0.0, 1.0, switch=True)
    played.take(6)
    end = played.said("ended")[-1]
    assert (end["id"], end["complete"], end["seconds"], end["frames"]) == (2, True, 1.0, 0)
