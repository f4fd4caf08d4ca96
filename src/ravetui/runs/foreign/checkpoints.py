"""The checkpoints of a run of another program, found as those of ours are."""

from ravetui.errors import CheckpointError, RunError
from ravetui.runs import checkpoints
from ravetui.runs.checkpoints import Checkpoint, choose
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import ACIDS_RAVE, ForeignFolder


def find_checkpoint(run: RunFolder, name: str | None) -> Checkpoint:
    """The checkpoint of that name, of one of our runs or of another program's.

    Args:
        name: See :func:`ravetui.runs.checkpoints.find_checkpoint`; of another program's also what that calls the file,
            such as ``epoch_500000``.

    Raises:
        CheckpointError: There is no such checkpoint.
        RunError: The other program keeps none that can be read here.
    """
    if not isinstance(run, ForeignFolder):
        return checkpoints.find_checkpoint(run, name)
    refuse_unless_rendered(run)
    # Here, so that a score of our own run that was made before is found without numpy.
    from ravetui.runs.foreign.watcher import ForeignWatcher

    watcher = ForeignWatcher(run)
    watcher.history.poll()
    known = watcher.checkpoints()
    if not known:
        raise CheckpointError("No checkpoint", f"No checkpoint of {run.name} lies in {run.source}.")
    labelled = (item for item in known if name is not None and name in item.label.split(", "))
    return next(labelled, None) or choose(known, name, run.name)


def refuse_unless_rendered(run: ForeignFolder) -> None:
    """See that a program wrote the run whose checkpoints can be rendered.

    Raises:
        RunError: It is another one.
    """
    if run.kind != ACIDS_RAVE:
        raise RunError("Run of another program", run.refusal("only checkpoints of acids-rave are rendered and scored"))
