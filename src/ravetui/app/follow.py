"""What looks at one run: at one of ours, or at one of another program."""

from ravetui.app.detail import DetailReader
from ravetui.app.foreign_detail import ForeignDetailReader
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.summary import RunWatcher

Watcher = RunWatcher | ForeignWatcher


def watcher_of(run: RunFolder) -> Watcher:
    """What follows a run and summarises it.

    Raises:
        RunError: Its spec cannot be read.
    """
    return ForeignWatcher(run) if isinstance(run, ForeignFolder) else RunWatcher(run)


def detail_of(watcher: Watcher) -> DetailReader | ForeignDetailReader:
    """What reads the panes of the run that is followed."""
    if isinstance(watcher, ForeignWatcher):
        return ForeignDetailReader(watcher)
    return DetailReader(watcher.run, watcher.history)


def mark_of(run: RunFolder) -> object:
    """What identifies a run: when it is another one, it is another run of the same name.

    Raises:
        OSError: It is gone.
    """
    if isinstance(run, ForeignFolder):
        return run
    found = run.spec_path.stat()
    return (found.st_ino, found.st_mtime_ns)
