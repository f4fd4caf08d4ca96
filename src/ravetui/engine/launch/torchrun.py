"""torchrun for one run on one machine: ``python -m ravetui.engine.launch.torchrun RUN``.

torchrun's own code starts the ranks, watches them, and ends all when one fails; it never restarts any, since a run is
resumed by us alone. What it does badly alone is done here: a signal becomes a request to stop, which has all the time
it takes to save (torchrun kills after 30 s, and dies of SIGUSR1 with its ranks left behind); ranks die with it
(:mod:`ravetui.engine.launch.rank`); and the run's last event says which rank failed and of what.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ravetui.engine.launch.ending import killed_by
from ravetui.engine.launch.rank import AGENT_VARIABLE, LOST_RANK
from ravetui.errors import RavetuiError
from ravetui.runs import control
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
from ravetui.runs.outcome import told_outcome
from ravetui.runs.process import children
from ravetui.runs.spec import read_spec

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def main(path: Path) -> int:
    """Run all ranks to their end; 0 if each ended well."""
    run = RunFolder(path.resolve())
    for number in _STOPPING:
        signal.signal(number, lambda *_: _ask_to_stop(run))
    try:
        ranks = read_spec(run.spec_path).training.ranks
    except RavetuiError as error:
        _tell(run, str(error))
        return 1
    os.environ.update(_environment(ranks))

    from torch.distributed import run as torchrun
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    with tempfile.TemporaryDirectory(prefix="ravetui-torchrun-") as logs:
        words = ["--standalone", "--local-addr", "localhost", "--nproc-per-node", str(ranks), "--max-restarts", "0"]
        words += ["--log-dir", logs, "-m", "ravetui.engine.launch.rank", str(run.path)]
        try:
            torchrun.run(torchrun.parse_args(words))  # type: ignore[no-untyped-call]
        except ChildFailedError as error:
            _tell(run, _reason(error.failures, ranks))
            return 1
    return 0


def _environment(ranks: int) -> dict[str, str]:
    """Variables of torchrun and its ranks; what the user has set of the first two stays."""
    cores = len(os.sched_getaffinity(0))
    chosen = {"OMP_NUM_THREADS": str(max(1, cores // ranks)), "GLOO_SOCKET_IFNAME": "lo"}
    return {
        **{name: os.environ.get(name, value) for name, value in chosen.items()},
        AGENT_VARIABLE: str(os.getpid()),
        # The default of --signals-to-handle: those that it leaves to us (it needs at least one).
        "PET_SIGNALS_TO_HANDLE": "SIGQUIT",
    }


def _ask_to_stop(run: RunFolder) -> None:
    try:
        control.request(run, "stop", via=None)
    except OSError:  # The disk is full: then by signal, which comes too early for a rank that is still starting.
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGTERM)


def _reason(failures: "Mapping[int, ProcessFailure]", ranks: int) -> str:
    """Why the run failed: of the first rank that did not end because of another one.

    Args:
        failures: Rank to how it ended, in the order in which torchrun saw it.
    """
    for rank, failure in failures.items():
        who = f"rank {rank} of {ranks}"
        if failure.exitcode < 0:
            return f"{who} was {killed_by(-failure.exitcode)}"
        if failure.exitcode != LOST_RANK:
            said = failure.message if Path(failure.error_file).is_file() else ""
            return f"{who}: {said}" if said else f"{who} ended with exit code {failure.exitcode}"
    return "the connection between the ranks broke; the log says how"


def _tell(run: RunFolder, reason: str) -> None:
    """Write down why the run failed, unless rank 0 has said already how it ended."""
    attempt = run.attempt_folders()[-1]
    print(reason, file=sys.stderr)  # noqa: T201 (the attempt's log)
    if told_outcome(run, attempt, intent=False) is None:
        append_event(run.events, "failed", attempt=attempt.number, reason=reason)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
