"""A folder with ``config.toml``, ``data/`` and ``runs/``."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ravetui.config import FILE, Config, read_config, write_default_config
from ravetui.errors import ConfigError, RunError
from ravetui.runs.folder import RunFolder

if TYPE_CHECKING:
    from ravetui.runs.foreign.folder import ForeignFolder

_LOOKED_AT = "It can be looked at: run show, run list, series, and the screen."
_NAME = re.compile(r"[^\W_][\w.+-]*")


@dataclass(frozen=True)
class Workspace:
    """Where a person's datasets and runs lie."""

    root: Path
    """Absolute."""

    @cached_property
    def config(self) -> Config:
        """The settings, read once.

        Raises:
            ConfigError: ``config.toml`` is damaged.
        """
        return read_config(self.root / FILE)

    @property
    def data(self) -> Path:
        """Folder of the prepared datasets."""
        return self.root / "data"

    @property
    def runs(self) -> Path:
        """Folder of the runs."""
        return self.root / "runs"

    @property
    def queue(self) -> Path:
        """Folder of the queue: which runs wait for a slot."""
        return self.root / "queue"

    @property
    def timings(self) -> Path:
        """Folder of what was measured of a training step: a small file each shape and kind of device."""
        return self.root / ".ravetui" / "timings"

    @property
    def reference(self) -> str:
        """What checkpoints are compared with; a folder that ``config.toml`` names is one from the workspace.

        Raises:
            ConfigError: ``config.toml`` is damaged.
        """
        name = self.config.score.reference
        return name if is_named_reference(name) else str(self.root / Path(name).expanduser())

    @property
    def scoring(self) -> Path:
        """Folder of the turns of scorings: one renders at a time."""
        return self.root / ".ravetui" / "scoring"

    @property
    def trash(self) -> Path:
        """Folder of the deleted runs: beside the others, for `runs` may be a link to another disk."""
        return self.runs / ".trash"

    def run_folders(self) -> list[RunFolder]:
        """Every run, in order of name; a folder without a spec is not a run."""
        found = (path.parent for path in self.runs.glob("*/spec.toml"))
        return [RunFolder(path) for path in sorted(found) if not path.name.startswith(".")]

    def run(self, name: str) -> RunFolder:
        """The run of that name.

        Raises:
            RunError: There is none.
        """
        folder = RunFolder(self.runs / name)
        if not name or Path(name).name != name or not folder.spec_path.is_file():
            if (other := self._foreign(name)) is not None:
                raise RunError("Run of another program", other.refusal(), _LOOKED_AT)
            names = [run.name for run in self.run_folders()]
            remedy = f"Runs here: {', '.join(names)}." if names else "There are no runs yet: `ravetui run new`."
            raise RunError("No such run", f"{self.runs} has no run {name!r}.", remedy)
        return folder

    def any_run(self, name: str) -> RunFolder:
        """The run of that name, also one of another program: a :class:`~ravetui.runs.foreign.folder.ForeignFolder`.

        Raises:
            RunError: There is none.
        """
        own = name and Path(name).name == name and (self.runs / name / "spec.toml").is_file()
        return (None if own else self._foreign(name)) or self.run(name)

    def _foreign(self, name: str) -> "ForeignFolder | None":
        if not self.config.sources:
            return None
        from ravetui.runs.foreign.source_watch import foreign_run

        return foreign_run(self, name)

    def new_run_path(self, name: str) -> Path:
        """Where a new run of that name will lie.

        Raises:
            RunError: The name is taken or would not make a good folder name.
        """
        _check_name("run", name)
        if (self.runs / name).exists():
            raise RunError("Run exists", f"There is a run {name!r} already.", "Choose another name.")
        return self.runs / name

    def dataset_path(self, name: str) -> Path:
        """Where the dataset of that name lies or will lie.

        Raises:
            RunError: The name would not make a good folder name.
        """
        _check_name("dataset", name)
        return self.data / name


def is_named_reference(name: str) -> bool:
    """Whether a reference set is one that has a name of its own, not a folder."""
    return name in ("validation", "train") or name.startswith("run:")


def find_workspace(start: Path) -> Workspace:
    """The nearest folder with a ``config.toml``, from ``start`` upwards.

    Raises:
        ConfigError: There is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return Workspace(folder)
    raise ConfigError(
        "No workspace", f"Neither {start} nor any folder above it has a {FILE}.", "`ravetui init` makes one here."
    )


def workspace_above(path: Path) -> Workspace | None:
    """The workspace that a folder lies in; None when it was moved out of one."""
    try:
        return find_workspace(path)
    except ConfigError:
        return None


def config_above(path: Path) -> Config:
    """The settings of the workspace that a folder lies in, or the defaults when it was moved out of one.

    Raises:
        ConfigError: ``config.toml`` is damaged.
    """
    workspace = workspace_above(path)
    return workspace.config if workspace else Config()


def make_workspace(root: Path) -> Workspace:
    """Make ``root`` a workspace: ``config.toml`` with every default, ``data/`` and ``runs/``.

    Raises:
        ConfigError: It is one already.
    """
    root.mkdir(parents=True, exist_ok=True)
    write_default_config(root / FILE)
    workspace = Workspace(root.resolve())
    workspace.data.mkdir(exist_ok=True)
    workspace.runs.mkdir(exist_ok=True)
    return workspace


def _check_name(noun: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise RunError(
            f"Bad {noun} name",
            f"{name!r} cannot name a {noun}.",
            "Use letters, digits, dots, dashes; begin with a letter or digit.",
        )
