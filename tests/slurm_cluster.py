"""A Slurm of one node on this machine: munged, slurmctld and slurmd in a folder of their own.

Nothing of it outlives the context manager, and nothing is written outside the folder. Neither
accounting nor control groups: status comes from squeue, a stand-in for sacctmgr knows the one
account ACCOUNT, and memory is booked but not enforced.
Two devices that every machine has stand for GPUs; Slurm hands them out as it would real ones.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = (
    "setpriv",
    "munged",
    "slurmctld",
    "slurmd",
    "sbatch",
    "srun",
    "squeue",
    "scancel",
    "scontrol",
)
MISSING = "no Slurm: apt-get install slurm-wlm munge"
ACCOUNT = "my_lab"
DEVICES = ("/dev/null", "/dev/zero")
DAEMON_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])

CONFIGURATION = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=600
KillWait=2
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:{devices}
PartitionName=main Nodes={host} Default=YES State=UP MaxTime=INFINITE
PartitionName=other Nodes={host} State=UP MaxTime=INFINITE
"""


def missing() -> list[str]:
    """Return the programs of Slurm and munge that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=DAEMON_PATH) is None]


class Cluster:
    """The daemons, as a context manager; `variables` lead programs to them.

    folder: short (a socket's path has at most 107 characters) and empty.
    """

    def __init__(self, folder: Path, cores: int = 2, memory: int = 16000) -> None:
        self.folder = folder
        self.host = socket.gethostname().split(".")[0]
        self.daemons: list[subprocess.Popen] = []
        # Variables of a job that this itself may run in, or of another cluster, would mislead.
        self.variables = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SLURM_", "SBATCH_", "SRUN_"))
        }
        folder.chmod(0o711)  # munged insists that all may reach its socket
        for name in ("state", "spool", "bin"):
            (folder / name).mkdir()
        # Snakemake takes SLURM_CONF, like all such variables, away from the srun of a job's steps.
        srun = folder / "bin" / "srun"
        real = shutil.which("srun", path=DAEMON_PATH)
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {real} "$@"\n', "utf-8")
        srun.chmod(0o755)
        accounts = folder / "bin" / "sacctmgr"
        accounts.write_text(f"#!/bin/sh\necho {ACCOUNT}\n", "utf-8")
        accounts.chmod(0o755)
        path = os.pathsep.join([str(folder / "bin"), DAEMON_PATH])
        self.variables |= {"PATH": path, "SLURM_CONF": f"{folder}/slurm.conf"}
        gres = [f"Name=gpu Flags=nvidia_gpu_env File={path}\n" for path in DEVICES]
        (folder / "gres.conf").write_text("".join(gres), "utf-8")
        (folder / "cgroup.conf").write_text("CgroupAutomount=no\n", "utf-8")
        controller_port, node_port = _free_ports()
        text = CONFIGURATION.format(
            host=self.host, user=pwd.getpwuid(os.getuid()).pw_name, folder=folder, cores=cores,
            memory=memory, devices=len(DEVICES),
            controller_port=controller_port, node_port=node_port,
        )  # fmt: skip
        (folder / "slurm.conf").write_text(text, "utf-8")
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(64))
        key.chmod(0o400)

    def __enter__(self) -> "Cluster":
        try:
            self._start(
                "munged", "--foreground", f"--key-file={self.folder}/munge.key",
                f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munged.pid",
                f"--seed-file={self.folder}/munged.seed", f"--log-file={self.folder}/munged.log",
            )  # fmt: skip
            self._wait("munged", lambda: (self.folder / "munge.socket").exists())
            self._start("slurmctld", "-D")
            self._start("slurmd", "-D", "-N", self.host)
            self._wait("an idle node", lambda: self.node_state() == "idle")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.daemons:
            # Jobs that a failed test left behind; their steps are children of slurmd's children.
            subprocess.run(["scancel", "--full", "--user", str(os.getuid())], env=self.variables,
                           capture_output=True, timeout=30, check=False)  # fmt: skip
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline and self.ask("squeue", "--noheader", check=False):
                time.sleep(0.2)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()

    def ask(self, *command: str, check: bool = True) -> str:
        """Run one of Slurm's programs; return what it prints."""
        answer = subprocess.run(
            command, env=self.variables, capture_output=True, text=True, timeout=60, check=False
        )
        assert not check or answer.returncode == 0, f"{command}: {answer.stderr}"
        return answer.stdout.strip()

    def node_state(self) -> str:
        """Return the node's state as sinfo says it, or "" before the controller answers."""
        return self.ask("sinfo", "--noheader", "--format", "%T", "--partition", "main", check=False)

    def jobs(self) -> dict[str, str]:
        """Return the state of every job that the controller remembers, by its number."""
        lines = self.ask("squeue", "--noheader", "--states", "all", "--format", "%i|%T")
        return dict(line.split("|") for line in lines.splitlines())

    def logs(self) -> str:
        """Return the ends of the daemons' logs, for a failure's message."""
        return "\n".join(
            f"{path.name}: {path.read_text('utf-8', 'replace')[-2000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def _start(self, *command: str) -> None:
        program = shutil.which(command[0], path=DAEMON_PATH)
        with (self.folder / f"{command[0]}.out.log").open("w") as output:
            self.daemons.append(
                subprocess.Popen(
                    # Also where this process is killed and cannot end them itself.
                    ["setpriv", "--pdeathsig", "TERM", str(program), *command[1:]],
                    env=self.variables, cwd=self.folder,
                    stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                )
            )  # fmt: skip

    def _wait(self, what, condition, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            ended = [daemon.args for daemon in self.daemons if daemon.poll() is not None]
            assert not ended, f"{ended} ended; {self.logs()}"
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}; {self.logs()}"
            time.sleep(0.1)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
