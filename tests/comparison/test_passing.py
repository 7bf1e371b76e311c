"""Methods that tell all densities by one run: each level is what a run that ends there comes to, bit for bit."""

from dataclasses import replace
from pathlib import Path

import pytest

from lth.command.compose import compose
from lth.comparison.passing import passes
from lth.jobs.plan import Plan, prepare
from lth.jobs.split import job_of
from lth.settings.conf import presets
from tests.small_jobs import run
from tests.training.test_stack_of_seeds import assert_same_bits

SMALL = (
    "model.hidden=13", "seed=0..1", "dataset.n_train=120", "dataset.n_val=80", "dataset.n_test=60", "tracking=off",
    "trainer.max_epochs=4", "trainer.patience=4", "pruning/schedule=densities", "pruning.schedule.rate=0.7",
    "pruning.schedule.densities=[0.5,0.2,0.1]",
)  # fmt: skip
DENSITIES = (0.5, 0.2, 0.1)
FOR_EACH = {
    "bayes_continuous", "bimt", "early_bird", "every_epoch", "every_epoch_change", "every_epoch_movement", "flipout",
    "grasp", "l0_open", "l1", "sign_flip", "snap_it", "snip", "snip_it", "snip_it_during", "soft_weight_sharing",
    "sparse_vd_open", "synflow", "targeted_dropout",
}  # fmt: skip


QUICK = {"magnitude", "obd", "bayes", "supermask", "neuron_norm", "late", "map_l1", "untrained"}  # one of each kind


def plan(name: str, folder: Path = Path("unused")) -> Plan:
    return prepare(compose([f"pruning={name}", *SMALL]), folder)


def test_methods_whose_way_depends_on_the_goal_run_for_each() -> None:
    found = {name for name in presets("pruning") if not passes(plan(name), DENSITIES)}
    assert found == FOR_EACH


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name in sorted({*presets("pruning")} - FOR_EACH)
    ],
)
def test_a_level_on_the_way_is_what_a_run_that_ends_there_comes_to(name: str, tmp_path: Path) -> None:
    whole = job_of(plan(name, tmp_path / "whole"), "cpu")
    short = replace(whole, folder=tmp_path / "short", keeps=whole.keeps[:-1])
    run(whole)
    run(short)
    for seed in whole.seeds:
        assert_same_bits(replace(whole, keeps=short.keeps), short, seed)
