"""Every way of pruning compared: what the table says is what the runs say, and the order is that of cost."""

from pathlib import Path

import pandas as pd
import pytest

from lth.comparison import __main__ as comparison
from lth.comparison import sweep
from lth.comparison.families import FAMILIES, REST, family
from lth.comparison.problems import DENSITIES, PROBLEMS, Problem
from lth.settings.conf import presets
from tests.comparison.conftest import METHODS, SMALL


def test_a_row_is_what_the_run_left(folder: Path) -> None:
    rows = pd.read_parquet(folder / "methods-runs.parquet")
    assert len(rows) == 2 * 2 * 2  # methods, densities, seeds
    for row in rows.to_dict("records"):
        run = folder / sweep.slug(PROBLEMS[0])
        own = (
            f"pruning.schedule.density={row['asked']},pruning=snip" if row["method"] == "snip" else "pruning=magnitude"
        )
        levels = pd.read_parquet(next(run.glob(f"dataset.seed=0*,{own}/levels.parquet")))
        levels = levels[(levels["seed"] == row["seed"]) & (levels["level"] <= row["level"])]
        last = levels.iloc[-1]
        assert row["test_accuracy"] == last["test_accuracy"]
        assert row["spent_macs"] == last["spent_macs"] > 0
        assert row["prunable"] == last["keep"] == round(3591 * row["asked"])
        assert 0 <= row["robust"] <= 1
        assert row["separated"] == (last["status"] == "separated")
        assert row["ever"] == (levels["status"] == "separated").any()


def test_seeds_of_equal_data_have_the_same_dense_network(folder: Path) -> None:
    rows = pd.read_parquet(folder / "methods-runs.parquet")
    assert (rows.groupby("seed")["dense"].nunique() == 1).all()
    assert rows["dense"].notna().all()


def test_the_page_says_what_was_refused(folder: Path, tmp_path: Path) -> None:
    given = [str(folder), "--reduced", "--methods", "magnitude,residual", *SMALL, "model.depth=2", "--only-table"]
    assert comparison.main([*given, "--to", str(tmp_path)]) == 0
    text = (tmp_path / "methods.md").read_text()
    assert "Not run: residual (pruning.effective=" in text
    assert text.count("\n| ") == 1 + 1


def test_the_page_names_methods_without_a_run(folder: Path, tmp_path: Path) -> None:
    given = [str(folder), "--reduced", "--seeds", "0..1", "--methods", "magnitude,obd", *SMALL, "--only-table"]
    assert comparison.main([*given, "--to", str(tmp_path)]) == 0
    assert "Not run: obd (has no finished run here)." in (tmp_path / "methods.md").read_text()


def test_what_is_there_is_not_run_again(folder: Path) -> None:
    tickets = {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")}
    before = (folder / "methods.md").read_bytes()
    arguments = [str(folder), "--reduced", "--seeds", "0..1", "--methods", ",".join(METHODS), *SMALL, "--only-table"]
    assert comparison.main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")} == tickets
    assert (folder / "methods.md").read_bytes() == before


def test_a_method_that_prunes_neurons_has_a_row_for_each_density(tmp_path: Path) -> None:
    given = [str(tmp_path), "--reduced", "--seeds", "0..1", "--methods", "neuron_norm,magnitude", *SMALL]
    assert comparison.main(given) == 0
    rows = pd.read_parquet(tmp_path / "methods-runs.parquet")
    assert rows.groupby(["method", "asked"]).size().to_dict() == {
        (method, density): 2 for method in ("magnitude", "neuron_norm") for density in (0.1, 0.02)
    }
    assert (rows["prunable"] != (rows["asked"] * 3591).round())[rows["method"] == "neuron_norm"].any()


@pytest.mark.parametrize(
    "problem", [PROBLEMS[2], pytest.param(PROBLEMS[3], marks=pytest.mark.slow)], ids=lambda problem: problem.name
)
def test_every_problem_comes_to_a_table(problem: Problem, tmp_path: Path) -> None:
    name = problem.name
    quick = ("trainer.max_epochs=1", "trainer.workers=1", "dataset.n_train=60", "dataset.n_val=40", "dataset.n_test=40")
    given = [
        "--problems",
        name,
        "--seeds",
        "0",
        "--data-seeds",
        "0",
        "--methods",
        "magnitude",
        "--densities",
        "0.5,0.2",
    ]
    assert comparison.main([str(tmp_path), *given, *quick]) == 0
    rows = pd.read_parquet(tmp_path / "methods-runs.parquet")
    assert rows["problem"].tolist() == [name, name]
    assert rows["robust"].between(0, 1).all()
    assert rows["separated"].isna().all() == rows["ever"].isna().all() == (name == "digits, 100-100")  # one task


def test_every_preset_has_a_family_and_every_problem_takes_most() -> None:
    assert {family(name) for name in presets("pruning")} <= {*FAMILIES, REST}
    assert family("snip_it_during") == "while training"
    assert family("snip") == "before training"
    for problem in PROBLEMS[:1]:
        taken, refused = sweep.fitting(problem, ["magnitude", "random"], DENSITIES[-1])
        assert (taken, refused) == (["magnitude", "random"], {})


def test_a_file_that_is_no_table_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"problem": [1]}).to_parquet(tmp_path / "others.parquet")
    for path in (Path(__file__), tmp_path / "others.parquet", tmp_path / "missing.parquet"):
        assert comparison.main([str(folder), "--methods", "magnitude", "--only-table", "--add", str(path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"lth.comparison: --add {path}: ")
        assert said.count("\n") == 1
