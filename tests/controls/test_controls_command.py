"""The command of the controls: the tables that it writes, what it trains again and what not, its faults."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lth.command.run import start
from lth.controls.__main__ import main
from lth.controls.elsewhere import fresh_data
from lth.controls.known import USUAL
from lth.controls.recorded import planned
from lth.files import checked_json
from lth.results import table as results
from lth.settings.foreign import named
from lth.ticket import path_of
from tests.in_this_process import InThisProcess


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of two sizes and two seeds."""
    folder = tmp_path_factory.mktemp("sweep") / "multirun"
    reduced = ["dataset.n_train=150", "dataset.n_val=150", "dataset.n_test=100", "trainer.max_epochs=6"]
    given = ["model.hidden=10,13", "seed=0..1", "tracking=off", "trainer.workers=1", f"hydra.sweep.dir={folder}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.jobs.execution.Pool", InThisProcess)
        assert start(["-m", *reduced, *given]) == 0
    return folder


def read(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "controls.parquet")


def test_the_command_writes_a_table_into_every_run_folder(sweep: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runs = results.load(sweep)
    assert main([str(sweep), "--workers", "1"]) == 0
    assert capfd.readouterr().err == ""
    for name, levels in runs.groupby("run"):
        table = read(sweep / str(name))
        assert table["control"].tolist() == ["dense", *USUAL] * 2
        assert table["reproduced"].dropna().tolist() == [True, True]
        for seed, group in levels.groupby("seed"):
            separated = group.loc[group["status"] == "separated", "level"]
            at = int(separated.iloc[0] if len(separated) else group["level"].max())
            own = table[table["seed"] == seed].set_index("control")
            assert own["separated"].tolist() == [bool(len(separated))] * 5
            assert own["level"].tolist() == [0, at, at, at, at]
            for control, level in (("dense", 0), ("ticket", at)):
                recorded = group.set_index("level").loc[level]
                for column in ("epochs", "val_loss", "test_accuracy", "test_accuracy_moons", "val_loss_circles"):
                    assert own.loc[control, column] == recorded[column]
    pd.testing.assert_frame_equal(results.load(sweep), runs)


def test_a_second_call_trains_only_what_is_missing(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sorted(sweep.iterdir()) if path.is_dir()), folder)
    assert main([str(folder), "--workers", "1"]) == 0
    whole, bytes_ = read(folder), (folder / "controls.parquet").read_bytes()

    from lth.controls import table
    from lth.controls.execute import _Stack

    plan = planned(folder, named([]))
    tasks = ["moons", "circles"]
    rows = table.read(folder, tasks, plan.config_hash)
    table.write(folder, rows[:7], tasks, plan.config_hash)
    (part,) = _Stack(plan).parts(1)
    assert [one.control for one in part.trainings] == list(USUAL[1:])
    assert {one.seed for one in part.trainings} == {1}
    assert main([str(folder), "--workers", "1"]) == 0
    pd.testing.assert_frame_equal(read(folder), whole)
    assert (folder / "controls.parquet").read_bytes() == bytes_
    table.write(folder, rows, tasks, "another configuration")
    assert sum(len(part.trainings) for part in _Stack(plan).parts(1)) == 8


def test_faults_are_named_and_the_rest_is_done(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    folder = tmp_path / "multirun"
    shutil.copytree(sweep, folder)
    one, other = sorted(path for path in folder.iterdir() if path.is_dir())
    ticket = path_of(one, 1, 0)
    ticket.write_bytes(ticket.read_bytes()[:-1])
    (one / "controls.parquet").unlink(missing_ok=True)
    (other / "controls.parquet").write_bytes(b"not a table")
    (folder / "third").mkdir()
    (folder / "third" / "summary.json").write_bytes(checked_json.pack({}))
    assert main([str(folder), "--workers", "1"]) == 1
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 3
    assert any("third" in line and "not the summary" in line for line in said)
    assert any("seed 1" in line and str(ticket) in line and "truncated" in line for line in said)
    assert any("controls.parquet" in line and "trained anew" in line for line in said)
    assert read(one)["seed"].unique().tolist() == [0]
    assert len(read(other)) == 10
    assert ticket.exists()  # nothing of the run is moved or renamed


def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert capfd.readouterr().err == f"lth.controls: {tmp_path / 'nowhere'}: no such folder\n"
    (tmp_path / "summary.json").write_text(json.dumps({"config": {}, "seeds": {"0": {}}, "config_hash": "x"}))
    assert main([str(tmp_path)]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "--workers", "0"])
    assert stop.value.code == 2


def test_levels_and_controls_are_those_asked_for(sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sorted(sweep.iterdir(), reverse=True) if path.is_dir()), folder)
    (folder / "controls.parquet").unlink(missing_ok=True)
    assert main([str(folder), "--workers", "1", "--levels", "2,1,40", "--controls", "permuted,reinit"]) == 0
    table = read(folder)
    asked = [(0, "dense"), *((level, control) for control in ("reinit", "permuted") for level in (1, 2))]
    assert list(table[["level", "control"]].itertuples(index=False, name=None)) == asked * 2
    assert table["reproduced"].isna().all()
    levels = results.load(folder).set_index(["seed", "level"])["status"]
    for row in table[table["level"] > 0].itertuples():
        assert row.separated == (levels.loc[row.seed, row.level] == "separated")
    assert main([str(folder), "--workers", "1", "--levels", "1", "--controls", "fresh-ticket"]) == 0
    more = read(folder)
    assert more["control"].tolist() == ["dense", "reinit", "reinit", "permuted", "permuted", "fresh-ticket"] * 2
    kept = more[more["control"] != "fresh-ticket"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, table)


def test_fresh_data_are_drawn_by_another_seed(sweep: Path) -> None:
    plan = planned(next(path for path in sweep.iterdir() if (path / "summary.json").exists()), named([]))
    fresh = fresh_data(plan)
    assert fresh.tasks == plan.dataset.tasks
    assert len(fresh.train) == len(plan.dataset.train)
    assert not np.isin(fresh.train.x, plan.dataset.train.x).any()


@pytest.mark.parametrize("asked", [["--levels", "0"], ["--levels", "1,x"], ["--controls", "dense"], ["--controls", ""]])
def test_levels_and_controls_that_are_none(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["somewhere", *asked])
    assert stop.value.code == 2
    assert "must be " in capsys.readouterr().err.splitlines()[-1]
