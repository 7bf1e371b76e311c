"""Whatever cannot run: exit code 2, one line with key, value and what is allowed, and nothing trained or written."""

import subprocess
import sys
from pathlib import Path

import pytest

from lth.command.run import start

BAD = {
    "dataset=moon": ("dataset", "moon", "moons_circles"),
    "pruning=magic": ("pruning", "magic", "magnitude"),
    "pruning/criterion=magic": ("pruning/criterion", "magic", "movement"),
    "optimizer=lion": ("optimizer", "lion", "adam"),
    "tracking=neptune": ("tracking", "neptune", "offline"),
    "experiment=nothing": ("experiment", "nothing", ""),
    "model.hiden=8": ("model.hiden", "8", "hidden"),
    "pruning.schedule.rate=1.5": ("pruning.schedule.rate", "1.5", "above 0 and below 1"),
    "pruning.schedule.rate=0": ("pruning.schedule.rate", "0", "above 0 and below 1"),
    "pruning/schedule=geometric pruning.schedule.rate=.3 pruning.schedule.target=0": ("target", "0", "1 or more"),
    "pruning/schedule=geometric pruning.schedule.rate=.3 pruning.schedule.target=9999": ("target", "9999", "3591"),
    "pruning/schedule=geometric": ("pruning.schedule", "", "exactly two"),
    "pruning/schedule=geometric pruning.schedule.rate=.3 pruning.schedule.target=9 pruning.schedule.levels=3": (
        "pruning.schedule", "", "exactly two",
    ),
    "pruning/schedule=geometric pruning.schedule.target=3500 pruning.schedule.levels=500": ("levels", "500", "91"),
    "model.hidden=58": ("model.hidden", "58", "57"),
    "model.hidden=0": ("model.hidden", "0", "1"),
    "model.depth=5": ("model.depth", "5", "1 to 4"),
    "model.init=heroic": ("model.init", "heroic", "kaiming_normal"),
    "seed=0..x": ("seed", "0..x", "inclusive range"),
    "seed=3..1": ("seed", "3..1", "inclusive range"),
    "seed=[1,1]": ("seed", "[1,1]", "different"),
    "seed=-1": ("seed", "-1", "0 or more"),
    "seed=1.5": ("seed", "1.5", "integer"),
    "trainer.batch_size=0": ("trainer.batch_size", "0", "1 or more"),
    "trainer.patience=-1": ("trainer.patience", "-1", "1 or more"),
    "trainer.max_epochs=0": ("trainer.max_epochs", "0", "1 or more"),
    "optimizer.lr=0": ("optimizer.lr", "0", "above 0"),
    "dataset.noise=-.1": ("dataset.noise", "-0.1", "0 or more"),
    "dataset.noise=1e200": ("dataset.noise", "1e+200", "from 0 to 1e+100"),
    "dataset.noise=1e101": ("dataset.noise", "1e+101", "from 0 to 1e+100"),
    "dataset=symbolic_pair dataset.noise=1e200": ("dataset.noise", "1e+200", "from 0 to 1e+100"),
    "dataset.n_train=1": ("dataset.n_train", "1", "2 or more"),
    "dataset=digits_pair dataset.n_train=1": ("dataset.n_train", "1", "2 or more"),
    "dataset.n_train=0": ("dataset.n_train", "0", "1"),
    "pruning=synflow pruning.criterion.rounds=0": ("pruning.criterion.rounds", "0", "1 or more"),
    "pruning=snap_it pruning.biases=false": ("pruning.criterion", "SnapIt", "neurons go with their biases"),
    "pruning=residual model.hidden=[8,8,9]": ("pruning.effective", "Residual", "one width"),
    "pruning=all_alive pruning.scope=layerwise": ("pruning.criterion", "AllAlive", "pruning.scope must be global"),
    "pruning/schedule=by_layer": ("pruning.scope", "global", "must be layerwise with pruning/schedule=by_layer"),
    "pruning/schedule=by_layer pruning.scope=layerwise pruning.schedule.levels=60": (
        "pruning.schedule", "levels=60", "each level must remove some"
    ),
    "pruning/schedule=by_layer pruning.scope=layerwise pruning.schedule.output_rate=1": (
        "pruning.schedule.output_rate", "1", "above 0 and below 1"
    ),
    "pruning=bimt penalty.between=[9,3]": ("penalty.between", "[9,3]", "rise"),
    "pruning=bimt pruning.step.every=0": ("pruning.step.every", "0", "1 or more"),
    "dataset=n_moons dataset.n=1": ("dataset.n", "1", "2"),
    "dataset=digits_pair dataset.n_train=5000": ("dataset", "5000", "1797"),
    "trainer.accelerator=gpu": ("trainer.accelerator", "gpu", "CUDA"),
    "tracking=wandb_online": ("tracking", "wandb_online", "WANDB_API_KEY"),
    "hydra.run.dir=/proc/nothing": ("hydra.run.dir", "/proc/nothing", "written"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("lth.command.run.train", lambda _: pytest.fail("something was trained"))
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize("given", BAD)
def test_one_line_and_exit_2(given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(given.split()) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    for part in BAD[given]:
        assert part in said
    assert not list(tmp_path.iterdir()), "something was written"


def test_every_bad_cell_of_a_grid_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["-m", "model.hidden=8,9,10,12", "seed=0..1"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 2
    assert "model.hidden=9" in lines[0]
    assert "model.hidden=12" in lines[1]
    assert not (tmp_path / "multirun").exists()


def test_of_many_bad_cells_the_first_hundred_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["-m", "pruning.schedule.rate=range(2,202)"]) == 2
    *lines, last = capsys.readouterr().err.strip().splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"pruning.schedule.rate={rate}" for rate in range(2, 102)]
    assert last == "… and the jobs after these were not checked"
    assert start(["-m", "pruning.schedule.rate=range(2,102)"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 100


def test_ladder_end_off_the_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["-m", "model.hidden=8,..,60"]) == 2
    said = capsys.readouterr().err
    assert "60" in said
    assert "57" in said


def test_from_the_shell(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lth.run", "seed=0..1", "pruning.schedule.rate=1.5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "pruning.schedule.rate=1.5: must be above 0 and below 1\n"
