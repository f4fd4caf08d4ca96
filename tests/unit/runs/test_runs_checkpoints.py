import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.errors import CheckpointError
from ravetui.runs.checkpoints import (
    PIN,
    Checkpoint,
    find_checkpoint,
    list_checkpoints,
    newest_good,
    verify,
)
from ravetui.runs.folder import RunFolder
from ravetui.runs.publishing import clear_unpublished, publish

FILES = {"model.safetensors": b"weights" * 50, "optimizer.safetensors": b"moments"}


def writer(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def save(
    run: RunFolder, step: int, *, phase: int = 1, validation: float | None = None, mark: bytes = b""
) -> Checkpoint:
    return publish(
        run,
        step,
        {name: writer(content + mark) for name, content in FILES.items()},
        phase=phase,
        attempt=1,
        validation=validation,
        trainer={"phase_2_step": None, "nested": {"a": [1, 2.5]}},
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def newest(run: RunFolder) -> tuple[int | None, list[int]]:
    """The step of the newest good checkpoint, and the steps that were passed over aloud."""
    rejected: list[int] = []
    found = newest_good(run, lambda checkpoint, error: rejected.append(checkpoint.step))
    return found.step if found else None, rejected


def test_a_checkpoint_reads_back(run: RunFolder) -> None:
    save(run, 100)
    made = save(run, 12000, phase=2, validation=3.91)
    assert list_checkpoints(run)[0] == made
    assert [item.step for item in list_checkpoints(run)] == [12000, 100]
    assert (made.phase, made.validation, made.bytes) == (2, 3.91, 357)
    assert made.trainer == {"phase_2_step": None, "nested": {"a": [1, 2.5]}}
    assert (made.path / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    verify(made)


def test_a_validation_that_is_not_a_number_is_none(run: RunFolder) -> None:
    assert save(run, 1, validation=math.nan).validation is None
    assert save(run, 2, validation=math.inf).validation is None


@pytest.mark.parametrize("name", [None, "latest", "12000", "12 000", "12_000", "step-000012000", "step-12000"])
def test_a_checkpoint_is_found_by_any_name_of_its_step(run: RunFolder, name: str | None) -> None:
    save(run, 100)
    save(run, 12000)
    assert find_checkpoint(run, name).step == 12000


def test_best_is_the_best_of_the_newest_phase(run: RunFolder) -> None:
    for step, phase, validation in ((1, 1, 3.0), (2, 1, 2.0), (3, 2, 5.0), (4, 2, 4.0), (5, 2, 4.5), (6, 2, None)):
        save(run, step, phase=phase, validation=validation)
    assert find_checkpoint(run, "best").step == 4


@pytest.mark.parametrize("name", ["99", "best", "²", "../x", "-1", ""])
def test_a_checkpoint_that_is_not_there_is_named_with_those_that_are(run: RunFolder, name: str) -> None:
    with pytest.raises(CheckpointError, match="has no checkpoint yet"):
        find_checkpoint(run, name)
    save(run, 100)
    save(run, 200)
    with pytest.raises(CheckpointError, match="200, 100"):
        find_checkpoint(run, name)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with two checkpoints."""
    run = RunFolder(tmp_path_factory.mktemp("run"))
    save(run, 100)
    save(run, 200, validation=3.9)
    return run


@given(
    st.sampled_from(["model.safetensors", "optimizer.safetensors", "manifest.json"]), st.floats(0, 1), st.integers(0, 7)
)
def test_a_changed_bit_anywhere_is_noticed(two: RunFolder, name: str, place: float, bit: int) -> None:
    made = find_checkpoint(two, "200")
    path = made.path / name
    content = path.read_bytes()
    where = min(int(place * len(content)), len(content) - 1)
    path.write_bytes(content[:where] + bytes([content[where] ^ 1 << bit]) + content[where + 1 :])
    try:
        # A blank of the manifest may have become another one: it then says what it said.
        assert newest(two) == (100, [200]) or list_checkpoints(two)[0] == made
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("size", [0, 1, 356 - 7, -1])
def test_a_short_file_is_named(run: RunFolder, size: int) -> None:
    save(run, 100)
    path = save(run, 200).path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CheckpointError, match=r"step-000000200/model\.safetensors has \d+ bytes instead of 350"):
        verify(find_checkpoint(run, "200"))
    assert newest(run) == (100, [200])


def test_a_missing_file_is_named(run: RunFolder) -> None:
    (save(run, 200).path / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors cannot be read: No such file"):
        verify(list_checkpoints(run)[0])


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"format": 1}', '{"format": 2}'])
def test_a_checkpoint_without_a_readable_manifest_is_passed_over_aloud(run: RunFolder, content: str | None) -> None:
    save(run, 100)
    manifest = save(run, 200).path / "manifest.json"
    manifest.unlink()
    if content is not None:
        manifest.write_text(content)
    assert [item.step for item in list_checkpoints(run)] == [100]
    assert newest(run) == (100, [200])


@pytest.mark.parametrize("harmed", ["manifest.json", "model.safetensors"])
def test_nobody_starts_at_step_0_by_accident(run: RunFolder, harmed: str) -> None:
    assert newest(run) == (None, [])
    for step in (100, 200):
        (save(run, step).path / harmed).write_bytes(b"x")
    with pytest.raises(CheckpointError, match=r"All 2 checkpoints of .* are damaged"):
        newest_good(run, lambda *_: None)


def test_a_failed_save_leaves_nothing_and_harms_nothing(run: RunFolder) -> None:
    save(run, 100)

    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        publish(run, 200, {"a": writer(b"x"), "b": full}, phase=1, attempt=1, validation=None, trainer={})
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["latest.json", "step-000000100"]
    assert newest(run) == (100, [])


def test_the_same_step_again_is_replaced(run: RunFolder) -> None:
    save(run, 100, mark=b"old")
    made = save(run, 100, mark=b"new")
    assert (made.path / "optimizer.safetensors").read_bytes() == b"momentsnew"
    verify(made)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["latest.json", "step-000000100"]


def test_what_killed_attempts_left_is_cleared_and_what_they_set_aside_comes_back(run: RunFolder) -> None:
    made = save(run, 100)
    made.path.rename(run.checkpoints / ".old-step-000000100")
    save(run, 200)
    shutil.copytree(run.checkpoints / "step-000000200", run.checkpoints / ".old-step-000000200")
    for name in (".tmp-000000300-0001", ".gone-step-000000050"):
        (run.checkpoints / name).mkdir()
        (run.checkpoints / name / "model").touch()
    (run.checkpoints / ".latest.json.k3j").touch()
    clear_unpublished(run)
    names = sorted(path.name for path in run.checkpoints.iterdir())
    assert names == ["latest.json", "step-000000100", "step-000000200"]
    assert newest(run) == (200, [])
    verify(find_checkpoint(run, "100"))


def test_a_pin_survives_a_save_of_the_same_step_and_a_kill_in_the_middle_of_a_deletion(run: RunFolder) -> None:
    (save(run, 100).path / PIN).touch()
    made = save(run, 100, mark=b"new")
    assert made.pinned
    verify(made)
    made.path.rename(run.checkpoints / ".gone-step-000000100")
    clear_unpublished(run)
    assert list_checkpoints(run) == [made]
