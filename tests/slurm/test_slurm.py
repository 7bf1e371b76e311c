"""Sweeps through a real Slurm of one node, killed in every way that a cluster knows: make test-slurm."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from lth.results import table as results
from tests.sweeps import assert_same, command, processes, sweep, tickets, wait_until

CLUSTER = Path(__file__).with_name("cluster.sh")
SLURM = ["hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.array_parallelism=2",
         "hydra.launcher.mem_gb=2", "hydra.sweep.dir=slurm"]  # fmt: skip
LADDER = ["model.hidden=8,..,16"]
LONG = ["model.hidden=16,20,25", "trainer.patience=60"]  # long enough to be killed between two levels

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module", autouse=True)
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("cluster")
    subprocess.run([CLUSTER, "start", folder], check=True)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
            yield
    finally:
        subprocess.run([CLUSTER, "stop", folder], check=True)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep that the tests kill, by the local pool and undisturbed."""
    folder = tmp_path_factory.mktemp("long")
    assert sweep(*LONG, "hydra.sweep.dir=local", folder=folder).returncode == 0
    return folder / "local"


def queue() -> list[str]:
    return subprocess.run(["squeue", "-h", "-r", "-o", "%i"], capture_output=True, text=True, check=True).stdout.split()


def started(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    """The long sweep, on its way; it minds SIGHUP, even where these tests were told to ignore it."""
    pipe, heed = subprocess.PIPE, partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)
    words = command(*LONG, *SLURM, *arguments)
    return subprocess.Popen(words, cwd=folder, stdout=pipe, stderr=pipe, text=True, preexec_fn=heed)


def first_ticket(folder: Path, stack: int) -> bool:
    return (folder / "slurm" / str(stack) / "tickets" / "seed=0" / "level=00.safetensors").exists()


def test_the_same_as_the_local_pool_bit_for_bit(tmp_path: Path) -> None:
    assert sweep(*LADDER, "hydra.sweep.dir=local", folder=tmp_path).returncode == 0
    done = sweep(*LADDER, *SLURM, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 stacks through slurm" in done.stdout
    assert_same(tmp_path / "slurm", tmp_path / "local")
    arrays = {path.name for path in (tmp_path / "slurm" / ".submitit").glob("[0-9]*_*")}
    assert len(arrays) == 4, "one job is one stack"
    assert len({name.partition("_")[0] for name in arrays}) == 1, "all of them are one array"
    before = tickets(tmp_path / "slurm")
    again = sweep(*LADDER, "seed=0..2", *SLURM, folder=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    after = tickets(tmp_path / "slurm")
    assert before.items() <= after.items(), "a finished level was trained again"
    assert len(results.runs(tmp_path / "slurm")) == 12


def test_cancelled_killed_and_queued_again(tmp_path: Path, long: Path) -> None:
    """One job is cancelled, one killed by the kernel, one requeued: two are named, and the same command ends it all."""
    process = started(folder=tmp_path)
    wait_until(lambda: first_ticket(tmp_path, 0))
    array = queue()[0].partition("_")[0]
    subprocess.run(["scancel", f"{array}_0"], check=True)
    wait_until(lambda: first_ticket(tmp_path, 1))
    subprocess.run(["scontrol", "requeue", f"{array}_1"], check=True)
    wait_until(lambda: first_ticket(tmp_path, 2))
    os.kill(processes(of=["submitit.core._submit", str(tmp_path), "SLURM_ARRAY_TASK_ID=2"])[-1], signal.SIGKILL)
    before = tickets(tmp_path / "slurm")
    _, said = process.communicate()
    assert process.returncode == 1
    assert re.fullmatch(rf"failed: \S*/slurm/0 \(Slurm's job {array}_0 ended .*, \S*/slurm/2 \(.*\)\n", said)
    states = results.runs(tmp_path / "slurm").groupby("run")["state"].first().to_dict()
    assert states == {"0": "unfinished", "1": "finished", "2": "unfinished"}
    wait_until(lambda: not queue())
    done = sweep(*LONG, *SLURM, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert before.items() <= tickets(tmp_path / "slurm").items(), "a finished level was trained again"
    assert_same(tmp_path / "slurm", long)


def test_a_job_that_runs_out_of_time_goes_on(tmp_path: Path, long: Path) -> None:
    """Slurm says so by a signal, sent here at once: the job asks to be queued again, and goes on where it was."""
    process = started("hydra.launcher.timeout_min=5", folder=tmp_path)
    wait_until(lambda: first_ticket(tmp_path, 2))
    before = tickets(tmp_path / "slurm")
    job = queue()[-1]
    subprocess.run(["scancel", "--signal=USR2", job], check=True)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    log = (tmp_path / "slurm" / ".submitit" / job / f"{job}_0_log.out").read_text()
    assert "this job is timed-out" in log
    assert f"Requeued job {job}" in log
    assert before.items() <= tickets(tmp_path / "slurm").items(), "a finished level was trained again"
    assert_same(tmp_path / "slurm", long)


def test_failed_runs_are_named(tmp_path: Path) -> None:
    done = sweep("model.hidden=8,10", "optimizer=sgd", "optimizer.lr=1e30,1e-3", *SLURM, folder=tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(r"failed: \S*/slurm/0, \S*/slurm/2\n", done.stderr)
    assert set(results.runs(tmp_path / "slurm").query("state == 'failed'")["run"]) == {"0", "2"}


def test_stopping_cancels_the_jobs(tmp_path: Path) -> None:
    process = started(folder=tmp_path)
    wait_until(lambda: first_ticket(tmp_path, 1))
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    assert "cancelled Slurm's job" in said
    wait_until(lambda: not queue())
    assert len(results.load(tmp_path / "slurm")) >= 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGKILL, -9)])
def test_jobs_outlive_the_terminal_and_are_not_doubled(number: int, code: int, tmp_path: Path) -> None:
    process = started(folder=tmp_path)
    wait_until(lambda: queue())
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert len(queue()) == 3
    second = sweep(*LONG, *SLURM, folder=tmp_path)
    assert second.returncode == 2
    for line in second.stderr.splitlines():
        assert "another process records into it" in line or "Slurm still has its jobs" in line
    assert second.stderr
    subprocess.run(["scancel", *queue()], check=True)
    wait_until(lambda: not queue())


def test_a_queue_that_refuses_is_one_line(tmp_path: Path) -> None:
    done = sweep(*LADDER, *SLURM, "hydra.launcher.partition=nowhere", folder=tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(r"hydra/launcher=slurm: .*partition.*\n", done.stderr)
