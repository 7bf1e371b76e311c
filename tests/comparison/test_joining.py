"""Tables of a comparison that is there already: joined with others, or of a part of it."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

from lth.comparison import __main__ as comparison
from lth.comparison import rows as table_of
from lth.comparison import sweep
from lth.comparison.problems import PROBLEMS
from tests.comparison.conftest import METHODS, SMALL


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
    own = shlex.join([str(folder), "--methods", ",".join(METHODS), "--reduced", *SMALL])
    assert f"Made by `python -m lth.comparison {own}`." in text, "as anyone would type it, and what trains the runs"


def given(folder: Path, *more: str) -> list[str]:
    return [str(folder), "--reduced", "--methods", ",".join(METHODS), *SMALL, "--only-table", *more]


def changed(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """A table of runs that is none any more."""
    if name == "less":
        return rows[["problem", "command", *table_of.BY]]
    if name == "text":
        return rows.assign(test_accuracy="x")
    if name == "no problem":
        return rows.assign(problem=None)
    return rows.assign(seed=None)


@pytest.mark.parametrize("fault", ["less", "text", "no problem", "no seed"])
def test_a_table_that_lacks_something_is_refused(
    fault: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.parquet"
    changed(pd.read_parquet(folder / "methods-runs.parquet").assign(problem="elsewhere"), fault).to_parquet(path)
    assert comparison.main(given(folder, "--to", str(tmp_path), "--add", str(path))) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"lth.comparison: --add {path}: ")
    assert said.count("\n") == 1
    assert not (tmp_path / "methods.md").exists()


def test_no_run_counts_twice(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder / "methods-runs.parquet"
    assert comparison.main(given(folder, "--to", str(tmp_path), "--add", str(other))) == 2
    assert "8 of its runs are there already, the first is problem moons and circles, 57" in capsys.readouterr().err


def test_a_problem_of_two_comparisons_names_both(folder: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(folder / "methods-runs.parquet")
    rows.assign(seed=rows["seed"] + 2, command="python -m elsewhere").to_parquet(tmp_path / "other.parquet")
    assert comparison.main(given(folder, "--to", str(tmp_path), "--add", str(tmp_path / "other.parquet"))) == 0
    assert re.search(
        r"Made by `python -m lth.comparison .*` and `python -m elsewhere`.", (tmp_path / "methods.md").read_text()
    )


def test_a_table_has_what_was_asked_for_alone(folder: Path, tmp_path: Path) -> None:
    """Whatever else lies in the folder."""
    only = [
        str(folder),
        "--reduced",
        "--seeds",
        "1",
        "--methods",
        "snip",
        *SMALL,
        "--only-table",
        "--to",
        str(tmp_path),
    ]
    assert comparison.main(only) == 0
    rows = pd.read_parquet(tmp_path / "methods-runs.parquet")
    assert (set(rows["method"]), set(rows["seed"])) == ({"snip"}, {1})
    assert rows["dense"].notna().all(), "the dense networks are those of magnitude pruning, as before"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["dataset.n_train=81"], r"dataset.n_train=81: .*moons-and-circles-57/.* was made with dataset.n_train=80"),
        (["nokey.x=1"], "nokey"),
        (["--seeds", "5"], r"no finished run of these methods and seeds at 10 %, 2 % of the weights"),
        (["--data-seeds", "7"], r"no finished run of these methods"),
    ],
)
def test_a_table_of_other_runs_is_refused(
    more: list[str], said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert comparison.main(given(folder, "--to", str(tmp_path), *more)) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search(said, told)


def test_where_runs_were_made_does_not_matter(folder: Path, tmp_path: Path) -> None:
    assert comparison.main(given(folder, "--to", str(tmp_path), "trainer.workers=2")) == 0


def test_a_folder_beside_the_runs_is_no_run_of_a_method(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "all")
    run = next((tmp_path / "all" / sweep.slug(PROBLEMS[0])).glob("*pruning=magnitude"))
    shutil.copytree(run, run.parent / "another")
    assert comparison.main(given(tmp_path / "all")) == 0
    ours, theirs = (pd.read_parquet(where / "methods-runs.parquet") for where in (folder, tmp_path / "all"))
    pd.testing.assert_frame_equal(ours.drop(columns="command"), theirs.drop(columns="command"))
