"""The trainer, a process of its own: ``python -m ravetui.engine.train RUN``.

The shim starts it and holds the locks (:mod:`ravetui.engine.launch.shim`). It talks to nobody: it appends to its run's
folder, and looks once a step for requests in ``control/``. Of several ranks, this is what rank 0 does; the others
follow it (:mod:`ravetui.engine.training.following`).
"""

import json
import os
import signal
import sys
import time
import traceback
from contextlib import closing
from pathlib import Path
from threading import Event

from ravetui.engine.launch.cause import plainly
from ravetui.engine.launch.rank import LOST_RANK
from ravetui.engine.training.finite import NotFiniteError
from ravetui.engine.training.following import follow
from ravetui.engine.training.ranks import LostRankError, join, own_rank
from ravetui.engine.training.session import Session
from ravetui.errors import RavetuiError
from ravetui.runs import control
from ravetui.runs.event_log import EventLog
from ravetui.runs.folder import ATTEMPT_VARIABLE, RunFolder
from ravetui.runs.workspace import config_above

ERROR_FILE_VARIABLE = "TORCHELASTIC_ERROR_FILE"
"""Where torchrun looks for the reason of a failure."""


def train(session: Session) -> str:
    """Train until the run is finished or is to stop, and return which: ``finished`` or ``stopped``."""
    run, state, training = session.run, session.state, session.spec.training
    with closing(session.batches) as batches:
        while state.step < training.total_steps:
            try:
                if session.stop_wanted:
                    session.save()
                    return "stopped"
                if session.owes_validation:
                    session.validate()
                    session.look_at_rules()
                    continue
                requests = control.pending(run)
                if state.phase == 1 and ("phase" in requests or state.step >= session.phase_2_at):
                    session.begin_adversarial(asked=state.step < session.phase_2_at)

                waited = time.perf_counter()
                crops = batches.take(state.step)
                session.step(crops, time.perf_counter() - waited)

                last = state.step == training.total_steps
                due = state.step % training.validate_every == 0 or "validate" in requests or last
                if due:
                    with session.epochs.pause("validation"):
                        session.validate()
                if due or "save" in requests or session.save_is_due:
                    with session.epochs.pause("saving"):
                        session.save_or_warn()
                session.look_at_rules()
            except NotFiniteError as found:
                session.roll_back(found)
        session.save()
        return "finished"


def main(path: Path) -> int:
    """Train one run; the exit code says no more than the last event, which says why in a sentence."""
    run = RunFolder(path.resolve())
    told_to_stop = Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ranks = join()
        # Not before: a rank that waits for one that died would be deaf to torchrun, which ends it then.
        signal.signal(signal.SIGTERM, lambda *_: told_to_stop.set())
        session = Session(run, config_above(path), told_to_stop, ranks)
        if ranks.first:
            session.end(train(session))
        else:
            follow(session)
    except LostRankError as error:
        _log(f"{error.title}: {error}")
        return LOST_RANK
    except RavetuiError as error:
        _log(f"{error.title}: {error}")
        return _fail(run, str(error))
    except Exception as error:
        _log(traceback.format_exc())
        return _fail(run, plainly(traceback.format_exception_only(error)[-1].strip()))
    return 0


def _log(text: str) -> None:
    """Print to the attempt's log, which all ranks share: of several, each line says whose it is, as torch's do."""
    who = "" if own_rank() is None else f"[rank{own_rank()}]: "
    print("\n".join(who + line for line in text.rstrip().splitlines()), file=sys.stderr)  # noqa: T201


def _fail(run: RunFolder, reason: str) -> int:
    """Say why this process fails: rank 0 in the run's events, another one to torchrun, which knows who failed first."""
    if own_rank():
        Path(os.environ[ERROR_FILE_VARIABLE]).write_text(json.dumps({"message": reason}))
    else:
        attempts = run.attempt_folders()
        EventLog(run, attempts[-1].number if attempts else 0).append("failed", reason=reason)
    return 1


if __name__ == "__main__":
    if ATTEMPT_VARIABLE not in os.environ:
        sys.exit("The trainer needs its supervisor, or two could write one run: use `ravetui run start`.")
    sys.exit(main(Path(sys.argv[1])))
