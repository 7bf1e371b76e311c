"""Whole runs: in every company, what is recorded, how they fail, stop and go on."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.data.moons import build as n_moons
from lth.method.clock.clock import Segment
from lth.method.criterion.movement import Movement
from lth.method.criterion.random import Random
from lth.method.penalty.l1 import L1
from lth.method.restart.late import Late
from lth.method.restart.onward import Onward
from lth.method.restart.reinit import Reinit
from lth.method.stopping import StoppingRule
from lth.ticket import path_of
from lth.ticket.columns import METRICS, level_columns
from lth.training.messages import Interrupted, LevelDone, Message, SeedFailed
from lth.training.module import StackModule
from lth.training.train import train
from tests.small_jobs import moons_circles, rows, run, small_job, tickets
from tests.training.test_stack_of_seeds import assert_same_bits, check

RESTLESS = partial(torch.optim.Adam, lr=0.05, fused=True)


COMBINATIONS = {
    "five tasks, noise, one epoch": {
        "dataset": n_moons(n=5, n_train=90, n_val=64, n_test=70, noise_inputs=3),
        "stopping": StoppingRule(1, 1),
        "criterion": Random(),
    },
    "seventeen tasks, best, late": {
        "dataset": n_moons(n=17, n_train=99, n_val=70, n_test=31),
        "restore_best": True,
        "restart": Late(step=5),
        "hidden": (40,),
    },
    "biases, layerwise, no rewinding, unfused": {
        "biases": True,
        "bias_init": "uniform",
        "scope": "layerwise",
        "restart": Onward(),
        "criterion": Movement(),
        "optimizer": partial(torch.optim.Adam, lr=0.02),
        "batch_size": 7,
    },
    "nesterov, four layers, odd samples": {
        "hidden": (11, 9, 17, 5),
        "optimizer": partial(torch.optim.SGD, lr=0.05, momentum=0.9, nesterov=True),
        "dataset": moons_circles(n_train=151, n_val=257, n_test=33),
        "batch_size": 77,
    },
    "penalty, decay, reinitialisation": {
        "penalty": L1(strength=1e-3),
        "optimizer": partial(torch.optim.AdamW, lr=0.01, weight_decay=0.2),
        "restart": Reinit(),
        "dataset": moons_circles(n_train=151, n_val=64, n_test=33),
    },
    "batches larger than the data": {"batch_size": 4096, "hidden": (1, 2)},
}


@pytest.mark.parametrize("name", COMBINATIONS)
def test_a_seed_is_the_same_bits_in_every_company(name: str, tmp_path: Path) -> None:
    changes = {"optimizer": RESTLESS, "stopping": StoppingRule(2, 12), "levels": 2, **COMBINATIONS[name]}
    check(partial(small_job, **changes), (5, 2, 11, 0, 7), tmp_path, alone=(11,))


CONTRACT = [
    "seed", "level", "keep", "rate", "density", "epochs", "train_loss", "val_loss", "val_accuracy", "test_loss",
    "test_accuracy", "prunable", "unprunable", "weights", "biases", "active_weights", "inactive_weights",
    "zombie_weights", "pruned_weights", "active_neurons", "inactive_neurons", "zombie_neurons", "active_inputs",
    "active_outputs", "zombie_biases", "audible_zombies", "zombie_bias_mean", "components", "status",
    "partition", "splits_remaining", "cut", "cut_magnitude", "winning", "min_kept_magnitude", "anchor_step",
]  # fmt: skip


def test_rows_have_every_column_of_the_contract(tmp_path: Path) -> None:
    job = small_job(tmp_path, seeds=(0,))
    found = rows(run(job))
    layers = [f"decided_{way}_{layer}" for way in ("out", "in") for layer in (1, 2)]
    per_task = [f"{metric}_{task}" for metric in METRICS for task in ("moons", "circles")]
    for level in range(job.levels + 1):
        row = found[0, level]
        assert set(CONTRACT) | set(per_task) <= set(row)
        assert sum(name.startswith("decided_") for name in row) >= len(layers)
        assert set(row) <= set(level_columns(("moons", "circles"), [row]))
        assert row == tickets(job, 0)[level].row
        counted = ("active_weights", "inactive_weights", "zombie_weights", "pruned_weights")
        assert sum(row[name] for name in counted) == job.keeps[0]
        for metric in METRICS:
            assert row[metric] == pytest.approx((row[f"{metric}_moons"] + row[f"{metric}_circles"]) / 2)


@pytest.mark.parametrize("restore_best", [False, True])
def test_a_row_tells_of_the_epoch_whose_weights_are_kept(restore_best: bool, tmp_path: Path) -> None:
    job = small_job(tmp_path, restore_best=restore_best, optimizer=RESTLESS)
    earlier = 0
    for message in run(job):
        assert isinstance(message, LevelDone)
        curve, row = message.epochs, message.row
        kept = int(curve[:, 1].argmin()) if restore_best else len(curve) - 1
        earlier += kept < len(curve) - 1
        assert (row["train_loss"], row["val_loss"], row["val_accuracy"]) == tuple(curve[kept])
        assert row["epochs"] == len(curve)
    assert (earlier > 0) == restore_best


def test_biases_count_as_prunable_only_when_asked(tmp_path: Path) -> None:
    job = small_job(tmp_path, biases=True, bias_init="normal", levels=4)
    for (seed, level), row in rows(run(job)).items():
        ticket = tickets(job, seed)[level]
        assert ticket.bias_masks is not None
        weights, biases = (sum(int(mask.sum()) for mask in masks) for masks in (ticket.masks, ticket.bias_masks))
        assert (row["weights"], row["biases"], row["unprunable"]) == (weights, biases, 0)
        assert row["keep"] == row["prunable"] == weights + biases == job.keeps[level]
    assert row["biases"] < 34


def poisoned(monkeypatch: pytest.MonkeyPatch, level: int, place: int) -> None:
    """Let one seed's weights overflow as a level starts."""
    original = StackModule.start_segment

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        if next(iter(segments.values())).level == level:
            self.model.weight[place] *= 1e30
        original(self, segments)

    monkeypatch.setattr(StackModule, "start_segment", start_segment)


