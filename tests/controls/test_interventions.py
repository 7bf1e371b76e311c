"""Interventions in tickets that separate: what they are trained from."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor

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
from tests.controls.halved import NEW, halves
from tests.small_jobs import flat, run, small_job, tickets, unpruned

KEEPS = (352, 180, 127)
LEVEL = 2  # where the weights between the halves are gone: 176 of 352 are within


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
