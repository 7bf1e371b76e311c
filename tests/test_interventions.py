"""Interventions in tickets that separate: what they are trained from, and the command that trains them."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from lth.collect.tables import collect
from lth.command.run import start
from lth.controls.__main__ import main
from lth.controls.asked import Controlled, Wanted, asked
from lth.controls.known import KNOWN, Control
from lth.controls.train import train
from lth.controls.work import Controls
from lth.method.clock.clock import Segment
from lth.method.criterion.criterion import Candidates
from lth.method.criterion.magnitude import Magnitude
from lth.method.restart.late import Late
from lth.ticket import path_of
from lth.ticket.course import course
from lth.training.job import Job
from lth.training.module import StackModule
from tests.in_this_process import InThisProcess
from tests.small_jobs import flat, run, small_job, tickets, unpruned

NEW: tuple[Control, ...] = ("before", "bridge", "within", "cut", "random_cut", "swapped")
KEEPS = (352, 180, 127)
LEVEL = 2  # where the weights between the halves are gone: 176 of 352 are within


def halves(candidates: Candidates) -> Tensor:
    """|weight|, and more for those within one half of the network: the tasks are parted once the others are gone."""
    layout = candidates.whole.layout
    bonus = torch.zeros(1, layout.size)
    for layer in range(layout.depth):
        weight = layout.weight(bonus, layer)[0]
        ends, starts = weight.shape
        weight[: ends // 2, : starts // 2] = weight[ends // 2 :, starts // 2 :] = 100.0
    return candidates.trained.abs() + bonus[:, candidates.whole.index]


@dataclass(frozen=True)
class Halves(Magnitude):
    """Prunes the weights between the halves of the network first."""

    def score(self, candidates: Candidates) -> Tensor:
        return halves(candidates)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """Three seeds that separate at LEVEL, trained."""
    made = small_job(tmp_path_factory.mktemp("halves"), criterion=Halves(), keeps=KEEPS)
    run(made)
    for seed in made.seeds:
        assert [one.row["status"] for one in tickets(made, seed)][:3] == ["interconnected"] * 2 + ["separated"]
    return made


def controls_of(job: Job, *controls: Control) -> Controls:
    found = asked(job.folder, job.seeds, job.levels, job.config_hash, job.expected, Wanted(controls))
    assert not found.faults
    return Controls(replace(job, seeds=tuple(one.seed for one in found.trainings)), found.trainings)


def controlled(job: Job, *controls: Control) -> dict[tuple[int, str], Controlled]:
    said: list[object] = []
    train(controls_of(job, *controls), said.append)
    return {(one.training.seed, one.training.control): one for one in said if isinstance(one, Controlled)}


def row_of(found: dict[tuple[int, str], Controlled], seed: int, control: str) -> dict[str, Any]:
    row = found[seed, control].row
    assert row is not None
    return dict(row)


def test_each_stands_at_its_level_and_says_what_its_mask_is(job: Job) -> None:
    found = controlled(job, "ticket", *NEW)
    assert set(found) == {(seed, control) for seed in job.seeds for control in ("ticket", *NEW)}
    for seed in job.seeds:
        before, ticket = tickets(job, seed)[LEVEL - 1 : LEVEL + 1]
        rows = {control: row_of(found, seed, control) for control in ("ticket", *NEW)}
        assert {name: row["level"] for name, row in rows.items()} == {
            name: LEVEL - (name in ("before", "cut", "random_cut")) for name in rows
        }
        cut = before.structure.cut
        assert cut is not None
        weights = {"bridge": 128, "within": 128, "cut": 180 - cut, "random_cut": 180 - cut, "before": 180}
        assert {name: rows[name]["weights"] for name in weights} == weights
        assert [rows[name]["status"] for name in ("bridge", "within", "cut", "random_cut", "before", "swapped")] == [
            "interconnected", "separated", "separated", "interconnected", "interconnected", "separated",
        ]  # fmt: skip
        assert [rows[name]["cut"] for name in ("bridge", "within", "cut")] == [1, 0, 0]
        assert [rows[name]["changed"] for name in ("ticket", "before", "bridge", "within", "cut", "random_cut")] == [
            0, 0, 1, 1, cut, cut,
        ]  # fmt: skip
        donor = found[seed, "swapped"].training.donor
        assert donor == (seed + 1) % 3 == rows["swapped"]["donor"]
        other = tickets(job, (seed + 1) % 3)[LEVEL]
        assert rows["swapped"]["changed"] == int((unpruned(other) != unpruned(ticket)).sum())


def test_an_unchanged_ticket_gives_every_bit_of_its_level_again(job: Job) -> None:
    found = controlled(job, "ticket", "before", "bridge")
    for seed in job.seeds:
        assert found[seed, "ticket"].reproduced is True
        assert found[seed, "before"].reproduced is True
        assert found[seed, "bridge"].reproduced is None
        for control, level in (("ticket", LEVEL), ("before", LEVEL - 1)):
            recorded = tickets(job, seed)[level]
            expected = course(recorded.epochs, tickets(job, seed)[0].row["val_accuracy"])
            assert row_of(found, seed, control).items() >= expected.items()


@pytest.mark.parametrize("variant", [{}, {"restart": Late(5), "biases": True, "bias_init": "normal"}])
def test_they_start_from_the_rewound_values_under_their_masks(
    variant: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(tmp_path, criterion=Halves(), **variant)
    run(job)
    starts: list[tuple[Tensor, Tensor]] = []

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        starts.extend(zip(self.model.weight.clone(), self.model.mask.clone(), strict=True))
        original(self, segments)

    original = StackModule.start_segment
    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    work = controls_of(job, *NEW)
    train(work, lambda _: None)
    assert len(starts) == len(work.trainings) > 0
    for training, (values, mask) in zip(work.trainings, starts, strict=True):
        own = tickets(job, training.seed)[training.level]
        assert np.array_equal(values.numpy(), flat(own.anchors, own.anchor_biases) * mask.numpy())
        if training.control == "swapped":
            assert training.donor is not None
            assert np.array_equal(mask.numpy(), unpruned(tickets(job, training.donor)[training.level]))


def test_seeds_that_never_separate_have_none_and_the_first_level_none_before_it(tmp_path: Path) -> None:
    plain = small_job(tmp_path / "plain")
    run(plain)
    assert {one.control for one in controls_of(plain, *KNOWN).trainings} == set(KNOWN) - set(NEW)
    early = small_job(tmp_path / "early", levels=1, keeps=(352, 127), criterion=Halves())
    run(early)
    assert {one.control for one in controls_of(early, *NEW).trainings} == {"bridge", "within", "swapped"}


def test_a_mask_comes_from_a_separated_ticket_if_there_is_one(job: Job, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(job.folder, folder)
    from lth.ticket import load, save

    path = path_of(folder, 1, LEVEL)
    ticket = load(path)
    save(path, replace(ticket, row={**ticket.row, "status": "interconnected"}))
    copied = replace(job, folder=folder)
    donors = {one.seed: one.donor for one in controls_of(copied, "swapped").trainings}
    assert donors == {0: 2, 2: 0}  # seed 1 never separates, as its last row says now
    path.unlink()
    donors = asked(folder, (0, 1), job.levels, job.config_hash, job.expected, Wanted(["swapped"]))
    assert donors.trainings == ()
    assert len(donors.faults) == 1


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of two seeds that separate."""
    folder = tmp_path_factory.mktemp("sweep") / "multirun"
    reduced = ["dataset.n_train=100", "dataset.n_val=100", "dataset.n_test=100", "trainer.max_epochs=4"]
    fixed = ["pruning/schedule=geometric", "pruning.schedule.rate=.4", "pruning.schedule.levels=3", "pictures=false"]
    given = ["model.hidden=16", "seed=0..1", "tracking=off", "trainer.workers=1", f"hydra.sweep.dir={folder}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.jobs.execute.Pool", InThisProcess)
        patch.setattr(Magnitude, "score", lambda self, candidates: halves(candidates))
        assert start(["-m", *reduced, *fixed, *given]) == 0
    return folder


