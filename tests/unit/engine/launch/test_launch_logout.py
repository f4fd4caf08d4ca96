import configparser
import shlex
import sys
from pathlib import Path

import pytest

from ravetui.engine.launch.logout import boot_unit, look_at_logout


def host(root: Path, files: dict[str, str], *, systemd: bool = True, linger: bool = False) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if systemd:
        (root / "run/systemd/system").mkdir(parents=True)
    if linger:
        (root / "var/lib/systemd/linger").mkdir(parents=True)
        (root / "var/lib/systemd/linger" / "mahadi").touch()
    return root


SHIPPED = "[Login]\n#NAutoVTs=6\n#KillUserProcesses={}\n#KillExcludeUsers=root\n"
ETC, LIB = "etc/systemd/logind.conf", "usr/lib/systemd/logind.conf"


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({}, True),
        ({ETC: SHIPPED.format("no")}, False),
        ({ETC: SHIPPED.format("yes")}, True),
        ({ETC: "[Login]\nKillUserProcesses = yes\n"}, True),
        ({ETC: "[Login]\n#KillUserProcesses=yes\nKillUserProcesses=no\n"}, False),
        ({LIB: SHIPPED.format("no"), ETC: "[Login]\nKillUserProcesses=yes\n"}, True),
        (
            {ETC: SHIPPED.format("no"), "etc/systemd/logind.conf.d/9-kill.conf": "[Login]\nKillUserProcesses=yes\n"},
            True,
        ),
        (
            {
                "usr/lib/systemd/logind.conf.d/10-a.conf": "[Login]\nKillUserProcesses=yes\n",
                "etc/systemd/logind.conf.d/10-a.conf": "[Login]\nKillUserProcesses=no\n",
            },
            False,
        ),
        ({ETC: "[Login]\nKillUserProcesses=yes\nKillExcludeUsers=root mahadi\n"}, False),
        ({ETC: "[Login]\nKillUserProcesses=yes\nKillOnlyUsers=guest\n"}, False),
    ],
)
def test_whether_logind_kills(tmp_path: Path, files: dict[str, str], kills: bool) -> None:
    assert look_at_logout("mahadi", host(tmp_path, files)).takes_runs is kills


def test_who_lingers_is_spared(tmp_path: Path) -> None:
    found = look_at_logout("mahadi", host(tmp_path, {ETC: "[Login]\nKillUserProcesses=yes\n"}, linger=True))
    assert (found.kills, found.lingers, found.takes_runs) == (True, True, False)


def test_without_systemd_nobody_kills(tmp_path: Path) -> None:
    assert not look_at_logout("mahadi", host(tmp_path, {}, systemd=False)).takes_runs


def test_root_is_spared_by_default(tmp_path: Path) -> None:
    assert not look_at_logout("root", host(tmp_path, {ETC: "[Login]\nKillUserProcesses=yes\n"})).takes_runs


def test_the_unit_starts_what_was_lost(tmp_path: Path) -> None:
    workspace = tmp_path / "my räve"
    unit = configparser.RawConfigParser()
    unit.read_string(boot_unit(workspace))
    words = shlex.split(unit["Service"]["ExecStart"])
    assert words == [sys.executable, "-m", "ravetui", "run", "start", "--lost", "-w", str(workspace)]
    assert unit["Service"]["RemainAfterExit"] == "yes", "else the runs are killed with the unit"
    assert unit["Install"]["WantedBy"] == "default.target"


def test_what_systemd_would_expand_is_written_twice() -> None:
    text = boot_unit(Path("/data/50%/$HOME"))
    assert '"/data/50%%/$$HOME"' in text
