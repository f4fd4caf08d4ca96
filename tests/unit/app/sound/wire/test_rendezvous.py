"""Where bridges and screens meet: what is not this user's alone is not gone to."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.app.sound.wire.rendezvous import connect, folders, leave_program, open_socket, sockets, state_folder
from tests.listening import Server


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = Server()
    for key, value in made.environment.items():
        monkeypatch.setenv(key, value)
    yield made.runtime / "ravetui"
    made.close()


def test_a_socket_is_found_where_it_was_made_though_the_login_sets_other_folders(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, path = open_socket()
    with server:
        assert path.parent == runtime
        assert sockets() == [path]
        ours = connect(path)
        assert ours is not None
        ours.close()
        # A command over ssh has no XDG_RUNTIME_DIR, and its bridge goes where a screen looks as well.
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        assert folders()[-1] == state_folder()


def test_a_stale_socket_is_removed_by_whoever_tries_it(runtime: Path) -> None:
    server, path = open_socket()
    server.close()
    assert path.exists()
    assert connect(path) is None
    assert not path.exists()
    assert sockets() == []


def test_a_folder_that_others_can_reach_is_not_trusted_and_is_closed_to_them(runtime: Path) -> None:
    server, path = open_socket()
    with server:
        runtime.chmod(0o755)
        assert sockets() == []
        other, _ = open_socket()
        other.close()
        assert runtime.stat().st_mode & 0o777 == 0o700
        assert path in sockets()


def test_the_newest_comes_first(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, first = open_socket()
    monkeypatch.setattr(os, "getpid", lambda: 1)
    two, second = open_socket()
    while second.lstat().st_ctime_ns <= first.lstat().st_ctime_ns:  # The file system's clock ticks slowly.
        second.chmod(0o600)
    assert sockets() == [second, first]
    one.close()
    two.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user, which only root can")
def test_a_bridge_of_another_user_is_not_spoken_to(runtime: Path) -> None:
    runtime.mkdir(mode=0o777)
    for folder in (runtime, *runtime.parents[:2]):
        folder.chmod(0o777)
    path = runtime / "trap.sock"
    program = """
import os, socket, sys
os.setgid(65534); os.setuid(65534)
trap = socket.socket(socket.AF_UNIX); trap.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777); trap.listen()
print("ready", flush=True)
one, _ = trap.accept(); print(one.recv(1), flush=True)
"""
    command = (sys.executable, "-I", "-c", program, str(path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as trap:
        assert trap.stdout is not None
        assert trap.stdout.readline() == "ready\n"
        assert connect(path) is None
        assert trap.stdout.readline() == "b''\n"


def test_a_folder_of_another_user_is_not_used(runtime: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("becomes another user, which only root can")
    runtime.mkdir()
    os.chown(runtime, 65534, 65534)
    assert sockets() == []
    server, path = open_socket()
    server.close()
    assert path.parent == state_folder()


def test_a_path_that_is_too_long_for_a_socket_is_passed_over(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = runtime.parent / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    server, path = open_socket()
    assert path.parent == state_folder() or path.parent.parent == Path(f"/run/user/{os.getuid()}")
    server.close()
    path.unlink(missing_ok=True)


def test_word_is_left_where_this_ravetui_is(runtime: Path) -> None:
    leave_program()
    assert (state_folder() / "program").read_text() == str(Path(sys.executable).with_name("ravetui"))
