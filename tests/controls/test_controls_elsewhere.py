"""Controls on another dataset and by another optimiser: what is theirs, and what is refused."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from lth.command.run import start
from lth.controls.__main__ import main
from lth.controls.elsewhere import moved, other_data
from lth.controls.recorded import planned
from lth.jobs.split import job_of
from lth.settings.foreign import named
from tests.controls.controlled import row_of
from tests.in_this_process import InThisProcess
from tests.small_jobs import run, small_job

REDUCED = [
    "model.hidden=[6,6]", "seed=0..1", "pruning/schedule=geometric", "pruning.schedule.target=300",
    "pruning.schedule.levels=1", "trainer.max_epochs=2", "trainer.workers=1", "tracking=off", "pictures=false",
]  # fmt: skip
SMALL = ("dataset.n_train=80", "dataset.n_val=60", "dataset.n_test=60", "pruning.schedule.target=40")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)


def trained(folder: Path, *given: str) -> Path:
    assert start([*REDUCED, *given, f"hydra.run.dir={folder}"]) == 0
    return folder


def test_other_data_are_fashion_for_mnist_under_the_same_names(idx_folder: Path, tmp_path: Path) -> None:
    images = [f"dataset.folder={idx_folder}", "dataset.n_train=100", "dataset.n_val=60", "dataset.n_test=40"]
    folder = trained(tmp_path / "run", "dataset=mnist", *images)
    plan = planned(folder, named([("dataset.folder", str(idx_folder))]))
    other = other_data(plan)
    assert other.tasks == plan.dataset.tasks
    assert other.train.x.shape == plan.dataset.train.x.shape
    assert not np.array_equal(other.train.x, plan.dataset.train.x)
    names = "other-ticket,other-reinit,other-dense"
    assert (
        main([str(folder), "--workers", "1", "--levels", "1", "--controls", names, f"dataset.folder={idx_folder}"]) == 0
    )
    table = pd.read_parquet(folder / "controls.parquet")
    assert table["control"].tolist() == ["dense", *names.split(",")] * 2
    assert table[table["control"] != "dense"]["winning"].isna().all()
    assert (table[table["control"] == "other-dense"]["weights"] > 300).all()
    assert table["test_accuracy_mnist"].notna().all()


@pytest.mark.parametrize(
    ("control", "given", "key"),
    [("other-ticket", [], "dataset.tasks"), ("sgd-ticket", ["optimizer=sgd"], "optimizer._target_")],
)
def test_what_has_no_other_is_refused_in_a_line(
    control: str, given: list[str], key: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path / "run", *SMALL, *given)
    capfd.readouterr()
    assert main([str(folder), "--workers", "1", "--controls", control]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"lth.controls: {key}=")
    assert not (folder / "controls.parquet").exists()


def test_by_sgd_it_is_the_ticket_that_sgd_trains(tmp_path: Path) -> None:
    job = small_job(tmp_path)
    run(job)
    by_sgd = replace(job, optimizer=partial(torch.optim.SGD, lr=0.1, momentum=0.9, fused=True))
    # The data of both jobs are the same, so that the controls on fresh data train on these.
    for control, own, again in (("sgd-ticket", "ticket", "fresh-ticket"), ("sgd-reinit", "reinit", "fresh-reinit")):
        found = row_of(by_sgd, control)
        assert found["val_loss"] != row_of(job, own)["val_loss"]
        assert found["val_loss"] == row_of(by_sgd, again)["val_loss"]
        assert found["winning"] is None
    assert row_of(by_sgd, "sgd-dense")["keep"] == job.keeps[0]


def test_the_optimiser_is_the_preset_s(tmp_path: Path) -> None:
    plan = planned(trained(tmp_path / "run", *SMALL), named([]))
    job = job_of(plan, "cpu")
    value = torch.nn.Parameter(torch.ones(2))
    made = moved(job, plan, "sgd").optimizer([value])
    assert isinstance(made, torch.optim.SGD)
    assert (made.defaults["lr"], made.defaults["momentum"]) == (0.1, 0.9)
    assert moved(job, plan, "own") is job