@pytest.mark.parametrize("restore_best", [False, True])
def test_a_seed_that_fails_later_keeps_what_it_had(
    restore_best: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = small_job(tmp_path / "well", restore_best=restore_best)
    run(well)
    poisoned(monkeypatch, level=2, place=1)
    job = replace(well, folder=tmp_path / "stack")
    said = run(job)
    assert [message for message in said if isinstance(message, SeedFailed)] == [
        SeedFailed(1, 2, 1, "the loss is not finite")
    ]
    assert sorted(rows(said)) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (2, 3)]
    assert path_of(job.folder, 1, 1).exists()
    assert not path_of(job.folder, 1, 2).exists()
    for seed in (0, 2):
        assert_same_bits(well, job, seed)


def test_a_loss_that_is_not_finite_is_never_recorded_as_a_level(tmp_path: Path) -> None:
    """Nor one of training alone, between two epochs that look well."""
    optimizer = partial(torch.optim.SGD, lr=1e4, momentum=0.9, fused=True)
    said = run(small_job(tmp_path, seeds=tuple(range(30)), optimizer=optimizer))
    assert any(isinstance(message, SeedFailed) for message in said)
    done = [message for message in said if isinstance(message, LevelDone)]
    assert done
    assert all(np.isfinite(message.epochs).all() for message in done)


VARIANTS = {
    "reset": {},
    "late": {"restart": Late(step=9)},
    "none": {"restart": Onward()},
    "reinit": {"restart": Reinit()},
    "by lot, biases, best": {"criterion": Random(), "biases": True, "restore_best": True},
    "float64": {"precision": "float64"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_going_on_at_any_level_is_as_if_never_stopped(name: str, tmp_path: Path) -> None:
    whole = small_job(tmp_path / "whole", optimizer=RESTLESS, **VARIANTS[name])
    run(whole)
    cut = replace(whole, folder=tmp_path / "cut")
    run(replace(cut, keeps=cut.keeps[:2]))
    run(replace(cut, first_level=2, seeds=(2,)))
    run(replace(cut, first_level=2, seeds=(1, 0)))
    # The tickets of later levels lie there now: going on from an earlier one must not take the last.
    run(replace(cut, first_level=1, seeds=(0, 2)))
    for seed in whole.seeds:
        assert_same_bits(whole, cut, seed)


def test_stopping_in_the_middle_leaves_whole_levels_to_go_on_from(tmp_path: Path) -> None:
    whole = small_job(tmp_path / "whole")
    run(whole)
    job = replace(whole, folder=tmp_path / "stopped")
    said: list[Message] = []

    def in_level_two() -> bool:
        return sum(isinstance(message, LevelDone) and message.level == 1 for message in said) == len(job.seeds)

    train(job, said.append, in_level_two)
    assert said[-1] == Interrupted(job.seeds)
    assert {level for _, level in rows(said)} == {0, 1}
    run(replace(job, first_level=2))
    for seed in whole.seeds:
        assert_same_bits(whole, job, seed)
