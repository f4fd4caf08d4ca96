"""Which audio goes through the checkpoints of a run of another program, whose folder does not say what it heard."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ravetui.errors import RunError
from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.workspace import Workspace

_FILE = "audio.json"


@dataclass(frozen=True)
class GivenAudio:
    """A dataset or a folder; one of the two is empty."""

    dataset: str = ""
    """Name of a dataset of the workspace."""
    folder: str = ""
    """Folder of audio files, absolute."""


def given_audio(run: ForeignFolder) -> GivenAudio:
    """What was given the last time.

    Raises:
        RunError: Nothing was.
    """
    kept: Any = read_json(run.path / _FILE)
    try:
        return GivenAudio(str(kept["dataset"]), str(kept["folder"]))
    except (TypeError, KeyError):
        raise RunError(
            "No audio given",
            f"What {run.name} was trained on is not written in its folder, so what to render is not known.",
            f"Say it once: `ravetui score {run.name} --data NAME` (a dataset) or `--data FOLDER` (of audio).",
        ) from None


def give_audio(workspace: Workspace, run: ForeignFolder, data: str) -> None:
    """Keep what goes through this run's checkpoints from now on.

    Args:
        data: A dataset of the workspace, or a folder from where the person is.

    Raises:
        RunError: It is neither, or cannot be kept.
    """
    folder = Path(os.path.abspath(Path(data).expanduser()))  # noqa: PTH100 (links stay links)
    if Path(data).name == data and (workspace.data / data / "index.json").is_file():
        given = GivenAudio(dataset=data)
    elif folder.is_dir():
        given = GivenAudio(folder=str(folder))
    else:
        raise RunError(
            "No such audio", f"{data} is neither a dataset of this workspace nor a folder.", "`ravetui data list`"
        )
    try:
        run.path.mkdir(parents=True, exist_ok=True)
        write_json(run.path / _FILE, asdict(given))
    except OSError as error:
        raise RunError("Not kept", f"{run.path / _FILE} cannot be written: {error.strerror}.") from None
