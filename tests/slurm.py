"""A real SLURM on loopback, without systemd: munged, slurmctld and a slurmd a node, all below one temporary folder."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from ravetui.runs.process import identify
from tests.stand_in import until

DAEMONS = {name: shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in ("munged", "slurmctld", "slurmd")}
NODES = ("n0", "n1")
_CONFIG = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=100000
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=10
OverTimeLimit=0
MinJobAge={min_job_age}
SlurmctldTimeout=10
SlurmdTimeout=10
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=n0 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 State=UNKNOWN
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=1
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


@dataclass(frozen=True)
class Slurm:
    """A cluster of two nodes with one core each, no accounting, no time limit unless a job has one."""

    folder: Path

    def start_controller(self, *, forgetting: bool = False) -> None:
        """Start slurmctld.

        Args:
            forgetting: Without what it knew.
        """
        subprocess.run([_found("slurmctld"), *(["-c"] if forgetting else [])], check=True, env=self._environment())
        until(lambda: self.call("scontrol", "ping").returncode == 0, "slurmctld answers")

    def start_node(self, node: str) -> None:
        """Start its slurmd, and wait until it can be used."""
        subprocess.run([_found("slurmd"), "-N", node], check=True, env=self._environment())
        until(lambda: self.node_state(node) in ("idle", "mixed", "allocated"), f"{node} is up")

    def kill(self, daemon: str) -> None:
        """Kill a daemon, ``slurmctld`` or a node's, and wait until it is gone."""
        pid = self.pid(daemon)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        until(lambda: identify(pid) is None, f"{daemon} is gone")
        (self.folder / f"{daemon}.pid").unlink(missing_ok=True)

    def pid(self, daemon: str) -> int | None:
        """Of a daemon that was started; None when it is not there."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((self.folder / f"{daemon}.pid").read_text())
        return None

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One of SLURM's commands."""
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=self._environment())

    def node_state(self, node: str) -> str:
        """As sinfo tells it."""
        return self.call("sinfo", "-h", "-n", node, "-o", "%T").stdout.split("\n")[0].strip(" *")

    def job_state(self, job: int) -> str:
        """As ``PENDING``; empty when it is not known."""
        return self.call("squeue", "-h", "-j", str(job), "--states=all", "-o", "%T").stdout.strip()

    def jobs(self, name: str) -> list[str]:
        """Every job, ended ones too, whose name begins so."""
        lines = self.call("squeue", "-h", "--states=all", "-o", "%j").stdout.split()
        return [line for line in lines if line.startswith(name)]

    def fill(self, minutes: int = 0) -> list[int]:
        """Take both nodes, and return the jobs that do.

        Args:
            minutes: Their time limit; 0: none.
        """
        words = ("sbatch", "--parsable", "--output=/dev/null", f"--time={minutes}", "--wrap", "exec sleep 600")
        jobs = [int(self.call(*words).stdout) for _ in NODES]
        until(lambda: all(self.job_state(job) == "RUNNING" for job in jobs), "both nodes taken")
        return jobs

    def clear(self) -> None:
        """Cancel every job and wait until both nodes are free."""
        self.call("scancel", f"--user={getpass.getuser()}")
        until(lambda: all(self.node_state(node) == "idle" for node in NODES), "both nodes idle")

    def clear_others(self, keep: int) -> None:
        """Cancel every job but one."""
        known = self.call("squeue", "-h", "-o", "%i").stdout.split()
        self.call("scancel", *(job for job in known if job != str(keep)))

    def stop(self) -> None:
        """End every job, and then whatever was started with this cluster's configuration: daemons, steps, trainers."""
        try:
            if self.call("scontrol", "ping").returncode == 0:
                self.call("scancel", f"--user={getpass.getuser()}")
                until(lambda: not self.call("squeue", "-h").stdout.strip(), "no job left")
        finally:
            left = list(self._processes())
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=20)

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.environ().get("SLURM_CONF") == self._environment()["SLURM_CONF"]
                # slurmstepd writes its title over its environment.
                if ours or Path(process.cwd()).is_relative_to(self.folder):
                    yield process

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}


@contextlib.contextmanager
def running_slurm(folder: Path, *, min_job_age: int = 300) -> Iterator[Slurm]:
    """Start everything, and end it whatever happens.

    Args:
        folder: Empty; its path must be short, as there will be a socket in it.
        min_job_age: How long the controller remembers a job that has ended, seconds.
    """
    ports = _free_ports(3)
    host = socket.gethostname().split(".")[0]
    conf = folder / "slurm.conf"
    conf.write_text(
        _CONFIG.format(host=host, user=getpass.getuser(), ports=ports, folder=folder, min_job_age=min_job_age)
    )
    (folder / "state").mkdir()
    for node in NODES:
        (folder / f"spool.{node}").mkdir()
    slurm = Slurm(folder)
    before = os.environ.get("SLURM_CONF")
    os.environ["SLURM_CONF"] = str(conf)
    try:
        _start_munge(folder)
        slurm.start_controller(forgetting=True)
        for node in NODES:
            slurm.start_node(node)
        yield slurm
    finally:
        slurm.stop()
        if before is None:
            del os.environ["SLURM_CONF"]
        else:
            os.environ["SLURM_CONF"] = before


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A cluster for the tests of one file, to which the program's own commands talk as well."""
    require_slurm()
    with running_slurm(tmp_path_factory.mktemp("slurm")) as found:
        yield found


def require_slurm() -> None:
    """Skip, with the reason, where SLURM is not installed; on CI it must be."""
    missing = [name for name, path in DAEMONS.items() if path is None]
    if missing and "CI" in os.environ:
        pytest.fail(f"{', '.join(missing)} must be installed on CI: apt-get install slurm-wlm munge")
    if missing:
        pytest.skip(f"NO SLURM: {', '.join(missing)} not installed (apt-get install slurm-wlm munge)")


def _start_munge(folder: Path) -> None:
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    files = {"key-file": key, "socket": folder / "munge.socket", "pid-file": folder / "munged.pid"}
    files |= {"log-file": folder / "munged.log", "seed-file": folder / "munged.seed"}
    # --force: the folders above belong to whom they belong.
    words = [_found("munged"), "--force", *(f"--{name}={path}" for name, path in files.items())]
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)


def _found(name: str) -> str:
    path = DAEMONS[name]
    assert path is not None
    return path


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]
