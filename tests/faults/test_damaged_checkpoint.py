"""Checkpoints that were damaged after they were written: passed over by name, aloud, for the next older good one."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from ravetui.engine.training.session import Session
from ravetui.errors import CheckpointError
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.warning import standing_warning
from tests.faults.counts import count, times
from tests.trainer import CONFIG, attempt
from tests.workspaces import small_run, small_workspace


def truncate(path: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def zero(path: Path, chance: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def remove(path: Path, chance: random.Random) -> None:
    path.unlink()


DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (truncate, flip, zero, remove)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that was stopped, with several checkpoints."""
    run = small_run(small_workspace(tmp_path_factory.mktemp("damaged") / "ws"), "made")
    attempt(run, stop_after=14)
    return run


def resumed(run: RunFolder) -> int:
    """The step at which a new attempt begins."""
    run.attempt(len(run.attempt_folders()) + 1).path.mkdir()
    session = Session(run, CONFIG, Event())
    session.close()
    return session.state.step


def test_an_older_one_is_used_and_the_damaged_one_named(made: RunFolder) -> None:
    tries = times(150, 12)
    for number in range(tries):
        chance = random.Random(number)
        run = RunFolder(made.path.with_name("copy"))
        shutil.copytree(made.path, run.path)
        newest, older = list_checkpoints(run)[:2]
        names = [*sorted(newest.files), "manifest.json"]
        file = newest.path / names[number % len(names)]
        DAMAGES[(number // len(names)) % len(DAMAGES)](file, chance)
        assert resumed(run) == older.step
        events = [event for event in read_events(run.events) if event.kind == "warned"]
        assert [(event.fields["step"], str(file) in event.fields["reason"]) for event in events] == [(14, True)]
        assert str(file) in standing_warning(read_events(run.events)), "the screen shows it"
        shutil.rmtree(run.path)
    count("truncated, flipped, zeroed, missing checkpoint files", tries)


@pytest.mark.parametrize("text", [None, b"", b"{", b'{"step": 999, "folder": "step-000000999"}'])
def test_nothing_hangs_on_latest(made: RunFolder, tmp_path: Path, text: bytes | None) -> None:
    run = RunFolder(made.path.with_name(f"latest-{tmp_path.name}"))
    shutil.copytree(made.path, run.path)
    latest = run.checkpoints / "latest.json"
    latest.unlink() if text is None else latest.write_bytes(text)
    assert resumed(run) == 14


def test_nobody_begins_at_step_0_without_being_told(made: RunFolder) -> None:
    run = RunFolder(made.path.with_name("all"))
    shutil.copytree(made.path, run.path)
    for checkpoint in list_checkpoints(run):
        (checkpoint.path / "manifest.json").unlink()
    with pytest.raises(CheckpointError, match="All 3 checkpoints of all are damaged"):
        resumed(run)
    shutil.rmtree(run.checkpoints)
    assert resumed(run) == 0
    assert standing_warning(read_events(run.events)).startswith("a checkpoint of step 14 was saved, and none is there")
