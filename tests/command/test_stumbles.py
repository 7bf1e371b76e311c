"""Where people stumble: each is a line that says what to type instead, soon, and nothing is written."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from lth.collect.__main__ import main as collect
from lth.command.run import start
from lth.results.command import main as results
from lth.settings.differences import differing
from lth.tracking.login import main as login
from tests.synthetic_run import header, record_run

SOON = 2.0  # seconds of processor time
STUMBLES = {
    "pruning.rewind=none": ("pruning.rewind=none: ", "pruning/rewind=none"),
    "pruning.criterion=magic": ("pruning.criterion=magic: ", "pruning/criterion=NAME", "movement"),
    "model.hidden=60": ("model.hidden=60: ", "8, 10, 13", "57, 70", "depth 2", "pruning/schedule=geometric"),
    "model.hidden=60 model.depth=3": ("model.hidden=60: ", "8, 10, 12", "52, 63", "depth 3", "target=176"),
    "model.hidden=9 dataset=digits": ("model.hidden=9: ", "8, 11, 16", "64 inputs and 10 outputs", "target=656"),
    "model.hidden = 8": ("model.hidden=8: ", "without spaces"),
    "model.hidden =8": ("model.hidden=8: ", "without spaces"),
    "model.hidden= 8": ("model.hidden=8: ", "without spaces"),
    "-m model.hidden=8, 10": ("model.hidden=8,10: ", "without spaces"),
    "seed = 3": ("seed=3: ", "without spaces"),
    "seed=0,0,1": ("seed=0,0,1: ", "a duplicate: 0"),
    "--seed 3": ("--seed=3: ", "seed=3, without dashes"),
    "--seed=3": ("--seed=3: ", "seed=3, without dashes"),
    "--multrun seed=3": ("flag=--multrun: ", "--multirun"),
    "-m experiment=extension hydra.sweeper.max_rung=26": ("max_rung=26: ", "1310", "must be at most 25"),
    "-m experiment=extension hydra.sweeper.max_rung=999999999": ("max_rung=999999999: ", "must be at most 25"),
    "lr=3": ("lr=3: unknown key; ", "optimizer.lr?"),
    "trainer/patience=3": ("trainer/patience=3: unknown key; ", "trainer.patience?"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.command.run.train", lambda _: pytest.fail("something was trained"))
    monkeypatch.setattr("lth.jobs.execute.execute", lambda *_: pytest.fail("something was trained"))


@pytest.mark.parametrize("given", STUMBLES)
def test_one_line_says_what_to_type(given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(given.split()) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1), said
    for part in STUMBLES[given]:
        assert part in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", ["pruning/schedule=geometric pruning.schedule.rate=0.32 pruning.schedule.target=112"])
def test_what_is_offered_for_any_size_is_accepted(given: str) -> None:
    assert start(["model.hidden=60", "--dry-run", *given.split()]) == 0


@pytest.mark.parametrize("given", ["pruning.step=null", "pruning.schedule={rate:0.5}", "pruning.rewind={step:0}"])
def test_groups_that_are_given_as_values_are_no_stumble(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    start([given, "--dry-run"])
    assert "chooses a file" not in capsys.readouterr().err


@pytest.mark.parametrize("sizes", ["8,..,13", "8", "8,10"])
def test_a_highest_rung_that_leaves_out_nothing_of_a_ladder_alone_is_a_mistake(sizes: str) -> None:
    assert start(["-m", f"model.hidden={sizes}", "hydra.sweeper.max_rung=2", "--dry-run"]) == 0
    above = start(["-m", f"model.hidden={sizes}", "hydra.sweeper.max_rung=3", "--dry-run"])
    assert above == (2 if ".." in sizes else 0)


@pytest.mark.parametrize("given", ["trainer.accelerator=gpu", "model.hidden=60", "pruning.rewind=none", "--seed 3"])
def test_a_refusal_is_soon(given: str, tmp_path: Path) -> None:
    """In a process of its own: torch alone takes a second to import."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "lth.run", *given.split()]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SOON


def test_a_folder_of_another_configuration_says_which_keys_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    small = ["dataset.n_train=50", "trainer.max_epochs=1", "tracking=off", "pictures=false", "hydra.run.dir=F"]
    assert start([*small, "model.hidden=8"]) == 0
    capsys.readouterr()
    assert start([*small, "model.hidden=10", "optimizer.lr=0.5"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("hydra.run.dir=F: holds the runs of another configuration (")
    assert "model.hidden was [8,8], is [10,10]; optimizer.lr was 0.001, is 0.5" in said
    assert start([*small, "model.hidden=8", "+optimizer.eps=1e-3"]) == 2
    assert "optimizer.eps was not there, is 0.001" in capsys.readouterr().err
    assert start([*small, "model.hidden=8", "+optimizer.eps=1e-8", "--dry-run"]) == 0, "which is its default"


def test_differences_are_those_that_matter() -> None:
    before = {"model": {"hidden": 8, "depth": 2}, "trainer": {"workers": 1, "patience": 3}, "seed": [0], "lr": 1}
    now = {"model": {"hidden": [8, 8], "depth": 2}, "trainer": {"workers": 2, "patience": 4}, "seed": [1], "lr": 1.0}
    assert differing(before, now) == ["trainer.patience was 3, is 4"]
    assert differing(before, {**now, "new": 1}, both=True) == ["trainer.patience was 3, is 4"]


def test_the_runs_of_another_experiment_are_not_collected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record_run(tmp_path / "runs" / "0", header())
    said = tmp_path / "runs" / "0" / ".hydra" / "overrides.yaml"
    said.parent.mkdir(exist_ok=True)
    said.write_text("- model.hidden=8\n- experiment=lottery\n")
    assert collect(["how", "runs", "--to", "tables"]) == 2
    assert capsys.readouterr().err == "lth.collect: runs/0: was started as experiment=lottery, not how\n"
    assert not (tmp_path / "tables").exists()
    assert collect(["lottery", "runs", "--to", "tables", "--tables", "levels"]) == 0


def test_a_table_into_no_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record_run(tmp_path / "runs" / "0", header())
    assert results(["runs", "--csv", "missing/table.csv"]) == 2
    assert capsys.readouterr().err == (
        "lth.results: missing/table.csv: cannot be written, for there is no folder missing\n"
    )


def test_sending_without_a_login_says_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("WANDB_API_KEY", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert login() == 2
    assert capsys.readouterr().err == (
        "nobody is logged in to W&B: needs WANDB_API_KEY or `wandb login`; nothing was sent\n"
    )
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    assert login() == 0
