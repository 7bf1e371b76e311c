"""`python -m lth.measures`: a table in every run folder, and what it says of folders that are not fit."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from lth.command.run import start
from lth.measures.__main__ import main
from lth.results import table as results
from lth.ticket import path_of
from tests.in_this_process import InThisProcess

REDUCED = ("dataset.n_train=100", "dataset.n_val=80", "dataset.n_test=60", "trainer.max_epochs=5", "tracking=off")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same networks pruned in two ways."""
    folder = tmp_path_factory.mktemp("sweep") / "multirun"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.jobs.execution.Pool", InThisProcess)
        given = ["pruning=magnitude,hybrid", "model.hidden=13", "seed=0..2", "trainer.workers=1", "pictures=false"]
        assert start(["-m", *REDUCED, *given, f"hydra.sweep.dir={folder}"]) == 0
    return folder


def read(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "measures.parquet")


def test_every_folder_has_a_row_for_each_seed_and_level(
    sweep: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runs = results.load(sweep)
    assert main([str(sweep), "--csv", str(tmp_path / "all.csv"), "--radii", "0,0.3"]) == 0
    assert capfd.readouterr().err == ""
    pd.testing.assert_frame_equal(results.load(sweep), runs)
    for name, levels in runs.groupby("run"):
        table = read(sweep / str(name))
        keys = ["seed", "level", "keep"]
        assert table[keys].astype(int).to_numpy().tolist() == levels[keys].astype(int).to_numpy().tolist()
        for attack in ("fgsm", "pgd"):
            assert table[f"{attack}_accuracy_0"].to_numpy() == pytest.approx(
                levels["test_accuracy"].to_numpy(), abs=0.02
            )
            assert (table[f"{attack}_accuracy_0.3"] < table[f"{attack}_accuracy_0"] + 1e-9).all()
        assert table["generalisation_gap"].to_numpy() == pytest.approx(
            (table["train_accuracy"].to_numpy() - levels["test_accuracy"].to_numpy()), abs=0.02
        )
        dense, pruned = table[table["level"] == 0], table[table["level"] > 0]
        assert (dense["overlap_seeds"] == 1).all()
        assert (dense["overlap_seeds_chance"] == 1).all()
        assert pruned["overlap_seeds"].between(0, 1, inclusive="neither").all()
        assert dense["barrier_before"].isna().all()
        assert (pruned["barrier_before"] >= 0).all()
        assert table[["barrier_orders", "overlap_other", "overlap_other_chance"]].isna().all(axis=None)
    whole = pd.read_csv(tmp_path / "all.csv", dtype={"run": str})
    assert len(whole) == len(runs)
    assert whole["run"].tolist() == runs["run"].tolist()


def test_masks_of_two_folders_are_compared_at_equal_counts(sweep: Path) -> None:
    one, other = sorted(path for path in sweep.iterdir() if path.is_dir())
    assert main([str(one), "--against", str(one), "--radii", "0.1"]) == 0
    assert (read(one)["overlap_other"] == 1).all()
    assert main([str(one), "--against", str(other), "--radii", "0.1"]) == 0
    table = read(one)
    assert (table.loc[table["level"] == 0, "overlap_other"] == 1).all()
    assert (
        table.loc[table["level"] > 0, "overlap_other"] > table.loc[table["level"] > 0, "overlap_other_chance"]
    ).all()


def test_levels_are_trained_again_when_asked(sweep: Path) -> None:
    one = min(path for path in sweep.iterdir() if path.is_dir())
    assert main([str(one), "--orders", "--radii", "0.1"]) == 0
    assert (read(one)["barrier_orders"] >= 0).all()


def test_what_is_broken_is_named_and_the_rest_is_measured(
    sweep: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(min(path for path in sweep.iterdir() if path.is_dir()), folder)
    broken, gone = path_of(folder, 1, 1), path_of(folder, 2, 0)
    broken.write_bytes(broken.read_bytes()[:-1])
    gone.unlink()
    assert main([str(folder), "--radii", "0.1"]) == 1
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert str(broken) in said[0]
    levels = read(folder).groupby("seed")["level"].apply(list).to_dict()
    assert levels == {0: [0, 1, 2], 1: [0]}


def test_what_cannot_be_is_refused_in_one_line(sweep: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert capfd.readouterr().err == f"lth.measures: {tmp_path / 'nowhere'}: no such folder\n"
    assert main([str(sweep), "--against", str(sweep)]) == 2
    assert "--against takes one" in capfd.readouterr().err
    (tmp_path / "summary.json").write_text(json.dumps({"config": {}, "seeds": {"0": {}}, "config_hash": "x"}))
    assert main([str(tmp_path)]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
    for wrong in ("-1", "far", "nan"):
        with pytest.raises(SystemExit) as stop:
            main([str(sweep), "--radii", wrong])
        assert stop.value.code == 2