def test_the_command_trains_what_is_asked_and_nothing_twice(
    sweep: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    monkeypatch.setattr(Magnitude, "score", lambda self, candidates: halves(candidates))
    assert main([str(sweep), "--workers", "1", "--controls", "ticket,bridge,cut"]) == 0
    (folder,) = [path for path in sweep.iterdir() if path.is_dir()]
    first = pd.read_parquet(folder / "controls.parquet")
    assert first["control"].tolist() == ["dense", "ticket", "bridge", "cut"] * 2
    assert first["reproduced"].dropna().tolist() == [True, True]
    assert first["separated"].all()
    trained: list[Control] = []
    original = train

    def watched(work: Controls, send: Any, stopped: Any = lambda: False) -> None:
        trained.extend(one.control for one in work.trainings)
        original(work, send, stopped)

    monkeypatch.setattr("lth.controls.train.train", watched)
    assert main([str(sweep), "--workers", "1", "--controls", f"ticket,{','.join(NEW)}"]) == 0
    assert sorted(trained) == sorted(["before", "within", "random_cut", "swapped"] * 2)
    whole = pd.read_parquet(folder / "controls.parquet")
    assert whole["control"].tolist() == ["dense", "ticket", *NEW] * 2
    again = whole[whole["control"].isin(first["control"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first)
    assert whole["donor"].dropna().tolist() == [1, 0]
    assert capfd.readouterr().err == ""
    table = collect(sweep, "bridge", ["controls"])["controls"]
    assert len(table) == 16
    assert {"status", "changed", "epochs_best", "wins_99", "test_accuracy_circles"} <= set(table)


def test_tables_from_before_there_were_interventions_are_read_and_go_on(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from lth.controls import table
    from lth.record.parquet import frame, pack

    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    monkeypatch.setattr(Magnitude, "score", lambda self, candidates: halves(candidates))
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sweep.iterdir() if path.is_dir()), folder)
    (folder / table.NAME).unlink(missing_ok=True)
    assert main([str(folder), "--workers", "1"]) == 0
    new = frame((folder / table.NAME).read_bytes())
    added = [name for name in new if name in table._ADDED]
    old = new.drop(columns=added)
    old.attrs |= new.attrs
    (folder / table.NAME).write_bytes(pack(old))
    assert len(collect(folder, "bridge", ["controls"])["controls"]) == 10
    rows = table.read(folder, ["moons", "circles"], str(new.attrs["config_hash"]))
    assert len(rows) == 10
    assert all(rows[0][str(name)] is None for name in added)
    assert main([str(folder), "--workers", "1", "--controls", "ticket,bridge"]) == 0
    done = pd.read_parquet(folder / table.NAME)
    assert done["control"].tolist() == ["dense", "ticket", "reinit", "shuffled", "continued", "bridge"] * 2
    assert done.loc[done["control"] == "bridge", "status"].tolist() == ["interconnected"] * 2
    assert capfd.readouterr().err == ""


def test_a_control_that_there_is_not_is_refused_in_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "--controls", "ticket,tunnel"])
    assert stop.value.code == 2
    assert "tunnel: must be one of ticket, reinit" in capfd.readouterr().err.splitlines()[-1]
