"""Every experiment of conf/experiment: its header and grid, its Makefile target, and its reduced form, trained."""

import re
from pathlib import Path
from urllib.error import URLError

import pandas as pd
import pytest
import torch
import yaml

from lth.collect.__main__ import main as collect
from lth.command.compose import compose
from lth.command.run import start
from lth.results import table as results
from lth.settings.conf import CONF
from tests.in_this_process import InThisProcess
from tests.reduced_experiments import REDUCED, STACKS, VARYING, sweep

NAMES = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
ROOT = CONF.parent
HEADER = ("Question", "Claim", "Command", "Expected", "Cost")
ALIASES = {"null-models": ("null",)}
IMAGES = ("fashion", "lenet", "mnist", "mnist-fashion")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)
    monkeypatch.setattr("lth.record.picture.png_of", lambda *_: b"")


def text_of(name: str) -> str:
    return (CONF / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")


def test_every_experiment_is_tried_reduced() -> None:
    assert set(REDUCED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_header_says_question_claim_command_outcome_and_cost(name: str) -> None:
    first, *lines = text_of(name).splitlines()[:6]
    assert first == "# @package _global_"
    for word, line in zip(HEADER, lines, strict=True):
        assert re.fullmatch(rf"# {word}: \S.{{5,}}", line), line
    assert lines[0].endswith("?")
    assert lines[2].removeprefix("# Command: make ") in (name, *ALIASES.get(name, ()))


def test_every_command_is_a_target_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^\$\(EXPERIMENTS\): %:", makefile, re.MULTILINE)
    assert "EXPERIMENTS := $(sort $(patsubst conf/experiment/%.yaml,%,$(wildcard conf/experiment/*.yaml)))" in makefile
    others = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    assert not set(others) & set(NAMES), "a target of its own would hide the experiment's"
    for name, aliases in ALIASES.items():
        for alias in aliases:
            assert re.search(rf"^{alias}: {name}\b", makefile, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_it_composes_and_its_results_lie_under_its_name(name: str) -> None:
    config = compose([f"experiment={name}"])
    assert config.hydra.sweep.dir == f"multirun/{name}"
    assert set(yaml.safe_load(text_of(name))["hydra"]["sweeper"]) - {"together"} == {"params"}
    assert config.hydra.sweeper.params


@pytest.mark.parametrize("name", [name for name in NAMES if name not in IMAGES])
def test_the_reduced_form_trains(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert sweep(name) == 0
    assert capfd.readouterr().err == ""
    table = results.runs(tmp_path / "multirun" / name)
    assert len(table) == 2 * STACKS.get(name, 1)
    assert set(table["state"]) == {"finished"}
    assert table["levels"].max() > 1
    assert set(table.attrs["keys"]) == VARYING.get(name, set())


def test_tables_and_figures_beside_the_run_folders_disturb_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert sweep("how") == 0
    folder = tmp_path / "multirun" / "how"
    before = results.load(folder)
    assert collect(["how", str(folder), "--to", str(folder / "tables"), "--tables", "levels"]) == 0
    (folder / "figures").mkdir()
    (folder / "figures" / "how-cut.png").write_bytes(b"")
    pd.testing.assert_frame_equal(results.load(folder), before)
    assert results.load(folder).attrs["faults"] == []
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")}
    assert sweep("how", "seed=0..2") == 0
    assert start(["-m", "--resume", str(folder)]) == 0
    assert all(path.stat().st_mtime_ns == time for path, time in written.items())
    assert results.runs(folder)["seed"].tolist() == [0, 1, 2]
    capfd.readouterr()


@pytest.mark.parametrize("name", IMAGES)
def test_the_reduced_form_trains_from_a_cache(name: str, tmp_path: Path, openml_home: Path) -> None:
    assert sweep(name, "dataset.folder=null", f"dataset.data_home={openml_home}") == 0
    table = results.runs(tmp_path / "multirun" / name)
    assert table["state"].tolist() == ["finished"] * 2
    assert table["levels"].tolist() == [3, 3]


@pytest.mark.parametrize("name", IMAGES)
def test_without_data_one_line_says_what_to_fetch(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise URLError("no network here")

    monkeypatch.setattr("sklearn.datasets._openml.urlopen", refuse)
    assert sweep(name, "dataset.folder=null", f"dataset.data_home={tmp_path / 'data'}") == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "fetch_openml" in line
    assert str(tmp_path / "data") in line
    assert not list(tmp_path.rglob("summary.json"))


@pytest.mark.parametrize("name", IMAGES)
def test_without_files_one_line_names_what_fetches_them(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert start(["-m", f"experiment={name}", "tracking=off"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("dataset.folder=data: must hold ")
    assert "`make data`" in line
    assert not list(tmp_path.rglob("summary.json"))
