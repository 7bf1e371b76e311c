"""Sweeps through a real Ray cluster of this machine alone: make test-ray."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.sweeps import assert_same, command, processes, sweep, tickets, wait_until

RAY = ["hydra/launcher=ray_cluster", "+hydra.launcher.ray.init.num_cpus=2", "hydra.sweep.dir=ray"]
LADDER = ["model.hidden=8,..,16"]

pytestmark = pytest.mark.timeout(900)


def test_the_same_as_the_local_pool_bit_for_bit(tmp_path: Path) -> None:
    assert sweep(*LADDER, "hydra.sweep.dir=local", folder=tmp_path).returncode == 0
    done = sweep(*LADDER, *RAY, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert_same(tmp_path / "ray", tmp_path / "local")
    before = tickets(tmp_path / "ray")
    assert sweep(*LADDER, *RAY, folder=tmp_path).returncode == 0
    assert before == tickets(tmp_path / "ray"), "a finished level was trained again"


def test_a_killed_task_goes_on(tmp_path: Path) -> None:
    long = ["model.hidden=16", "trainer.patience=60"]
    assert sweep(*long, "hydra.sweep.dir=local", folder=tmp_path).returncode == 0
    process = subprocess.Popen(command(*long, *RAY), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: tickets(tmp_path / "ray"))
    before = tickets(tmp_path / "ray")
    os.kill(processes(of=["ray::_run_job"])[-1], signal.SIGKILL)
    assert process.wait() == 0
    assert before.items() <= tickets(tmp_path / "ray").items(), "a finished level was trained again"
    assert_same(tmp_path / "ray", tmp_path / "local")


def test_failed_runs_are_named(tmp_path: Path) -> None:
    done = sweep("model.hidden=8", "optimizer=sgd", "optimizer.lr=1e30,1e-3", *RAY, folder=tmp_path)
    assert done.returncode == 1
    assert re.search(r"^failed: \S*/ray/0$", done.stderr, re.MULTILINE)
