"""The supervisor of one process: ``python -P -m ravetui.engine.launch.shim KIND FOLDER COMMAND…``.

It leaves the session of whoever called it, takes the locks, starts the process in a session of its own, records who it
is, waits, and records how it ended. It holds ``supervisor.lock``; the process and whatever that forks hold
``live.lock``. KIND is ``run`` or ``job``. Its first line of output, JSON, tells the caller what came of it:
``{"started": ATTEMPT}`` or ``{"refused": SENTENCE}``; after it nothing of the shim is tied to the caller.
"""

import json
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ravetui.engine.launch.ending import exit_record
from ravetui.engine.launch.reaper import WATCHED, Ended, become_reaper, kill_orphans, wait_for_end
from ravetui.errors import RavetuiError
from ravetui.runs import ballast, control
from ravetui.runs.folder import ATTEMPT_VARIABLE, GPUS_VARIABLE, AttemptFolder, RunFolder
from ravetui.runs.jobs import JobFolder
from ravetui.runs.lock import acquire
from ravetui.runs.process import identify_child
from ravetui.runs.record import ExitRecord, ProcRecord, write_exit, write_proc

REFUSED = 75
"""Exit code when another process has the run (EX_TEMPFAIL of sysexits.h)."""
ROOM_SECONDS = 60.0
"""How long it waits for room on a full disk; after that the end is what the trainer's own last event says."""
_CANNOT_START = 127
"""Exit code of a command that cannot be executed, as a shell gives it."""


@dataclass(frozen=True)
class Supervised:
    """What is to be supervised."""

    folder: RunFolder | JobFolder
    argv: list[str]
    submission: int = 0
    """Number of the SLURM submission this is part of; 0: none."""

    @property
    def run(self) -> RunFolder | None:
        """The run, unless it is a job."""
        return self.folder if isinstance(self.folder, RunFolder) else None

    def prepare(self) -> AttemptFolder:
        """Make the folder of this attempt; both locks must be held."""
        if isinstance(self.folder, JobFolder):
            _empty(self.folder)
            return self.folder.attempt
        control.withdraw(self.folder, "stop")
        known = self.folder.attempt_folders()
        attempt = self.folder.attempt(known[-1].number + 1 if known else 1)
        attempt.path.mkdir(parents=True)
        return attempt

    def about_to_end(self, attempt: AttemptFolder, ended: Ended) -> None:
        """Called when the process is gone, before that is recorded; both locks are still held."""


def supervise(task: Supervised) -> Ended | None:
    """Take the locks, run the process to its end and record it; None when it could not be started."""
    become_reaper()
    supervisor = acquire(task.folder.supervisor_lock)
    if supervisor is None:
        _refuse(f"{task.folder.path.name} has another supervisor")
        return None
    live = acquire(task.folder.live_lock, inheritable=True)
    if live is None:
        _refuse(f"a process of {task.folder.path.name} still lives, though its supervisor is gone")
        return None
    attempt = task.prepare()
    log = os.open(attempt.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        pid = _spawn(task.argv, log, {ATTEMPT_VARIABLE: attempt.path.name, **_visible_gpus()})
    except OSError as error:
        os.write(log, f"{task.argv[0]} cannot be started: {error.strerror}\n".encode())
        write_exit(attempt, exit_record(task.run, attempt, Ended(_CANNOT_START, None, False), []))
        _refuse(f"{task.argv[0]} cannot be started: {error.strerror}")
        return None
    os.close(live)
    _record(task, attempt, pid, log)
    _tell({"started": attempt.number if task.run else 0})
    _turn_output_to(log)
    ended = wait_for_end(pid)
    orphans = kill_orphans()
    task.about_to_end(attempt, ended)
    record = exit_record(task.run, attempt, ended, orphans)
    _record_end(task, attempt, record, log)
    os.close(supervisor)
    if not task.submission:
        _start_what_waits(task, record)
    return ended


def _start_what_waits(task: Supervised, record: ExitRecord) -> None:
    """The slot is free: whoever is next begins. There is no other program that sees to it."""
    from ravetui.engine.launch.queueing import after_end

    run = task.run or RunFolder(task.folder.path.parent.parent)
    try:
        after_end(run, failed=task.run is not None and record.outcome == "failed", ended=record.ended)
    except (RavetuiError, OSError) as error:
        os.write(1, f"the queue was not moved on: {error}\n".encode())


def _given_gpus() -> list[str]:
    return list(filter(None, os.environ.get(GPUS_VARIABLE, "").split(",")))


def _visible_gpus() -> dict[str, str]:
    """Only the trainer is told: the shim itself may start another run, on another GPU."""
    given = _given_gpus()
    return {"CUDA_VISIBLE_DEVICES": ",".join(given)} if given else {}


def _spawn(argv: list[str], log: int, environment: dict[str, str]) -> int:
    """Start the process: a new session, no terminal, its output in the log, every signal as a fresh process has it.

    Raises:
        OSError: It cannot be executed.
    """
    return os.posix_spawn(
        argv[0],
        argv,
        {**os.environ, **environment},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[*WATCHED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGQUIT],
    )


def _record(task: Supervised, attempt: AttemptFolder, pid: int, log: int) -> None:
    """Publish who the process is; if the disk is full it is supervised all the same."""
    who = identify_child(pid)
    host, now = socket.gethostname(), time.time()
    record = ProcRecord(
        pid,
        who.boot_id,
        who.start_ticks,
        os.getpid(),
        host,
        now,
        task.argv,
        gpus=_given_gpus(),
        submission=task.submission,
    )
    try:
        write_proc(attempt, record)
    except OSError as error:
        os.write(log, f"{attempt.proc} could not be written: {error.strerror}\n".encode())


def _record_end(task: Supervised, attempt: AttemptFolder, record: ExitRecord, log: int) -> None:
    """Publish how it ended; on a full disk as soon as there is room, for the ballast was kept for this."""
    if task.run is not None:
        ballast.let_go(task.run)
    deadline = time.monotonic() + ROOM_SECONDS
    while True:
        try:
            write_exit(attempt, record)
        except OSError as error:
            if not ballast.is_full(error) or time.monotonic() > deadline:
                os.write(log, f"{attempt.exit} could not be written: {error.strerror}\n".encode())
                return
            time.sleep(0.2)
        else:
            return


def _empty(job: JobFolder) -> None:
    """Forget a job's last time, but never replace the locks: somebody may be looking at them."""
    for path in job.path.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path not in (job.live_lock, job.supervisor_lock):
            path.unlink()


def _refuse(sentence: str) -> None:
    _tell({"refused": sentence})


def _tell(answer: dict[str, object]) -> None:
    """Answer the caller, who may be gone."""
    try:
        os.write(1, f"{json.dumps(answer)}\n".encode())
    except BrokenPipeError:
        return


def _turn_output_to(log: int) -> None:
    """Let go of the caller's pipe; what the shim itself has to say goes to the log from here on."""
    os.dup2(log, 1)
    os.dup2(log, 2)


def main(arguments: list[str]) -> None:
    """Detach and supervise; the caller's child is gone at once, so nobody has to wait for it."""
    kind, folder, *argv = arguments
    path = Path(folder).resolve()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    ended = supervise(Supervised(RunFolder(path) if kind == "run" else JobFolder(path), argv))
    sys.exit(REFUSED if ended is None else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
