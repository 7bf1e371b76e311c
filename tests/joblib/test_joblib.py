"""Sweeps through joblib: make test-joblib."""

import re
from pathlib import Path

from tests.sweeps import assert_same, sweep, tickets

JOBLIB = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "hydra.sweep.dir=joblib"]
LADDER = ["model.hidden=8,..,13"]


def test_the_same_as_the_local_pool_bit_for_bit(tmp_path: Path) -> None:
    assert sweep(*LADDER, "hydra.sweep.dir=local", folder=tmp_path).returncode == 0
    done = sweep(*LADDER, *JOBLIB, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert_same(tmp_path / "joblib", tmp_path / "local")
    before = tickets(tmp_path / "joblib")
    assert sweep(*LADDER, *JOBLIB, folder=tmp_path).returncode == 0
    assert before == tickets(tmp_path / "joblib"), "a finished level was trained again"


def test_failed_runs_are_named(tmp_path: Path) -> None:
    done = sweep("model.hidden=8", "optimizer=sgd", "optimizer.lr=1e30,1e-3", *JOBLIB, folder=tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(r"failed: \S*/joblib/0\n", done.stderr)
