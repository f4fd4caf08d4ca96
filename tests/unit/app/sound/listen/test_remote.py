"""How ravetui is found on the server, by the very line that ssh would run there."""

import os
import subprocess
from pathlib import Path

import pytest

from ravetui.app.sound.listen.remote import is_safe, remember, remembered, ssh_command


def found(home: Path, line: str, **environment: str) -> str:
    """Which ravetui a shell over there starts; empty: none."""
    there = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", **environment}
    done = subprocess.run(["sh", "-c", line], env=there, capture_output=True, text=True)
    assert done.returncode == (0 if done.stdout else 127)
    return done.stdout.strip()


def program(path: Path) -> Path:
    """One that says where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\necho "$0 $*"\n')
    path.chmod(0o755)
    return path


def line(program: str = "") -> str:
    return ssh_command("graz", program=program, command="", port=None)[-1]


def test_the_command_is_one_ssh_that_notices_when_the_line_is_dead() -> None:
    argv = ssh_command("you@graz", program="", command="", port=2222)
    assert argv[:-1] == [
        *("ssh", "-T", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=2", "-p", "2222", "you@graz")
    ]
    assert ssh_command("graz", program="", command="ssh -J jump", port=None)[:3] == ["ssh", "-J", "jump"]
    assert ssh_command("graz", program="", command="/opt/other --x", port=None)[:3] == ["/opt/other", "--x", "graz"]


def test_it_is_found_where_it_was_said_to_be_before_anywhere_else(tmp_path: Path) -> None:
    said, in_path = program(tmp_path / "a venv" / "bin" / "ravetui"), program(tmp_path / "path" / "ravetui")
    path = f"{in_path.parent}:/usr/bin:/bin"
    assert found(tmp_path, line(str(said)), PATH=path) == f"{said} audio-bridge"
    assert found(tmp_path, line("~/a venv/bin/ravetui")) == f"{said} audio-bridge"
    assert found(tmp_path, line(str(tmp_path / "gone")), PATH=path) == f"{in_path} audio-bridge"


def test_a_screen_in_a_virtual_environment_leaves_word_where_it_is(tmp_path: Path) -> None:
    venv = program(tmp_path / "rave" / ".venv" / "bin" / "ravetui")
    assert found(tmp_path, line()) == ""
    word = tmp_path / ".local" / "state" / "ravetui" / "program"
    word.parent.mkdir(parents=True)
    word.write_text(str(venv))
    assert found(tmp_path, line()) == f"{venv} audio-bridge"


def test_a_login_shell_is_asked_at_last(tmp_path: Path) -> None:
    conda = program(tmp_path / "conda" / "bin" / "ravetui")
    (tmp_path / ".profile").write_text(f'echo "Welcome!"\nPATH="{conda.parent}:$PATH"\n')
    assert found(tmp_path, line()) == f"{conda} audio-bridge"


def test_what_was_said_is_remembered_for_its_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert remembered("graz") == ""
    remember("graz", "~/venv/bin/ravetui")
    remember("wien", "/opt/ravetui")
    assert (remembered("graz"), remembered("wien"), remembered("linz")) == ("~/venv/bin/ravetui", "/opt/ravetui", "")
    (tmp_path / "ravetui" / "hosts.json").write_text('{"graz": "$(reboot)"}')
    assert remembered("graz") == ""


@pytest.mark.parametrize("path", ["", "a'b", 'a"b', "$(id)", "`id`", "a\nb", "a\\b", "wow!"])
def test_a_path_that_a_shell_would_read_as_more_is_refused(path: str) -> None:
    assert not is_safe(path)


def test_the_line_goes_through_any_shell(tmp_path: Path) -> None:
    assert line().count("'") == 2
    assert "\n" not in line() and "!" not in line()
    venv = program(tmp_path / "ravetui")
    for shell in ("sh", "bash", "dash"):
        done = subprocess.run([shell, "-c", line(str(venv))], env={**os.environ}, capture_output=True, text=True)
        assert done.stdout == f"{venv} audio-bridge\n"
