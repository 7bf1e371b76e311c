"""Every way of pruning compared: what the table says is what the runs say, and the order is that of cost."""

import shlex
from pathlib import Path

import pandas as pd
import pytest

from lth.comparison import __main__ as comparison
from lth.comparison import sweep, table
from lth.comparison.families import FAMILIES, REST, family
from lth.comparison.page import page
from lth.comparison.problems import DENSITIES, PROBLEMS, Problem, named
from lth.settings.conf import presets

SMALL = ("dataset.n_train=80", "dataset.n_val=80", "dataset.n_test=60", "trainer.max_epochs=2", "trainer.workers=1")
METHODS = ("magnitude", "snip", "nonsense")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reduced comparison of two methods, and one that there is not."""
    where = tmp_path_factory.mktemp("comparison")
    arguments = [str(where), "--reduced", "--seeds", "0..1", "--methods", ",".join(METHODS), *SMALL]
    assert comparison.main(arguments) == 0
    return where


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


def test_the_page_says_what_was_refused(folder: Path) -> None:
    text = (folder / "methods.md").read_text()
    assert "nonsense (pruning=nonsense: must be one of" in text
    assert "no finished run" not in text
    assert text.count("\n| ") == 1 + 2


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


def test_a_problem_of_one_task_has_no_share_that_separates() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": "snip", "asked": 0.1, "data_seed": [0, 0, 1], "test_accuracy": [0.8, 0.9, 1.0],
        "kept": 0.1, "dense": 1.0, "active_share": 0.5, "robust": 0.4, "spent_epochs": 3, "spent_macs": 10,
        "inference_macs": 1, "separated": pd.NA, "ever": pd.NA,
    })  # fmt: skip
    summary = table.summarised(rows)
    assert summary[["separated", "separated_low", "ever_high"]].isna().all(axis=None)
    assert "| - | 0.50 |" in page(summary, {}, {"p": "python"})


def lines(**columns: list) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.assign(problem="p", test_accuracy=frame["difference"] + 0.9)


def test_the_ranking_is_by_cost_at_the_fewest_weights_that_are_as_accurate() -> None:
    found = table.ranked(
        lines(
            method=["a", "a", "b", "b", "c", "c"],
            kept=[0.2, 0.1, 0.2, 0.1, 0.2, 0.1],
            difference=[0.0, -0.005, 0.01, -0.3, -0.2, -0.4],
            spent_macs=[5.0, 9.0, 7.0, 1.0, 1.0, 1.0],
        )
    )
    assert found["method"].tolist() == ["b", "a", "c"]
    assert found["kept"].tolist() == [0.2, 0.1, 0.2]
    assert found["able"].tolist() == [True, True, False]


def test_intervals_are_those_of_the_runs() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": "snip", "asked": 0.1, "data_seed": 0, "test_accuracy": [0.8, 0.9, 1.0],
        "kept": 0.1, "dense": 1.0, "active_share": 0.5, "robust": 0.4,
        "spent_epochs": 3, "spent_macs": 10, "inference_macs": 1, "separated": [True, False, True],
        "ever": True,
    })  # fmt: skip
    (line,) = table.summarised(rows).to_dict("records")
    assert line["test_accuracy"] == pytest.approx(0.9)
    assert 0.8 <= line["test_accuracy_low"] < 0.9 < line["test_accuracy_high"] <= 1
    assert (line["separated_low"], line["separated_high"]) == pytest.approx((0.2077, 0.9385), abs=1e-4)  # Wilson's
    assert line["difference"] == pytest.approx(-0.1)
    assert (line["separated"], line["n"]) == (pytest.approx(2 / 3), 3)


def test_runs_of_equal_data_count_as_one_draw() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": "snip", "asked": 0.1, "data_seed": [0] * 10 + [1] * 10 + [2] * 10,
        "test_accuracy": [0.8] * 10 + [0.9] * 10 + [1.0] * 10, "kept": 0.1, "dense": 1.0, "active_share": 0.5,
        "robust": 0.4, "spent_epochs": 3, "spent_macs": 10, "inference_macs": 1, "ever": True,
        "separated": [True] * 10 + [False] * 20,
    })  # fmt: skip
    (line,) = table.summarised(rows).to_dict("records")
    assert line["test_accuracy_low"] == pytest.approx(0.8)
    assert line["test_accuracy_high"] == pytest.approx(1)
    assert line["separated_low"] < 0.05
    assert line["separated_high"] > 0.95


def test_every_preset_has_a_family_and_every_problem_takes_most() -> None:
    assert {family(name) for name in presets("pruning")} <= {*FAMILIES, REST}
    assert family("snip_it_during") == "while training"
    assert family("snip") == "before training"
    for problem in PROBLEMS[:1]:
        taken, refused = sweep.fitting(problem, ["magnitude", "random"], DENSITIES[-1])
        assert (taken, refused) == (["magnitude", "random"], {})


def test_a_problem_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert comparison.main(["x", "--problems", "cars"]) == 2
    assert capsys.readouterr().err.startswith("lth.comparison: no problem cars; there are: moons and circles, 57;")
    assert [problem.name for problem in named(["digits, "])] == ["digits, 100-100"]


def test_the_runs_of_another_comparison_join_the_table(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    rows = pd.read_parquet(folder / "methods-runs.parquet")
    rows.assign(problem="elsewhere", command="python -m elsewhere").to_parquet(other)
    given = [str(folder), "--reduced", "--seeds", "0..1", "--methods", ",".join(METHODS), *SMALL, "--only-table"]
    assert comparison.main([*given, "--to", str(tmp_path), "--add", str(other)]) == 0
    found = pd.read_parquet(tmp_path / "methods-runs.parquet")
    assert found["problem"].value_counts().to_dict() == {PROBLEMS[0].name: len(rows), "elsewhere": len(rows)}
    text = (tmp_path / "methods.md").read_text()
    assert "## elsewhere\n\nMade by `python -m elsewhere`." in text
    assert f"Made by `python -m lth.comparison {shlex.join(given[:-1])}`." in text


def test_a_file_that_is_no_table_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"problem": [1]}).to_parquet(tmp_path / "others.parquet")
    for path in (Path(__file__), tmp_path / "others.parquet", tmp_path / "missing.parquet"):
        assert comparison.main([str(folder), "--methods", "magnitude", "--only-table", "--add", str(path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"lth.comparison: --add {path}: ")
        assert said.count("\n") == 1
