"""The command line called in this process, as a person would call it in a workspace."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ravetui.cli import main
from ravetui.runs.workspace import Workspace

Ravetui = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ravetui(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ravetui:
    """Calls the program in the workspace: exit code, standard output, standard error."""
    monkeypatch.chdir(workspace.root)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ravetui", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return call


def done(result: tuple[int, str, str]) -> Any:
    """What a call that went well printed as JSON."""
    code, out, err = result
    assert code == 0, err
    return json.loads(out)
