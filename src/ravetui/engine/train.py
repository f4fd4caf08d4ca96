"""The trainer, a process of its own: ``python -m ravetui.engine.train RUN``.

The shim starts it and holds the locks (:mod:`ravetui.engine.launch.shim`). It talks to nobody: it appends to its run's
folder, and looks once a step for requests in ``control/``.
"""

import os
import signal
import sys
import time
import traceback
from contextlib import closing
from pathlib import Path
from threading import Event

import torch

from ravetui.config import Config
from ravetui.engine.training.finite import NotFiniteError
from ravetui.engine.training.session import Session
from ravetui.errors import ConfigError, RavetuiError
from ravetui.runs import control
from ravetui.runs.events import append_event
from ravetui.runs.folder import ATTEMPT_VARIABLE, RunFolder
from ravetui.runs.workspace import find_workspace


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
                session.step(torch.from_numpy(crops), time.perf_counter() - waited)

                last = state.step == training.total_steps
                due = state.step % training.validate_every == 0 or "validate" in requests or last
                if due:
                    session.validate()
                if due or "save" in requests or session.save_is_due:
                    session.save_or_warn()
                session.look_at_rules()
            except NotFiniteError as found:
                session.roll_back(found)
        session.save()
        return "finished"


def main(path: Path) -> int:
    """Train one run; the exit code says no more than the last event, which says why in a sentence."""
    run = RunFolder(path.resolve())
    attempt = run.attempt_folders()[-1].number if run.attempt_folders() else 0
    told_to_stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        session = Session(run, _config(path), told_to_stop)
        session.end(train(session))
    except RavetuiError as error:
        append_event(run.events, "failed", attempt=attempt, reason=str(error))
        print(f"{error.title}: {error}", file=sys.stderr)  # noqa: T201 (the attempt's log)
        return 1
    except Exception as error:
        reason = traceback.format_exception_only(error)[-1].strip()
        append_event(run.events, "failed", attempt=attempt, reason=reason)
        traceback.print_exc()
        return 1
    return 0


def _config(path: Path) -> Config:
    """How to compute: from the workspace the run lies in, or the defaults when it was moved out of one."""
    try:
        return find_workspace(path).config
    except ConfigError as error:
        if error.title == "No workspace":
            return Config()
        raise


if __name__ == "__main__":
    if ATTEMPT_VARIABLE not in os.environ:
        sys.exit("The trainer needs its supervisor, or two could write one run: use `ravetui run start`.")
    sys.exit(main(Path(sys.argv[1])))
