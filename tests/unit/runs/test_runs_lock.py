import os
import subprocess
import sys
import threading
from pathlib import Path

from ravetui.runs.lock import acquire, is_held
from tests.stand_in import python

HOLDER = """
import sys
from pathlib import Path
from ravetui.runs.lock import acquire
print(acquire(Path(sys.argv[1])) is not None, flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_by_one_and_free_after_it_closes(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path), "no file is no lock"
    handle = acquire(path)
    assert handle is not None
    assert is_held(path)
    assert acquire(path) is None
    os.close(handle)
    assert not is_held(path)
    again = acquire(path)
    assert again is not None
    os.close(again)


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(python(HOLDER, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert is_held(path)
        assert acquire(path) is None
        holder.kill()
        holder.wait()
        assert not is_held(path)


def test_a_child_holds_an_inherited_lock_after_its_parent_let_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    handle = acquire(path, inheritable=True)
    assert handle is not None
    waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=[handle]) as child:
        os.close(handle)
        assert is_held(path)
        assert child.stdin is not None
        child.stdin.close()
        child.wait()
        assert not is_held(path)


def test_a_lock_is_not_inherited_unless_asked(tmp_path: Path) -> None:
    handle = acquire(tmp_path / "lock")
    assert handle is not None
    assert not os.get_inheritable(handle)
    os.close(handle)


def test_readers_that_look_all_the_time_never_keep_a_taker_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            is_held(path)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(50):
        handle = acquire(path)
        assert handle is not None
        os.close(handle)
    over.set()
    for reader in readers:
        reader.join()
