"""A new run: its folder with a frozen spec, published whole."""

import datetime
import importlib.metadata
import shutil
import uuid
from collections.abc import Callable

from ravetui.engine.data.index import read_index
from ravetui.engine.plan import Plan, make_plan
from ravetui.runs.atomic import publish_folder
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import DataRef, ParentRef, RunSpec, write_spec
from ravetui.runs.workspace import Workspace

_LIBRARIES = ("ravetui", "torch", "numpy", "scipy", "soxr", "soundfile")


def create_run(workspace: Workspace, name: str, data: str, changes: dict[str, str]) -> RunFolder:
    """Plan a run and publish its folder.

    Args:
        data: Name of a prepared dataset.
        changes: See :func:`ravetui.engine.plan.make_plan`.

    Raises:
        RunError: The name is taken or not usable.
        DataError: The dataset is missing, damaged, or too small for the plan.
        ConfigError: A setting is unknown or out of range.
    """
    workspace.new_run_path(name)
    dataset = workspace.dataset_path(data)
    index = read_index(dataset)
    plan = make_plan(index, workspace.config.run, changes)
    spec = new_spec(name, plan, DataRef(data, str(dataset), index.fingerprint, plan.steps_per_epoch))

    def fill(run: RunFolder) -> None:
        append_event(run.events, "created", preset=plan.preset, data=data)
        warn(run, plan)

    return publish_run(workspace, spec, fill)


def warn(run: RunFolder, plan: Plan) -> None:
    """Write the plan's warnings among a new run's events."""
    for sentence in plan.warnings:
        append_event(run.events, "warned", reason=sentence)


def new_spec(name: str, plan: Plan, data: DataRef, parent: ParentRef | None = None) -> RunSpec:
    """The spec of a run that begins now, with an id of its own.

    Args:
        parent: The run and checkpoint it goes on from, when it is a fork.
    """
    return RunSpec(
        name=name,
        id=str(uuid.uuid4()),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        preset=plan.preset,
        model=plan.model,
        loss=plan.loss,
        training=plan.training,
        augment=plan.augment,
        data=data,
        versions=_installed_versions(),
        parent=parent,
        lengths=plan.lengths,
    )


def publish_run(workspace: Workspace, spec: RunSpec, fill: Callable[[RunFolder], None]) -> RunFolder:
    """Make the folder of a run beside the others and rename it into place.

    Args:
        fill: Puts into the folder what belongs there from the beginning.

    Raises:
        RunError: The name is taken or not usable.
    """
    final = workspace.new_run_path(spec.name)
    workspace.runs.mkdir(exist_ok=True)
    beside = RunFolder(workspace.runs / f".new-{spec.id}")
    beside.path.mkdir()
    try:
        write_spec(beside.spec_path, spec)
        for folder in (beside.attempts, beside.control, beside.checkpoints, beside.samples, beside.scores, beside.jobs):
            folder.mkdir()
        beside.live_lock.touch()
        beside.supervisor_lock.touch()
        fill(beside)
        publish_folder(beside.path, final)
    except BaseException:
        shutil.rmtree(beside.path, ignore_errors=True)
        workspace.new_run_path(spec.name)  # Of two that make the same run at once, the later one is told so.
        raise
    return RunFolder(final)


def _installed_versions() -> dict[str, str]:
    """Installed versions of what a run's result depends on."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
