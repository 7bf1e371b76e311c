"""The command of the interventions: what is asked, nothing twice, and tables of before there were any."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lth.collect.tables import collect
from lth.command.run import start
from lth.controls.__main__ import main
from lth.controls.known import Control
from lth.controls.train import train
from lth.controls.work import Controls
from lth.method.criterion.magnitude import Magnitude
from tests.controls.halved import NEW, halves
from tests.in_this_process import InThisProcess


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of two seeds that separate."""
    folder = tmp_path_factory.mktemp("sweep") / "multirun"
    reduced = ["dataset.n_train=100", "dataset.n_val=100", "dataset.n_test=100", "trainer.max_epochs=4"]
    fixed = ["pruning/schedule=geometric", "pruning.schedule.rate=.4", "pruning.schedule.levels=3", "pictures=false"]
    given = ["model.hidden=16", "seed=0..1", "tracking=off", "trainer.workers=1", f"hydra.sweep.dir={folder}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.jobs.execution.Pool", InThisProcess)
        patch.setattr(Magnitude, "score", lambda self, candidates: halves(candidates))
        assert start(["-m", *reduced, *fixed, *given]) == 0
    return folder


def test_the_command_trains_what_is_asked_and_nothing_twice(
    sweep: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    monkeypatch.setattr(Magnitude, "score", lambda self, candidates: halves(candidates))
    assert main([str(sweep), "--workers", "1", "--controls", "ticket,bridge,cut"]) == 0
    (folder,) = [path for path in sweep.iterdir() if path.is_dir()]
    first = pd.read_parquet(folder / "controls.parquet")
    assert first["control"].tolist() == ["dense", "ticket", "bridge", "cut"] * 2
    assert first["reproduced"].dropna().tolist() == [True, True]
    assert first["separated"].all()
    trained: list[Control] = []
    original = train

    def watched(work: Controls, send: Any, stopped: Any = lambda: False) -> None:
        trained.extend(one.control for one in work.trainings)
        original(work, send, stopped)

    monkeypatch.setattr("lth.controls.train.train", watched)
    assert main([str(sweep), "--workers", "1", "--controls", f"ticket,{','.join(NEW)}"]) == 0
    assert sorted(trained) == sorted(["before", "within", "random_cut", "swapped"] * 2)
    whole = pd.read_parquet(folder / "controls.parquet")
    assert whole["control"].tolist() == ["dense", "ticket", *NEW] * 2
    again = whole[whole["control"].isin(first["control"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first)
    assert whole["donor"].dropna().tolist() == [1, 0]
    assert capfd.readouterr().err == ""
    table = collect(sweep, "bridge", ["controls"])["controls"]
    assert len(table) == 16
    assert {"status", "changed", "epochs_best", "wins_99", "test_accuracy_circles"} <= set(table)


def test_tables_from_before_there_were_interventions_are_read_and_go_on(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from lth.controls import table
    from lth.record.parquet import frame, pack

    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    monkeypatch.setattr(Magnitude, "score", lambda self, candidates: halves(candidates))
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sweep.iterdir() if path.is_dir()), folder)
    (folder / table.NAME).unlink(missing_ok=True)
    assert main([str(folder), "--workers", "1"]) == 0
    new = frame((folder / table.NAME).read_bytes())
    added = [name for name in new if name in table._ADDED]
    old = new.drop(columns=added)
    old.attrs |= new.attrs
    (folder / table.NAME).write_bytes(pack(old))
    assert len(collect(folder, "bridge", ["controls"])["controls"]) == 10
    rows = table.read(folder, ["moons", "circles"], str(new.attrs["config_hash"]))
    assert len(rows) == 10
    assert all(rows[0][str(name)] is None for name in added)
    assert main([str(folder), "--workers", "1", "--controls", "ticket,bridge"]) == 0
    done = pd.read_parquet(folder / table.NAME)
    assert done["control"].tolist() == ["dense", "ticket", "reinit", "shuffled", "continued", "bridge"] * 2
    assert done.loc[done["control"] == "bridge", "status"].tolist() == ["interconnected"] * 2
    assert capfd.readouterr().err == ""


def test_a_control_that_there_is_not_is_refused_in_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "--controls", "ticket,tunnel"])
    assert stop.value.code == 2
    assert "tunnel: must be one of ticket, reinit" in capfd.readouterr().err.splitlines()[-1]
