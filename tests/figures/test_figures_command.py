"""The command line of the figures: which files it writes, what is in them, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_tables import make
from PIL import Image

from lth.collect.tables import pack
from lth.figures.__main__ import main
from lth.figures.catalogue import EXPERIMENTS, drawings, figures
from lth.figures.save import FORMATS


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables of two experiments."""
    folder = tmp_path_factory.mktemp("tables")
    for experiment in ("extension", "levels"):
        for name, table in make(experiment, seeds=3).items():
            (folder / f"{experiment}.{name}.parquet").write_bytes(pack(table))
    return folder


def test_an_experiment_draws_all_its_figures_in_three_formats(tables: Path, tmp_path: Path, capsys) -> None:
    assert main(["levels", str(tables), "--to", str(tmp_path / "new")]) == 0
    expected = {f"{drawing.name}.{kind}" for drawing in drawings("levels") for kind in FORMATS}
    assert {path.name for path in (tmp_path / "new").iterdir()} == expected
    said = capsys.readouterr()
    assert set(said.out.split()) == {str(tmp_path / "new" / name) for name in expected}
    assert said.err == ""


def test_figures_of_an_unfinished_sweep_are_drawn_and_what_is_missing_is_said(tmp_path: Path, capsys) -> None:
    made = make("levels", seeds=3)
    made["levels"].attrs["excluded"] = ["run0 seed 7: unfinished, levels done: 2", "run1 seed 8: failed (why)"]
    for name, table in made.items():
        (tmp_path / f"levels.{name}.parquet").write_bytes(pack(table))
    assert main(["levels", str(tmp_path), "--to", str(tmp_path / "new"), "--formats", "png"]) == 1
    assert len(list((tmp_path / "new").iterdir())) == len(list(drawings("levels")))
    said = capsys.readouterr().err
    assert said.splitlines()[-1] == "lth.figures: missing: run0 seed 7: unfinished, levels done: 2"
    assert "lth.figures: missing: run1" not in said


def test_a_figure_is_drawn_for_every_experiment_that_has_it(tables: Path, tmp_path: Path) -> None:
    assert main(["outcomes", str(tables), "--to", str(tmp_path), "--formats", "png"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extension-outcomes.png", "levels-outcomes.png"]


def test_all_draws_what_the_experiments_of_the_folder_have(tables: Path, tmp_path: Path) -> None:
    assert main(["all", str(tables), "--to", str(tmp_path), "--formats", "svg"]) == 0
    expected = {f"{drawing.name}.svg" for experiment in ("extension", "levels") for drawing in drawings(experiment)}
    assert {path.name for path in tmp_path.iterdir()} == expected


def test_the_files_hold_the_command_that_made_them_and_no_time(tables: Path, tmp_path: Path) -> None:
    assert main(["loss", str(tables), "--to", str(tmp_path)]) == 0
    command = f"python -m lth.figures extension {tables} --to {tmp_path}"
    with Image.open(tmp_path / "extension-loss.png") as image:
        assert image.info["Description"] == command
        assert image.info["Title"] == "extension-loss"
        assert image.width == pytest.approx(6.9 * 200, abs=1)
    assert command in (tmp_path / "extension-loss.svg").read_text()
    pdf = (tmp_path / "extension-loss.pdf").read_bytes()
    assert command.encode() in pdf
    assert b"CreationDate" not in pdf
    assert b"Date" not in (tmp_path / "extension-loss.svg").read_bytes().replace(b"/dc:date", b"")


def test_the_bytes_are_the_same_in_every_process(tables: Path, tmp_path: Path) -> None:
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        python("-m", "lth.figures", "grid", str(tables), "--to", "figures", cwd=folder, PYTHONHASHSEED=seed)
        made.append({file.name: file.read_bytes() for file in (folder / "figures").iterdir()})
    assert len(made[0]) == len(FORMATS)
    assert made[0] == made[1]


def python(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    """What another process prints."""
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True).stdout


def test_an_unknown_name_lists_the_known_ones_on_one_line(tables: Path, capsys) -> None:
    assert main(["extensoin", str(tables)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert all(name in said.err for name in (*EXPERIMENTS, *figures()))


@pytest.mark.parametrize("name", ["extension", "outcomes", "all"])
def test_a_folder_without_results_is_refused(tmp_path: Path, name: str, capsys) -> None:
    assert main([name, str(tmp_path / "nowhere"), "--to", str(tmp_path)]) == 2
    assert main([name, str(tmp_path), "--to", str(tmp_path / "figures")]) == 2
    assert capsys.readouterr().err.count("\n") == 2
    assert not (tmp_path / "figures").exists()


def test_a_missing_experiment_is_not_made_of_the_others(tables: Path, tmp_path: Path, capsys) -> None:
    assert main(["zombies", str(tables), "--to", str(tmp_path)]) == 2
    assert "no tables and no run folders of zombies" in capsys.readouterr().err


def test_where_nothing_can_be_written_one_line_says_so(tables: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["loss", str(tables), "--to", str(tmp_path / "file"), "--formats", "png"]) == 2
    assert capsys.readouterr().err.startswith("lth.figures: cannot write")


def test_a_table_that_cannot_be_read_is_named_and_the_rest_drawn(tables: Path, tmp_path: Path, capsys) -> None:
    whole = {name: (tables / f"levels.{name}.parquet").read_bytes() for name in ("levels", "null")}
    (tmp_path / "levels.levels.parquet").write_bytes(whole["levels"])
    (tmp_path / "levels.null.parquet").write_bytes(whole["null"][:-100])
    assert main(["levels", str(tmp_path), "--to", str(tmp_path / "figures"), "--formats", "png"]) == 0
    said = capsys.readouterr().err
    assert "levels-null: missing" in said
    assert "cannot be read" in said
    assert len(list((tmp_path / "figures").iterdir())) == len(drawings("levels"))


def test_figures_import_neither_torch_nor_lightning_nor_hydra() -> None:
    names = ["lth.figures.__main__", "lth.figures.reading", *(f"lth.figures.{name}" for name in figures())]
    code = f"import importlib, sys; [importlib.import_module(name) for name in {names}]"
    code += "; print([name for name in ('torch', 'pytorch_lightning', 'hydra', 'wandb') if name in sys.modules])"
    assert python("-c", code).strip() == "[]"
